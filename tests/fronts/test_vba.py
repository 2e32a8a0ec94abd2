"""The generated VBA module, line by line, against the registry and what VBA and Excel bear.

Nothing here uses the generator: the module is read as VBA would read it. test_basic.py runs it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from tests.fronts.com import MODULE, ROOT
from xlrotation.errors import CellError
from xlrotation.fronts.excel.vba_menu import ENTRIES
from xlrotation.functions.boundary.registry import FAMILIES, UNITS, functions
from xlrotation.hosts import ERROR_NUMBERS, EXCEL_COM, MARK

LINES = MODULE.split("\r\n")
MAX_LINE, MAX_CONTINUATIONS, MAX_IDENTIFIER, MAX_PROCEDURE, MAX_TEXT = 1023, 24, 255, 65_536, 255
MAX_DESCRIBED = 20
"""Arguments that add-ins may describe to the function wizard."""

KEYWORDS = frozenset(
    """abs addressof and any array as attribute boolean byref byte byval call case cbool ccur cdate cdbl cdec cint
    circle clng clnglng clngptr close const csng cstr currency cvar cverr date debug decimal declare defbool defbyte
    defcur defdate defdbl defint deflng deflnglng deflngptr defobj defsng defstr defvar dim do doevents double each else
    elseif empty end endif enum eqv erase error event exit false fix for friend function get global gosub goto if imp
    implements in input inputb int integer is lbound len lenb let like lineinput lock long longlong longptr loop lset me
    mod new next not nothing null on open option optional or paramarray preserve print private pset public put
    raiseevent redim rem resume return rset scale seek select set sgn shared single spc static step stop string sub tab
    then to true type typeof ubound unlock until variant wend while with withevents write xor""".split()
)
"""Reserved identifiers, and names that only the standard library may have (MS-VBAL 3.3.5.2)."""

HEAD = re.compile(r"(Public|Private) (Function|Sub) (\w+)\((.*)\)(?: As \w+)?")


@dataclass
class Procedure:
    """A function or a sub; its body is statements, joined where they are continued."""

    scope: str
    kind: str
    name: str
    arguments: str
    body: list[str]
    size: int


def statements(lines: list[str]) -> list[str]:
    """Lines joined at ``_``."""
    joined: list[str] = []
    unfinished = ""
    for line in lines:
        unfinished += line.strip() if unfinished else line
        if line.endswith(" _"):
            unfinished = unfinished.removesuffix("_")
        else:
            joined.append(unfinished)
            unfinished = ""
    assert not unfinished
    return joined


def procedures() -> dict[str, Procedure]:
    found: dict[str, Procedure] = {}
    current: Procedure | None = None
    outside: list[str] = []
    for line in statements(LINES):
        head = HEAD.fullmatch(line)
        if head:
            assert current is None, line
            current = Procedure(*head.groups(), [], 0)
            assert current.name.lower() not in {name.lower() for name in found}, line
            found[current.name] = current
        elif current is None:
            outside.append(line)
        elif line == f"End {current.kind}":
            current = None
        else:
            current.body.append(line.strip())
            current.size += len(line) + 2
    assert current is None
    assert [line for line in outside if line and not line.startswith("'")] == [
        'Attribute VB_Name = "xlrotation"',
        "Option Explicit",
        '#Const App = "Microsoft Excel"',
        *[line for line in outside if re.fullmatch(r"Private (Const )?\w+ As \w+( = .+)?", line)],
    ]
    return found


PROCEDURES = procedures()


def test_lines_are_those_of_windows_in_plain_ascii():
    assert "\n" not in MODULE.replace("\r\n", "")
    assert MODULE.isascii()
    assert not [line for line in LINES if "\t" in line or line != line.rstrip()]


def test_no_line_is_too_long_or_continued_too_often():
    run = 0
    for line in LINES:
        assert len(line) <= MAX_LINE, line
        run = run + 1 if line.endswith(" _") else 0
        assert run <= MAX_CONTINUATIONS, line


def test_quotes_and_parentheses_are_closed_in_every_statement():
    for line in statements(LINES):
        if line.lstrip().startswith("'"):
            continue
        bare = re.sub(r'"(?:[^"]|"")*"', "", line)
        assert '"' not in bare, line
        assert bare.count("(") == bare.count(")"), line


def test_blocks_are_closed_in_their_order():
    opening = {
        "End Function": r"(Public |Private )?Function ",
        "End Sub": r"(Public |Private )?Sub ",
        "End If": r"If .* Then$",
        "End Select": r"Select ",
        "End With": r"With ",
        "#End If": r"#If ",
        "Next": r"For ",
        "Loop": r"Do\b",
    }
    stack: list[str] = []
    for line in statements(LINES):
        text = line.strip()
        closes = text if text in opening else text.split(" ")[0]
        if closes in opening:
            assert stack, line
            assert stack.pop() == closes, line
        else:
            stack += [end for end, pattern in opening.items() if re.match(pattern, text)]
    assert stack == []


def test_no_procedure_is_larger_than_vba_compiles():
    assert max(procedure.size for procedure in PROCEDURES.values()) < MAX_PROCEDURE
    assert len(MODULE) < 4 * 1024 * 1024


def test_names_are_no_keywords_and_no_cells():
    declared = [(name, name) for name in PROCEDURES]
    for procedure in PROCEDURES.values():
        declared += [(procedure.name, argument) for argument in argument_names(procedure)]
        for line in procedure.body:
            if found := re.match(r"Dim (\w+)", line):
                declared.append((procedure.name, found[1]))
    for where, name in declared:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name), (where, name)
        assert len(name) <= MAX_IDENTIFIER, (where, name)
        assert name.lower() not in KEYWORDS, (where, name)
    for name in functions():  # such as ROT1 or R1C1 would be an address in a formula
        assert not re.fullmatch(r"[A-Z]{1,3}[0-9]+|R[0-9]*C[0-9]*", name, re.I)


def argument_names(procedure: Procedure) -> list[str]:
    """Names of the arguments as declared."""
    if not procedure.arguments:
        return []
    return [re.sub(r"^(Optional |ByVal |ByRef )*", "", text).split(" ")[0] for text in procedure.arguments.split(", ")]


def test_arguments_do_not_hide_what_the_wrapper_uses():
    used = set("application array cverr decoded decodedcell failed isline thisworkbook wizard xlpy range".split())
    used |= {name.lower() for name in PROCEDURES}
    for name in functions():
        assert used.isdisjoint(map(str.lower, argument_names(PROCEDURES[name]))), name


def test_every_public_function_is_one_of_ours():
    public = [p.name for p in PROCEDURES.values() if p.scope == "Public" and p.kind == "Function"]
    assert public == list(functions())


@pytest.mark.parametrize("name", list(functions()))
def test_each_wrapper_says_this_and_nothing_else(name):
    """Arguments in order, all optional and passed on; errors converted, also where Python is not reached."""
    wrapper, names = PROCEDURES[name], [parameter.name for parameter in functions()[name].parameters]
    assert wrapper.arguments == ", ".join(f"Optional {each}" for each in names)
    given = ", ".join(names)
    assert wrapper.body == [
        "If Wizard() Then Exit Function",
        '#If App = "Microsoft Excel" Then',
        "If TypeOf Application.Caller Is Range Then On Error GoTo failed",
        f'{name} = Decoded(XLPy.CallUDF("udfs", "{name}", Array({given}), ThisWorkbook, Application.Caller))',
        "Exit Function",
        "#Else",
        f'{name} = Decoded(XLPy.CallUDF("udfs", "{name}", Array({given})))',
        "Exit Function",
        "#End If",
        "failed:",
        f"{name} = CVErr({ERROR_NUMBERS[CellError.VALUE]})",
    ]


def texts(statement: str) -> list[str]:
    return [text.replace('""', '"') for text in re.findall(r'"((?:[^"]|"")*)"', statement)]


@pytest.mark.parametrize("name", list(functions()))
def test_each_function_is_described(name):
    spec = functions()[name]
    described = PROCEDURES[f"Describe_{name}"]
    assert (described.scope, described.kind, described.arguments) == ("Private", "Sub", "")
    (statement,) = described.body
    macro, summary, category, *helps = texts(statement)
    assert macro == name
    assert len(helps) == len(spec.parameters) <= MAX_DESCRIBED
    assert category == f"xlrotation {spec.family}: {FAMILIES[spec.family]}"
    assert ("ArgumentDescriptions:=Array(" in statement) == bool(spec.parameters)
    for text, full in zip((summary, *helps), (spec.with_unit, *(p.help for p in spec.parameters)), strict=True):
        assert 0 < len(text) <= MAX_TEXT
        kept = re.findall(r"[A-Za-z0-9]+", full)
        assert re.findall(r"[A-Za-z0-9]+", text) == kept, "no word is lost but what ASCII cannot write"
    arguments = re.sub(r'"(?:[^"]|"")*"', "T", statement)
    expected = "Application.MacroOptions Macro:=T, Description:=T, Category:=T"
    if helps:
        expected += f", ArgumentDescriptions:=Array( {', '.join('T' * len(helps))})"
    assert arguments == expected


def test_describing_names_every_function_once():
    body = PROCEDURES["DescribeFunctions"].body
    assert [line for line in body if line.startswith("Describe_")] == [f"Describe_{name}" for name in functions()]


def test_texts_of_excel_are_short_enough():
    for line in statements(LINES):
        for text in texts(line):
            assert len(text) <= MAX_TEXT


def test_every_error_has_excels_number():
    body = PROCEDURES["DecodedCell"].body
    cases = [line for line in body if line.startswith("Case ")]
    expected = [f'Case "{error.value}": DecodedCell = CVErr({ERROR_NUMBERS[error]})' for error in ERROR_NUMBERS]
    assert cases == [*expected, "Case Else: DecodedCell = CVErr(2015)"]
    assert {EXCEL_COM.error(error)[1:] for error in CellError} == {error.value for error in ERROR_NUMBERS}
    assert f"If Left$(answer, 1) <> ChrW(&H{ord(MARK):X}) Then Exit Function" in body


def test_the_menu_and_the_ribbon_run_what_there_is():
    macros = [macro for _, macro, _ in ENTRIES]
    for macro in macros:
        assert (PROCEDURES[macro].scope, PROCEDURES[macro].kind, PROCEDURES[macro].arguments) == ("Public", "Sub", "")
    entries = [texts(line) for line in PROCEDURES["XlRotationMenu"].body if line.startswith("AddEntry ")]
    assert entries == [list(entry) for entry in ENTRIES]
    cases = [line for line in PROCEDURES["XlRotationRibbon"].body if line.startswith("Case ")]
    assert cases == [f'Case "{macro}": {macro}' for macro in macros]
    ribbon = ElementTree.fromstring((ROOT / "vba" / "customUI14.xml").read_bytes())
    assert ribbon.tag == "{http://schemas.microsoft.com/office/2009/07/customui}customUI"
    buttons = list(ribbon.iter("{http://schemas.microsoft.com/office/2009/07/customui}button"))
    assert [(b.get("label"), b.get("id"), b.get("screentip")) for b in buttons] == [tuple(entry) for entry in ENTRIES]
    assert {button.get("onAction") for button in buttons} == {"XlRotationRibbon"}
    identifiers = [element.get("id") for element in ribbon.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_refresh_knows_every_function():
    joined = "".join(text for line in PROCEDURES["OurFunctions"].body for text in texts(line))
    assert joined == f"|{'|'.join(functions())}|"


def test_argument_help_for_intellisense_is_the_registry():
    """As Excel-DNA IntelliSense reads it: FunctionInfo, Function and Argument with Name and Description."""
    root = ElementTree.fromstring((ROOT / "vba" / "xlrotation.intellisense.xml").read_bytes())
    name = "{http://schemas.excel-dna.net/intellisense/1.0}"
    assert root.tag == f"{name}IntelliSense"
    (information,) = root
    assert information.tag == f"{name}FunctionInfo"
    told = {}
    for function in information:
        assert function.tag == f"{name}Function"
        assert {argument.tag for argument in function} <= {f"{name}Argument"}
        arguments = [(argument.get("Name"), argument.get("Description")) for argument in function]
        told[function.get("Name")] = (function.get("Description"), arguments)
    assert list(told) == list(functions())
    for spec in functions().values():
        description, arguments = told[spec.name]
        assert description.startswith(spec.summary)
        assert (str(UNITS[spec.unit][0]) in description) or spec.unit in ("text", "table")
        assert arguments == [(parameter.name, parameter.help) for parameter in spec.parameters]
