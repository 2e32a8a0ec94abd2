"""Reading packages that may be damaged or hostile."""

from __future__ import annotations

import random
import struct
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.workbook.books import Fake, make_book
from tests.workbook.parts import read_parts, rewritten
from xlrotation.errors import BadWorkbook, CellError, RotationError
from xlrotation.workbook.evaluation.evaluate import Evaluation, evaluate_formula, evaluate_workbook
from xlrotation.workbook.output.export import export_values, write_package
from xlrotation.workbook.package import parts
from xlrotation.workbook.package.parts import Package, opened, read_names

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return make_book(
        tmp_path / "book.xlsx", {"S": {"A1": 1, "B1": "=T_ADD(A1,1)"}}, {"asof": "=S!$A$1", "lang": "=S!$A$2"}
    )


def test_names(book: Path) -> None:
    assert read_names(book) == ["asof", "lang"]


def test_a_zip_bomb_is_refused(book: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/image1.png", bytes(50_000_000))
    with pytest.raises(BadWorkbook, match=r"book\.xlsx: xl/media/image1\.png unpacks to 50,000,000 bytes"):
        evaluate_workbook(book, Fake())
    with pytest.raises(BadWorkbook, match="zip bomb"):
        export_values(book, Evaluation(), tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_a_part_that_lies_about_its_size_is_refused(book: Path) -> None:
    with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/image1.png", bytes(5_000_000))
    data = book.read_bytes()
    lie = data.replace(struct.pack("<L", 5_000_000), struct.pack("<L", 5_000))
    assert lie != data
    book.write_bytes(lie)
    with pytest.raises(BadWorkbook, match="image1"):
        evaluate_workbook(book, Fake())


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://localhost:9/x.dtd">',
    ],
)
def test_document_types_are_refused(book: Path, tmp_path: Path, declaration: str) -> None:
    bad = rewritten(
        book, tmp_path / "bad.xlsx", {SHEET: lambda text: text.replace("<worksheet", declaration + "<worksheet", 1)}
    )
    with pytest.raises(BadWorkbook, match=r"bad\.xlsx"):
        evaluate_workbook(bad, Fake())


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_missing_or_broken_part_is_named(book: Path, tmp_path: Path, name: str) -> None:
    parts = read_parts(book)
    for content in (None, b"<broken", b""):
        bad = tmp_path / "bad.xlsx"
        with zipfile.ZipFile(bad, "w") as package:
            for part, data in parts.items():
                if part != name:
                    package.writestr(part, data)
                elif content is not None:
                    package.writestr(part, content)
        with pytest.raises(BadWorkbook, match=r"bad\.xlsx"):
            evaluate_workbook(bad, Fake())


def test_a_part_that_is_there_twice_is_refused(book: Path) -> None:
    with zipfile.ZipFile(book, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr(SHEET, b"<other/>")
    with pytest.raises(BadWorkbook, match="twice"):
        Package(book)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [(20, 0x7FFFFFF0, "cut off"), (42, 0x7FFFFFF0, "not where"), (42, 7, "not where")],
    ids=["longer than the file", "beyond its end", "in the midst of another"],
)
def test_a_copied_part_that_is_not_whole_is_told(book: Path, tmp_path: Path, field: int, value: int, told: str) -> None:
    """Such as the styles, of which nothing is read: the directory is wrong on their length or place."""
    data = bytearray(book.read_bytes())
    entry = data.rindex(b"xl/styles.xml") - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + field : entry + field + 4] = struct.pack("<I", value)
    bad, target = tmp_path / "bad.xlsx", tmp_path / "out.xlsx"
    bad.write_bytes(data)
    target.write_bytes(b"yesterday's")
    package = Package(bad)
    with pytest.raises(BadWorkbook, match=rf"bad\.xlsx.*{told}"):
        write_package(package, {}, target)
    package.close()
    assert target.read_bytes() == b"yesterday's"
    assert {file.name for file in tmp_path.iterdir()} == {book.name, "bad.xlsx", "out.xlsx"}


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_never_raise_an_unclear_error(book: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(book.read_bytes())
    for _ in range(chance.choice([1, 5, 50])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if seed % 4 == 0:
        del data[chance.randrange(len(data)) :]
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(bytes(data))
    try:
        export_values(bad, evaluate_workbook(bad, Fake()), tmp_path / "out.xlsx")
    except RotationError as error:
        message = error.message
    else:
        message = ""
    assert not message or "bad.xlsx" in message


@pytest.mark.parametrize("seed", range(60))
def test_damaged_sheets_never_raise_an_unclear_error(book: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def damage(text: str) -> str:
        words = ['r="B1"', 'r="1"', "<v>1</v>", "<f>", 'r="A1"', "T_ADD", "sheetData", "A1", "row"]
        other = [
            "",
            'r="ZZZZ9"',
            'r="-1"',
            "<v>x</v>",
            '<f t="array" ref="B1:A9">',
            't="s"',
            '<f t="shared" si="x">',
            "\u0416",
        ]
        word = chance.choice([word for word in words if word in text])
        return text.replace(word, chance.choice(other), chance.choice([1, -1])) + ("" if seed % 3 else " ")

    bad = rewritten(book, tmp_path / "bad.xlsx", {SHEET: damage})
    try:
        export_values(bad, evaluate_workbook(bad, Fake()), tmp_path / "out.xlsx")
    except RotationError as error:
        message = error.message
    else:
        message = ""
    assert not message or "bad.xlsx" in message


DEEP = {
    "parentheses": "(" * 4000 + "1" + ")" * 4000,
    "calls": "T_ADD(" * 1000 + "1" + ")" * 1000,
    "braces": "{" * 3000,
    "signs": "-" * 5000 + "1",
    "terms": "1+" * 4000 + "1",
    "length": "A1+" * 5000 + "1",
}


@pytest.mark.parametrize("kind", DEEP)
def test_formulas_that_would_exhaust_the_stack_are_refused(book: Path, tmp_path: Path, kind: str) -> None:
    for part, mark in ((SHEET, "T_ADD(A1,1)"), ("xl/workbook.xml", "S!$A$2")):
        bad = rewritten(book, tmp_path / "bad.xlsx", {part: lambda text, mark=mark: text.replace(mark, DEEP[kind])})  # type: ignore[misc]
        with pytest.raises(BadWorkbook, match=r"bad\.xlsx: (S!B1|lang) is a formula"):
            evaluate_workbook(bad, Fake())
    with pytest.raises(RotationError, match="is a formula"):
        evaluate_formula("=" + DEEP[kind], Fake())


def test_names_that_multiply_are_computed_once_each(tmp_path: Path) -> None:
    names = {f"level_{i}_": f"=level_{i - 1}_+level_{i - 1}_*level_{i - 1}_" for i in range(1, 12)}
    path = make_book(
        tmp_path / "bad.xlsx", {"S": {"A1": "=level_11_", "B1": "=T_ADD(level_11_,1)"}}, {"level_0_": "=1", **names}
    )
    found = evaluate_workbook(path, Fake())
    assert found.values["S"] == {(1, 1): CellError.NUM, (1, 2): CellError.NUM}  # above 1E+308


@pytest.mark.parametrize("name", ["../evil.txt", "xl/../../evil.txt", "/evil.txt", "..\\evil.txt"])
def test_parts_that_point_out_of_the_package_are_refused(book: Path, name: str) -> None:
    with zipfile.ZipFile(book, "a") as package:
        package.writestr(name, "x")
    with pytest.raises(BadWorkbook, match="points out"):
        evaluate_workbook(book, Fake())


@pytest.mark.parametrize("number", ["1E400", "-1e309", "inf", "NaN", "1_000"])
def test_a_number_that_no_cell_holds_is_refused_with_its_place(book: Path, number: str) -> None:
    rewritten(book, book, {SHEET: lambda text: text.replace("<v>1</v>", f"<v>{number}</v>")})
    with pytest.raises(BadWorkbook, match=rf"S!A1 holds '{number}', which is no value"):
        evaluate_workbook(book, Fake())


@pytest.mark.parametrize("formula", ["1E400", "T_ADD(A1,1E400)", '1E309&"x"', "{1,1E400}", "IF(TRUE,1,-1E999%)"])
def test_a_number_in_a_formula_that_no_cell_holds_stops_that_formula_alone(tmp_path: Path, formula: str) -> None:
    book = make_book(tmp_path / "numbers.xlsx", {"S": {"A1": 1, "B1": f"={formula}", "B2": "=T_ADD(A1,1)"}})
    evaluation = evaluate_workbook(book, Fake())
    (problem,) = evaluation.problems
    assert (problem.cell, "is beyond 1.8E+308" in problem.reason) == ("B1", True)
    assert evaluation.values["S"][2, 2] == 2
    with pytest.raises(RotationError, match="is beyond"):
        evaluate_formula(f"={formula}", Fake())


def test_parts_are_unpacked_once_where_they_take_little_room(tmp_path: Path) -> None:
    made = make_book(tmp_path / "made.xlsx", {"S": {"A1": 1}})
    first, again = opened(made), opened(made)
    for name in first.zip.namelist():
        assert first.read(name) is again.read(name)
        assert first.read(name) == first.zip.read(name)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/zeros.xml", bytes(20 * made.stat().st_size))
    large = opened(made)
    assert large.read("xl/zeros.xml") == large.zip.read("xl/zeros.xml")
    assert large.read("xl/zeros.xml") is not large.read("xl/zeros.xml")
    for package in (first, again, large):
        package.close()


def assert_only_extra_is_damaged(made: Path, told: str) -> None:
    """Each who opens it reads the workbook, and is told of the damage by the part alone."""
    for _ in range(2):
        package = opened(made)
        assert package.read("xl/workbook.xml")
        with pytest.raises(BadWorkbook, match=told):
            package.read("xl/extra.xml")
        package.close()


def test_a_damaged_part_is_told_by_who_reads_it_each_time(tmp_path: Path) -> None:
    made = make_book(tmp_path / "made.xlsx", {"S": {"A1": 1}})
    with zipfile.ZipFile(made, "a") as file:
        file.writestr("xl/extra.xml", b"<whole/>")
    made.write_bytes(made.read_bytes().replace(b"<whole/>", b"<hole!/>"))
    assert_only_extra_is_damaged(made, r"xl/extra\.xml cannot be unpacked")


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(zipfile.ZIP_DEFLATED, id="deflate"),
        pytest.param(zipfile.ZIP_BZIP2, id="bzip2"),
        pytest.param(zipfile.ZIP_LZMA, id="lzma"),
    ],
)
def test_a_part_that_nobody_reads_may_be_damaged_however_it_is_packed(tmp_path: Path, packed: int) -> None:
    made = make_book(tmp_path / "made.xlsx", {"S": {"A1": 1}})
    with zipfile.ZipFile(made, "a", packed) as file:
        file.writestr("xl/extra.xml", bytes(range(256)))
        offset, size = file.getinfo("xl/extra.xml").header_offset, file.getinfo("xl/extra.xml").compress_size
    damaged = bytearray(made.read_bytes())
    packed_at = offset + 30 + len("xl/extra.xml")
    damaged[packed_at + 4 : packed_at + size] = b"\xff" * (size - 4)
    made.write_bytes(damaged)
    assert_only_extra_is_damaged(made, r"xl/extra\.xml (is damaged|cannot be unpacked)")


def test_threads_unpack_different_workbooks_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=5)
    unpack = parts._parts_of
    monkeypatch.setattr(parts, "_parts_of", lambda content: (both.wait(), unpack(content))[1])
    books = [make_book(tmp_path / f"{value}.xlsx", {"S": {"A1": value}}) for value in (1, 2)]
    with ThreadPoolExecutor(2) as threads:
        for package in threads.map(opened, books):
            package.close()
