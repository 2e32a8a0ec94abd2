"""The registry: what a worksheet function is, declared once.

A function is declared by :func:`worksheet_function`. Its signature gives the parameters and their types, its
docstring the help; the decorator adds what neither can say. A declaration that is not complete, or that some
spreadsheet program could not compile, fails at import. Everything else (the xlwings module, the VBA wrapper, the
headless evaluator, the help, the reference page) is derived from :func:`functions`.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import keyword
import re
import sys
import textwrap
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xlrotation.entrypoints import PLUGINS
from xlrotation.functions.boundary.cells import Cell, Table
from xlrotation.functions.boundary.declared import Declared
from xlrotation.functions.boundary.kind import Kind
from xlrotation.functions.boundary.kinds import AsOfKind, HereKind
from xlrotation.functions.boundary.many import Answers, Calls
from xlrotation.functions.boundary.parameters import Default
from xlrotation.languages import ENGLISH, Text, known

FAMILIES: dict[str, Text] = {
    "XLR": Text("The library itself"),
    "PX": Text("Prices"),
    "UNI": Text("Universes and their members"),
    "ROT": Text("Sector, size and style rotation"),
    "RS": Text("Relative strength"),
    "DISP": Text("Dispersion and correlation"),
    "VOL": Text("Volatility"),
    "BRD": Text("Breadth and concentration"),
    "VAL": Text("Valuation"),
    "FLOW": Text("Fund flows"),
    "MAC": Text("Macro and credit stress"),
    "EVT": Text("Event studies"),
    "REP": Text("Reports"),
}
"""Prefix of a function's name: title of its family; plug-ins add theirs."""

OURS = frozenset(FAMILIES)
"""Those of the library itself."""

UNITS: Mapping[str, tuple[Text, str]] = {
    "return": (Text("decimal (0.0128 is 1.28 %)"), "0.00%"),
    "share": (Text("decimal share (0 to 1)"), "0.0%"),
    "price": (Text("price"), "#,##0.00"),
    "money": (Text("currency units"), "#,##0"),
    "index": (Text("index points, 100 is neutral"), "0.00"),
    "ratio": (Text("ratio"), "0.0000"),
    "correlation": (Text("-1 to 1"), "0.00"),
    "number": (Text("as the numbers given"), "0.00"),
    "basis points": (Text("basis points"), "0"),
    "percent": (Text("percent, as the numbers given"), "0.00"),
    "count": (Text("whole number"), "0"),
    "date": (Text("date"), "yyyy-mm-dd"),
    "text": (Text("text"), "General"),
    "table": (Text("table"), "General"),
}
"""Unit of a result: its wording and the number format that shows it."""

MAX_HELP = 255
"""A spreadsheet's function wizard cuts longer texts."""

MAX_ARGUMENTS = 254
"""Number of arguments and characters of their names, added up, that the wizard bears."""

_MIXED = "Symbols of several exchanges are compared on the sessions that all of them have."

_RESERVED = (
    frozenset(
        """abs addressof and any array as attribute boolean byref byte byval call case cbool ccur cdate cdbl cdec
    cint circle clng clnglng clngptr close const csng cstr currency cvar cverr date debug decimal declare
    defbool defbyte defcur defdate defdbl defint deflng defobj defsng defstr defvar dim do doevents double each
    else elseif empty end endif enum eqv erase event exit false fix for friend function get global gosub goto if
    imp implements in input inputb int integer is lbound len lenb let like lineinput lock long longlong longptr
    loop lset me mod new next not nothing null on open option optional or paramarray preserve print private pset
    public put raiseevent redim rem resume return rset scale seek select set sgn shared single spc static step
    stop string sub tab then to true type typeof ubound unlock until variant wend while with withevents write
    xor""".split()
    )
    | {word.lower() for word in keyword.kwlist}
    | {"caller"}
)
"""Names that an argument cannot have: VBA's reserved identifiers (MS-VBAL 3.3.5.2), Python's, and xlwings' own."""

_NAME = re.compile(r"[A-Z]{2,4}(_[A-Z0-9]+)+")


class SpecError(TypeError):
    """A declaration that is incomplete or that some spreadsheet program could not use."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a worksheet function."""

    name: str
    kind: Kind
    default: Cell
    text: Text
    required: bool = False

    @property
    def help(self) -> str:
        """What it means, in English."""
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Spec:
    """A worksheet function.

    Attributes:
        name: As typed in a cell.
        family: Prefix of the name.
        summary: What it gives, in a sentence.
        description: Definition, treatment of gaps, errors.
        parameters: In the order of the cell.
        unit: Key of :data:`UNITS`.
        source: Where the definition comes from.
        example: A formula that works on the sample data.
        function: The Python function.
        needs_here: Whether it is handed the session.
        table: Whether it gives a table only, so that nothing spills.
        asof: Place of the parameter that cuts the market, None where there is none.
        steady: Whether the same arguments give the same answer until the data change.
        mixes: Whether symbols of several exchanges may be given.
        many: Gives the answers to many calls at once, and which of them hold; the other calls are made one by one.
    """

    name: str
    family: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    unit: str
    source: str
    example: str
    function: Callable[..., object]
    needs_here: bool
    table: bool
    asof: int | None
    steady: bool
    mixes: bool
    many: Many | None

    @property
    def signature(self) -> str:
        """The call as documented: names, and defaults where they are not blank."""
        parts = [p.name if p.default is None else f"{p.name}={_typed(p.default)}" for p in self.parameters]
        return f"{self.name}({', '.join(parts)})"

    def gives(self, lang: str) -> str:
        """The summary in a language."""
        return Text(self.summary).into(lang)

    @property
    def with_unit(self) -> str:
        """The summary, and the unit of the result where it has one."""
        return self.summary if self.unit in ("text", "table") else f"{self.summary} Unit: {UNITS[self.unit][0]}."

    @property
    def docstring(self) -> str:
        """The help as the docstring of a Python function: what it gives, its arguments, an example."""
        lines = [self.with_unit, ""]
        if self.description:
            lines += [self.description, ""]
        if self.parameters:
            lines += ["Args:", *(f"    {parameter.name}: {parameter.help}" for parameter in self.parameters), ""]
        return "\n".join([*lines, f"Source: {self.source}.", f"In a cell: {self.example}"])


Many = Callable[[Calls], Answers]
"""What answers many calls at once."""

_REGISTRY: dict[str, Spec] = {}
_LISTED: tuple[dict[str, Spec], int, Declared[Spec]] | None = None

for _register in (FAMILIES, _REGISTRY):
    PLUGINS.hold(_register)


def worksheet_function(
    *,
    unit: str,
    example: str,
    source: str = "definition",
    steady: bool = True,
    mixes: bool = False,
    many: Many | None = None,
) -> Callable[[_F], _F]:
    """Declare a worksheet function; the function itself is returned unchanged.

    Args:
        unit: Key of :data:`UNITS`.
        example: A formula that works on the sample data.
        source: Where the definition comes from, where it is not the definition in the description itself.
        steady: Whether the same arguments give the same answer until the data change.
        mixes: Whether symbols of several exchanges may be given; it is computed on the sessions that all of them have.
        many: What answers the calls of a range at once.
    """

    def declare(function: _F) -> _F:
        spec = dataclasses.replace(_specify(function, unit, example, source, steady, mixes), many=many)
        foreign = not str(function.__module__).startswith(_FAMILIES_OF)
        if spec.name in _REGISTRY or (foreign and spec.name in _ours()):
            raise SpecError(f"{spec.name} is declared twice")
        _REGISTRY[spec.name] = spec
        return function

    return declare


_F = typing.TypeVar("_F", bound=Callable[..., object])


def functions() -> Mapping[str, Spec]:
    """Every worksheet function by name: families in the order of :data:`FAMILIES`, within one as its modules have them.

    Names and their order are known at once; the module of a function is loaded when its declaration is asked for. Those
    of plug-ins come last, by their names.
    """
    global _LISTED
    PLUGINS.load()
    if _LISTED is None or _LISTED[0] is not _REGISTRY or _LISTED[1] != len(_REGISTRY):
        others = sorted(_REGISTRY.keys() - _ours().keys())
        listed = Declared({**_ours(), **{name: _REGISTRY[name].function.__module__ for name in others}}, _REGISTRY)
        _LISTED = _REGISTRY, len(_REGISTRY), listed
    return _LISTED[2]


def function_names() -> frozenset[str]:
    """The names of all worksheet functions, those of plug-ins among them."""
    global _NAMES
    listed = functions()
    if _NAMES is None or _NAMES[0] is not listed:
        _NAMES = listed, frozenset(listed)
    return _NAMES[1]


_NAMES: tuple[Mapping[str, Spec], frozenset[str]] | None = None


@functools.cache
def _ours() -> Mapping[str, str]:
    """The modules of our own functions, by the names of these."""
    package = importlib.import_module(_FAMILIES_OF)
    return {name: f"{package.__name__}.{module}" for module, names in package.MODULES.items() for name in names.split()}


_FAMILIES_OF = "xlrotation.functions.families"


def as_dict(spec: Spec) -> dict[str, object]:
    """A function as plain data, for programs."""
    return {
        "name": spec.name,
        "family": spec.family,
        "signature": spec.signature,
        "summary": spec.summary,
        **{lang: spec.gives(lang) for lang in known() if lang != ENGLISH},
        "description": spec.description,
        "unit": str(UNITS[spec.unit][0]),
        "number_format": UNITS[spec.unit][1],
        "source": spec.source,
        "example": spec.example,
        "parameters": [
            {
                "name": parameter.name,
                "takes": parameter.kind.takes,
                "default": parameter.default,
                "required": parameter.required,
                "choices": list(parameter.kind.choices),
                "spills": parameter.kind.spills and not spec.table,
                "help": parameter.help,
            }
            for parameter in spec.parameters
        ],
    }


def _specify(function: Callable[..., object], unit: str, example: str, source: str, steady: bool, mixes: bool) -> Spec:
    name = function.__name__
    summary, description, texts = _read_docstring(name, _docstring(function))
    description = "\n\n".join(filter(None, (description, _MIXED if mixes else "")))
    hints = typing.get_type_hints(function, include_extras=True)
    parameters, needs_here = [], False
    for parameter in inspect.signature(function).parameters.values():
        kind = _kind(name, parameter.name, hints.get(parameter.name))
        if isinstance(kind, HereKind):
            needs_here = True
            continue
        if not isinstance(parameter.default, Default):
            raise SpecError(f"{name}: {parameter.name} needs a default(...)")
        explained = texts.pop(parameter.name, "")
        given = parameter.default
        text = _with_default(Text(explained) if explained else kind.help, given.cell)
        parameters.append(Parameter(parameter.name, kind, given.cell, text, given.required))
    dated = [place for place, parameter in enumerate(parameters) if isinstance(parameter.kind, AsOfKind)]
    if len(dated) > 1:
        raise SpecError(f"{name}: an evaluation has one as-of date")
    asof = dated[0] if dated else None
    spec = Spec(
        *(name, name.split("_")[0], summary, description, tuple(parameters), unit, source, example, function),
        needs_here=needs_here,
        table=hints.get("return") is Table,
        asof=asof,
        steady=steady,
        mixes=mixes,
        many=None,
    )
    _check(spec, texts)
    return spec


def _check(spec: Spec, unused: Mapping[str, str]) -> None:
    if not _NAME.fullmatch(spec.name) or spec.family not in FAMILIES:
        raise SpecError(f"{spec.name}: a name is a family, an underscore and capitals")
    if unused:
        raise SpecError(f"{spec.name}: the docstring explains {', '.join(unused)}, which it does not take")
    if spec.unit not in UNITS:
        raise SpecError(f"{spec.name}: unit {spec.unit!r} is none of {', '.join(UNITS)}")
    if not spec.example.startswith(f"={spec.name}("):
        raise SpecError(f"{spec.name}: needs an example that calls it")
    for text in (spec.with_unit, *(parameter.help for parameter in spec.parameters)):
        if len(text) > MAX_HELP:
            raise SpecError(f"{spec.name}: a help text is longer than {MAX_HELP} characters: {text[:40]}...")
    for parameter in spec.parameters:
        if not parameter.help:
            raise SpecError(f"{spec.name}: {parameter.name} has no help; explain it in the docstring")
        if parameter.name.lower() in _RESERVED or parameter.name.startswith("_"):
            raise SpecError(f"{spec.name}: {parameter.name} is a reserved word in some spreadsheet program")
    if len(spec.parameters) + sum(len(p.name) for p in spec.parameters) > MAX_ARGUMENTS:
        raise SpecError(f"{spec.name}: the names of its arguments are too long for the wizard")


def _kind(name: str, parameter: str, hint: object) -> Kind:
    for item in getattr(hint, "__metadata__", ()):
        if isinstance(item, Kind):
            return item
    raise SpecError(f"{name}: {parameter} has no parameter type")


def _docstring(function: Callable[..., object]) -> str:
    """The docstring, also under ``python -OO``, which drops it: the help is written nowhere else."""
    if function.__doc__ is None and sys.flags.optimize > 1:
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except (OSError, SyntaxError) as error:
            raise SpecError(
                f"{function.__name__}: python -OO drops the help of the functions and their source is not here; use -O"
            ) from error
        return next(ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef))
    return inspect.getdoc(function) or ""


def _read_docstring(name: str, text: str) -> tuple[str, str, dict[str, str]]:
    """Summary, description and help per argument of a Google-style docstring."""
    body, _, arguments = text.partition("\nArgs:\n")
    summary, _, description = body.partition("\n")
    if not summary.endswith("."):
        raise SpecError(f"{name}: the docstring begins with a sentence")
    texts: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", textwrap.dedent(arguments).strip()):
        argument, colon, help_text = entry.partition(":")
        if colon:
            texts[argument.strip()] = " ".join(help_text.split())
    paragraphs = re.split(r"\n\s*\n", description.strip())
    return summary, "\n\n".join(" ".join(part.split()) for part in paragraphs), texts


def _typed(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    return f'"{cell}"' if isinstance(cell, str) else f"{cell:g}" if isinstance(cell, float) else str(cell)


_DEFAULT = Text("{help} Default {value}.")


def _with_default(text: Text, cell: Cell) -> Text:
    if not text.english or cell is None or "default" in text.english.lower():
        return text
    return _DEFAULT.of(help=text, value=_typed(cell))
