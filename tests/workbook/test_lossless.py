"""Refreshing a workbook: nothing but the values of formula cells changes, whatever else the workbook holds."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import re
import signal
import time
import zipfile
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.workbook.books import Array, Dynamic, Fake, make_book
from tests.workbook.parts import first_difference, read_parts, rewritten, without_cells
from xlrotation import jobs
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.export import export_live, export_values
from xlrotation.workbook.output.warnings import warnings_of

SHEET = "xl/worksheets/sheet1.xml"

EXTRAS = {
    "xl/slicers/slicer1.xml": b'<slicers xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"/>',
    "xl/slicerCaches/slicerCache1.xml": b'<slicerCacheDefinition name="Slicer_a"/>',
    "xl/pivotCache/pivotCacheDefinition1.xml": b"<pivotCacheDefinition recordCount='0'/>\r\n",
    "xl/pivotTables/pivotTable1.xml": b'<pivotTableDefinition name="p"/>',
    "xl/model/item.data": bytes(range(256)),
    "xl/threadedComments/threadedComment1.xml": "<ThreadedComments>好</ThreadedComments>".encode("utf-16"),
    "xl/persons/person.xml": b"<personList/>",
    "xl/connections.xml": b"<connections/>",
    "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
    "xl/printerSettings/printerSettings1.bin": b"\x00\xff" * 40,
    "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros",
    "customXml/item1.xml": b"<!-- kept --><a  b = '1'/>",
    "_xmlsignatures/sig1.xml": b"<Signature/>",
    "docProps/custom.xml": b"<Properties/>",
}


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """A workbook with about everything that a rewrite could lose, in unusual spelling where XML allows it."""
    plain = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(str(plain)) as book:
        sheet = book.add_worksheet("It's & data")
        bold = book.add_format({"bold": True, "bg_color": "#FFEE00"})
        sheet.write_rich_string("A1", "plain ", bold, "bold & <b>")
        sheet.write_column("A2", [1, 2.5, 3])
        sheet.write_formula("B2", "=T_ADD(A2,10)", bold)
        sheet.write_formula("B3", "=B2*2")
        sheet.write_formula("B4", '=T_ECHO("<&>")')
        sheet.write_dynamic_array_formula("D1:E2", "=T_TABLE(3,2)", bold)
        sheet.write_array_formula("G1:G3", "{=A2:A4*2}")
        sheet.write_boolean("H1", True)
        sheet.write_comment("A1", "a comment")
        sheet.add_sparkline("I1", {"range": "A2:A4"})
        sheet.conditional_format("A2:A4", {"type": "data_bar", "data_bar_2010": True})
        sheet.conditional_format("A2:A4", {"type": "icon_set", "icon_style": "3_arrows"})
        sheet.data_validation("J1", {"validate": "list", "source": ["a", "b"]})
        sheet.add_table("L1:M3", {"columns": [{"header": "x"}, {"header": "y"}]})
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, 1)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='It''s & data'!$A$2:$A$4"})
        sheet.insert_chart("O1", chart)
        book.define_name("kept", "='It''s & data'!$A$2")

    def respelled(text: str) -> str:
        text = text.replace("?>\n", "?>\r\n", 1).replace('<row r="2"', "<row  r='2'")
        return text.replace("<sheetData>", "<sheetData >\n ").replace(
            '<c r="A3"><v>2.5</v></c>', '<c r="A3"><v>2.50</v></c>\n'
        )

    path = rewritten(plain, tmp_path / "rich.xlsx", {SHEET: respelled})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        for name, data in EXTRAS.items():
            package.writestr(zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6)), data)
    return path


FED = {"B2", "B3", "B4", "D1", "E1", "D2", "E2", "D3", "E3", "G1", "G2", "G3"}


@pytest.mark.parametrize("write", [export_live, export_values])
def test_every_other_byte_stays(rich: Path, tmp_path: Path, write) -> None:
    evaluation = evaluate_workbook(rich, Fake())
    assert not evaluation.problems
    target = write(rich, evaluation, tmp_path / "out.xlsx")
    before, after = read_parts(rich), read_parts(target)
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} <= {SHEET, "xl/workbook.xml"}
    assert not first_difference(without_cells(before[SHEET], FED), without_cells(after[SHEET], FED))
    assert after[SHEET] != before[SHEET]
    workbook = [re.sub(rb"<calcPr[^>]*/>", b"", parts["xl/workbook.xml"]) for parts in (before, after)]
    assert workbook[0] == workbook[1]


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_killed_at_any_moment_the_workbook_is_the_old_or_the_new_one(rich: Path, tmp_path: Path) -> None:
    """A process refreshes a workbook over and over, with two contents in turn, and is killed at random moments."""
    states = []
    for turn in (0, 1):
        (tmp_path / str(turn)).mkdir()
        copy = tmp_path / str(turn) / rich.name
        copy.write_bytes(rich.read_bytes())
        states.append(refresh_in_turns(copy, turn).read_bytes())
    assert states[0] != states[1]
    refresh_in_turns(rich, 0)
    chance = random.Random(7)
    fork = multiprocessing.get_context("fork")
    for attempt in range(40):
        reader, writer = fork.Pipe(duplex=False)
        process = fork.Process(target=refresh_forever, args=(rich, writer))
        process.start()
        writer.close()
        # How far the writer is told by itself, not guessed from a clock; then up to two refreshes' time on.
        begun = time.monotonic()
        for _ in range(1 + attempt % 2):
            assert reader.poll(60), "the writer makes no progress"
            reader.recv()
        took = (time.monotonic() - begun) / (1 + attempt % 2)
        time.sleep(chance.uniform(0.0, 2.0) * took)
        process.kill()
        process.join()
        reader.close()
        assert rich.read_bytes() in states


class InTurns(Fake):
    turn = 0

    def _compute(self, name, arguments):
        return super()._compute(name, [float(self.turn), *arguments] if name == "T_ADD" else arguments)


def refresh_in_turns(path: Path, turn: int) -> Path:
    fake = InTurns()
    fake.turn = turn
    return export_live(path, evaluate_workbook(path, fake), path)


def refresh_forever(path: Path, told: Connection) -> None:
    for turn in itertools.count():
        refresh_in_turns(path, turn % 2)
        told.send(turn)


def test_a_second_refresh_changes_nothing(rich: Path, tmp_path: Path) -> None:
    first = export_live(rich, evaluate_workbook(rich, Fake()), tmp_path / "first.xlsx")
    second = export_live(first, evaluate_workbook(first, Fake()), tmp_path / "second.xlsx")
    assert not first_difference(first.read_bytes(), second.read_bytes())


def test_unchanged_members_keep_their_packed_bytes_and_dates(rich: Path, tmp_path: Path) -> None:
    target = export_live(rich, evaluate_workbook(rich, Fake()), tmp_path / "out.xlsx")
    with zipfile.ZipFile(rich) as before, zipfile.ZipFile(target) as after:
        assert after.testzip() is None
        for old, new in zip(before.infolist(), after.infolist(), strict=True):
            assert (old.filename, old.date_time, old.external_attr) == (new.filename, new.date_time, new.external_attr)
            if old.filename not in (SHEET, "xl/workbook.xml"):
                assert (old.CRC, old.compress_size) == (new.CRC, new.compress_size)


def test_members_with_sizes_behind_them_are_copied(tmp_path: Path) -> None:
    """A zip file written to a pipe holds its sizes behind the data; the copy holds them before."""
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": "=T_ADD(1,2)"}})
    piped = tmp_path / "piped.xlsx"

    class Pipe:
        def __init__(self, file) -> None:
            self.write, self.flush = file.write, file.flush

    with piped.open("wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as package:  # type: ignore[arg-type]
        for name, data in read_parts(path).items():
            package.writestr(name, data)
    with zipfile.ZipFile(piped) as package:
        assert all(info.flag_bits & 8 for info in package.infolist())
    target = export_live(piped, evaluate_workbook(piped, Fake()), tmp_path / "out.xlsx")
    with zipfile.ZipFile(target) as package:
        assert package.testzip() is None
        assert package.read("xl/styles.xml") == read_parts(path)["xl/styles.xml"]
    assert openpyxl.load_workbook(target, data_only=True)["S"]["A1"].value == 3


STRICT: Mapping[bytes, bytes] = {
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/": b"http://purl.oclc.org/ooxml/officeDocument/",
    b"http://schemas.openxmlformats.org/drawingml/2006/": b"http://purl.oclc.org/ooxml/drawingml/",
}


def test_strict_workbooks_with_dates_as_text(tmp_path: Path) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": 7, "B1": "=T_ADD(A1,A2)", "B2": "=YEAR(A2)", "A2": 1}})
    parts = read_parts(path)
    dated = parts[SHEET].replace(b'<c r="A2"><v>1</v></c>', b'<c r="A2" t="d"><v>2026-02-13T12:00:00</v></c>')
    assert dated != parts[SHEET]
    with zipfile.ZipFile(path, "w") as package:
        for name, data in {**parts, SHEET: dated}.items():
            for old, new in STRICT.items():
                data = data.replace(old, new)
            package.writestr(name, data)
    evaluation = evaluate_workbook(path, Fake())
    assert evaluation.values["S"] == {(1, 2): 7 + 46066.5, (2, 2): 2026}
    after = read_parts(export_live(path, evaluation, tmp_path / "out.xlsx"))[SHEET]
    assert b"http://purl.oclc.org/ooxml/spreadsheetml/main" in after
    assert b'<c r="A2" t="d"><v>2026-02-13T12:00:00</v></c>' in after
    assert b"<v>46073.5</v>" in after


def test_names_with_a_prefix(tmp_path: Path) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": 2, "B1": Dynamic("=T_TABLE(2,2)"), "D4": '=A1&"!"'}})

    def prefixed(text: str) -> str:
        return re.sub(r"<(/?)([a-zA-Z])", r"<\1x:\2", text).replace('xmlns="', 'xmlns:x="')

    path = rewritten(path, tmp_path / "prefixed.xlsx", {SHEET: prefixed, "xl/workbook.xml": prefixed})
    for write in (export_live, export_values):
        sheet = openpyxl.load_workbook(
            write(path, evaluate_workbook(path, Fake()), tmp_path / "o.xlsx"), data_only=True
        )["S"]
        assert [[cell.value for cell in row] for row in sheet["B1:C2"]] == [[11, 12], [21, 22]]
        assert sheet["D4"].value == "2!"


@pytest.mark.parametrize("odd", ["<!-- <c r='B1'><f>1</f></c> -->", "<![CDATA[]]>", '<?pi <c r="B1"/> ?>'])
def test_comments_between_cells_are_no_cells(tmp_path: Path, odd: str) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": 2, "C1": "=T_ADD(A1,1)"}})
    path = rewritten(path, tmp_path / "odd.xlsx", {SHEET: lambda text: text.replace('<c r="C1"', odd + '<c r="C1"')})
    target = export_live(path, evaluate_workbook(path, Fake()), tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(target, data_only=True)["S"]["C1"].value == 3


def test_dates_of_both_systems(tmp_path: Path) -> None:
    for date1904, serial in ((False, 46066), (True, 46066 - 1462)):
        path = make_book(tmp_path / f"{date1904}.xlsx", {"S": {"A1": "=T_DATE(2026,2,13)"}}, date1904=date1904)
        target = export_live(path, evaluate_workbook(path, Fake()), tmp_path / "out.xlsx")
        assert f"<v>{serial}</v>".encode() in read_parts(target)[SHEET]


def test_shared_formulas_keep_their_text(tmp_path: Path) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": 1, "A2": 2, "B1": "=T_ADD(A1,1)", "B2": "=0"}})

    def shared(text: str) -> str:
        text = text.replace("<f>T_ADD(A1,1)</f>", '<f t="shared" ref="B1:B2" si="0">T_ADD(A1,1)</f>')
        return text.replace("<f>0</f>", '<f t="shared" si="0"/>')

    path = rewritten(path, tmp_path / "shared.xlsx", {SHEET: shared})
    target = export_live(path, evaluate_workbook(path, Fake()), tmp_path / "out.xlsx")
    text = read_parts(target)[SHEET].decode()
    assert '<f t="shared" ref="B1:B2" si="0">T_ADD(A1,1)</f><v>2</v>' in text
    assert '<f t="shared" si="0"/><v>3</v>' in text


def test_spills_grow_and_shrink_between_neighbours(tmp_path: Path) -> None:
    class Sized(Fake):
        rows = 4

        def _compute(self, name, arguments):
            return super()._compute(name, [self.rows, 2])

    fake = Sized()
    cells = {
        "A1": "left",
        "B1": Dynamic("=T_TABLE(9,9)", "C2"),
        "D1": "right",
        "D3": "low",
        "B6": "below",
        "E2": "=1+1",
    }
    path = make_book(tmp_path / "book.xlsx", {"S": cells})
    for rows in (4, 1, 3, 2, 4):
        fake.rows = rows
        path = export_live(path, evaluate_workbook(path, fake), tmp_path / f"out{rows}.xlsx")
        sheet = openpyxl.load_workbook(path, data_only=True)["S"]
        block = [[cell.value for cell in row] for row in sheet["B1:C5"]]
        assert block == [[r * 10 + 1, r * 10 + 2] if r <= rows else [None, None] for r in range(1, 6)]
        assert [sheet[c].value for c in ("A1", "D1", "D3", "B6", "E2")] == ["left", "right", "low", "below", 2]
        text = read_parts(path)[SHEET].decode()
        assert f'ref="B1:C{rows}"' in text
        numbers = [int(n) for n in re.findall(r'<row r="(\d+)"', text)]
        assert numbers == sorted(numbers)


def test_error_values_truth_values_and_blanks_replace_each_other(tmp_path: Path) -> None:
    class Turning(Fake):
        turn = 0
        results = ("text", 1.5, True, None, "", "text")

        def _compute(self, name, arguments):
            return super()._compute("T_ERROR", []) if self.turn == 6 else self.results[self.turn]

    fake = Turning()
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": "=T_ECHO(1)", "B1": Array("=T_ECHO(1)", "B2")}})
    for turn, expected in enumerate(("text", 1.5, True, (0, None, ""), (None, ""), "text", "#N/A")):
        fake.turn = turn
        path = export_live(path, evaluate_workbook(path, fake), tmp_path / f"out{turn}.xlsx")
        value = openpyxl.load_workbook(path, data_only=True)["S"]["A1"].value
        assert value in expected if isinstance(expected, tuple) else value == expected and type(value) is type(expected)


def test_the_calculation_chain_names_only_cells_with_formulas(tmp_path: Path) -> None:
    path = make_book(tmp_path / "b.xlsx", {"S": {"A1": 1, "B1": "=T_ADD(A1,1)", "C1": Dynamic("=T_TABLE(2,2)")}})
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    chain = f'<calcChain xmlns="{main}"><c r="C1" i="1" a="1"/><c r="B1"/></calcChain>'
    path = rewritten(path, tmp_path / "chained.xlsx", {"xl/calcChain.xml": lambda _: chain})
    parts = read_parts(export_live(path, evaluate_workbook(path, Fake()), tmp_path / "out.xlsx"))
    assert parts["xl/calcChain.xml"].decode() == chain
    with_formula = set(re.findall(r'<c r="(\w+)"[^>]*><f', parts[SHEET].decode()))
    assert set(re.findall(r'<c r="(\w+)"', chain)) == with_formula


@pytest.mark.parametrize("recalculate", [False, True])
@pytest.mark.parametrize(
    "settings", ['<calcPr calcId="124519" fullCalcOnLoad="1"/>', "", '<calcPr calcMode="manual"/>']
)
def test_the_copy_recalculates_on_opening_only_when_asked(tmp_path: Path, settings: str, recalculate: bool) -> None:
    path = make_book(tmp_path / "book.xlsx", {"S": {"A1": "=T_ADD(1,1)"}}, {"n": "=S!$A$1"})
    found = '<calcPr calcId="124519" fullCalcOnLoad="1"/>'
    if settings != found:
        path = rewritten(path, tmp_path / "b.xlsx", {"xl/workbook.xml": lambda text: text.replace(found, settings)})
    target = export_live(path, evaluate_workbook(path, Fake()), tmp_path / "out.xlsx", recalculate)
    text = read_parts(target)["xl/workbook.xml"].decode()
    tag = re.search(r"</definedNames><calcPr[^>]*/>", text)
    assert tag is not None
    assert ('fullCalcOnLoad="1"' in tag[0]) is recalculate
    if not recalculate:  # an engine older than the reader's recalculates on opening, whatever the flag says
        assert 'calcId="191029"' in tag[0]
    assert ('calcMode="manual"' in tag[0]) == ("manual" in settings)
    openpyxl.load_workbook(target).close()


def test_values_leave_no_trace_of_our_functions(tmp_path: Path) -> None:
    plain = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(str(plain)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=T_ADD(1,2)")
        sheet.write_formula("A2", "='[x.xlam]S'!T_ADD(1,2)+1", None, 4)
        style = book.add_format({"bold": True})
        for criteria in ("=T_ADD(A1,1)>1", "=A1>1"):
            sheet.conditional_format("B1:B3", {"type": "formula", "criteria": criteria, "format": style})
        sheet.conditional_format("C1:C3", {"type": "formula", "criteria": "=T_SUM(C1)>1", "format": style})
        sheet.data_validation("D1", {"validate": "custom", "value": "=T_ADD(D1,1)>0"})
        sheet.data_validation("D2", {"validate": "custom", "value": "=D2>0"})
        other = book.add_worksheet("No formula in a cell")
        other.data_validation("D1", {"validate": "custom", "value": "=T_ADD(D1,1)>0"})
        book.define_name("ours", "=T_ADD(1,1)")
        book.define_name("theirs", "=1+1")

    def linked(text: str) -> str:
        holder = '<externalReferences><externalReference r:id="rId77"/></externalReferences>'
        return text.replace("<definedNames>", holder + "<definedNames>")

    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    path = rewritten(
        plain,
        tmp_path / "linked.xlsx",
        {
            SHEET: lambda text: text.replace("'[x.xlam]S'!", "[1]!"),
            "xl/workbook.xml": linked,
            "xl/externalLinks/externalLink1.xml": lambda _: "<externalLink/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": lambda _: "<Relationships/>",
            "xl/_rels/workbook.xml.rels": lambda text: text.replace(
                "</Relationships>",
                f'<Relationship Id="rId77" Type="{office}/externalLink" Target="externalLinks/externalLink1.xml"/>'
                "</Relationships>",
            ),
            "[Content_Types].xml": lambda text: text.replace(
                "</Types>", '<Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="x/y"/></Types>'
            ),
        },
    )
    target = export_values(path, evaluate_workbook(path, Fake()), tmp_path / "out.xlsx")
    parts = read_parts(target)
    everything = b"".join(parts.values())
    assert not re.search(rb"\bT_[A-Z]+\(", everything)
    assert b"externalLink" not in everything
    assert not any("externalLink" in name for name in parts)
    sheet = openpyxl.load_workbook(target)["S"]
    rules = {str(rules.sqref): [rule.formula for rule in rules.rules] for rules in sheet.conditional_formatting}
    assert rules == {"B1:B2": [["TRUE"]], "B1:B3": [["A1>1"]]}
    assert [str(rule.sqref) for rule in sheet.data_validations.dataValidation] == ["D2"]
    assert b'<dataValidations count="1">' in parts[SHEET]
    assert b"dataValidations" not in parts["xl/worksheets/sheet2.xml"]
    assert list(openpyxl.load_workbook(target).defined_names) == ["theirs"]
    live = read_parts(export_live(path, evaluate_workbook(path, Fake()), tmp_path / "live.xlsx"))
    assert live["xl/worksheets/sheet2.xml"] == read_parts(path)["xl/worksheets/sheet2.xml"]
    assert "xl/externalLinks/externalLink1.xml" in live


def test_warnings_name_what_is_not_brought_up_to_date(rich: Path, tmp_path: Path) -> None:
    warned = warnings_of(rich, keep_formulas=False)
    said = " ".join(warned)
    assert not [one for one in warned if re.search("[a-z]{2,} [a-z]{2,} ", told_in(one, "zh"))]
    for word in ("signed", "pivot", "data model", "connections", "macros"):
        assert word in said
    assert "macros" not in " ".join(warnings_of(rich, keep_formulas=True))
    plain = make_book(tmp_path / "plain.xlsx", {"S": {"A1": 1}})
    assert warnings_of(plain, keep_formulas=False) == []
    report = jobs.export(rich, tmp_path / "out", Session("sample"), keep_formulas=True)
    assert any("signed" in warning for warning in report.warnings)
    report = jobs.export(rich, tmp_path / "out", Session("sample", "zh"))
    assert any("签名" in warning for warning in report.warnings)
    assert any("宏" in warning for warning in report.warnings)


def test_rules_that_call_ours_say_what_they_say_now(tmp_path: Path) -> None:
    """A copy with values shows the formats where they hold, and validations with the values that they had."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [1, 5, 3, "x"])
        sheet.write_formula("B1", "=T_ADD(A1,1)")
        red, blue = book.add_format({"bg_color": "#FF0000"}), book.add_format({"bg_color": "#0000FF"})
        rules: list[tuple[str, dict[str, object]]] = [
            ("A1:B4", {"type": "formula", "criteria": "=T_ADD($A1,1)>3", "format": red, "stop_if_true": True}),
            ("A1:A4", {"type": "cell", "criteria": "<", "value": "=T_ADD(B1,1)", "format": blue}),
            ("C1:C2", {"type": "formula", "criteria": "=T_ERROR()", "format": red}),
            ("G1:G1048576", {"type": "formula", "criteria": "=T_ADD($A1,1)<3", "format": red}),
            ("H1:H1048576", {"type": "formula", "criteria": "=T_ADD(MOD(ROW(),2),0)=1", "format": red}),
            ("E1:E9", {"type": "2_color_scale", "min_type": "formula", "min_value": "=T_ADD(1,1)"}),
            ("F1", {"type": "formula", "criteria": "=MYUDF(1)+T_ADD(1,1)", "format": red}),
        ]
        for cells, rule in rules:
            sheet.conditional_format(cells, rule)
        sheet.data_validation("D1:D3", {"validate": "list", "source": "=T_ECHO($A$1:$A$3)"})
        sheet.data_validation("D4", {"validate": "whole", "criteria": ">", "value": "=T_ADD(A1,1)"})
        sheet.data_validation("D5", {"validate": "custom", "value": "=T_ADD(D5,1)>0"})
    evaluation = evaluate_workbook(path, Fake(), {"S!A3": 9})
    assert {problem.cell for problem in evaluation.problems} == {"E1:E9", "F1", "D5", "H1:H1048576"}
    parts = read_parts(export_values(path, evaluation, tmp_path / "plain.xlsx"))
    assert b"T_" not in b"".join(parts.values())
    found = openpyxl.load_workbook(tmp_path / "plain.xlsx")["S"]
    formats = {str(rules.sqref): rules.rules[0] for rules in found.conditional_formatting}
    assert {cells: (rule.formula, rule.priority, rule.stopIfTrue) for cells, rule in formats.items()} == {
        "A2:A3 B2:B3": (["TRUE"], 1, True),
        "A1": (["TRUE"], 2, None),
        "G1 G5:G1048576": (["TRUE"], 4, None),
    }
    assert formats["A2:A3 B2:B3"].dxf.fill.bgColor.rgb == "FFFF0000"
    validations = {str(rule.sqref): (rule.formula1, rule.operator) for rule in found.data_validations.dataValidation}
    assert validations == {"D1:D3": ('"1,5,9"', None), "D4": ("2", "greaterThan")}
    live = read_parts(export_live(path, evaluation, tmp_path / "live.xlsx"))
    assert b"T_ADD($A1,1)&gt;3" in live[SHEET]
