"""Two workbooks are compared by what they hold; what differs is named by sheet and cell."""

from __future__ import annotations

import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.reports.sameness import differences, settled
from xlrotation.reports.templates import _is_same, build_templates

BOOKS = Path(__file__).parents[2] / "workbooks"
BOOK = BOOKS / "market_breadth.xlsx"


def changed(target: Path, part: str, old: str, new: str, count: int = 1) -> Path:
    """A copy of the workbook with the first *old* (a pattern) in a part replaced."""
    with zipfile.ZipFile(BOOK) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                text, made = re.subn(old, new, data.decode(), count=count)
                assert made == 1, old
                data = text.encode()
            copy.writestr(name, data)
    return target


NUMBER = r'(<c r="[A-Z]+\d+"[^>]*>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?<v>)(-?\d+\.\d{6,}(?:[eE]-?\d+)?)(</v>)'


def moved(target: Path, by: float) -> tuple[Path, str, str]:
    """A copy in which a number of the first sheet is off by *by* of itself; its cell, and what it held."""
    with zipfile.ZipFile(BOOK) as source:
        found = re.search(NUMBER, source.read("xl/worksheets/sheet1.xml").decode())
    assert found is not None
    value = float(found[2]) * (1 + by)
    path = changed(target, "xl/worksheets/sheet1.xml", re.escape(found[0]), f"{found[1]}{value!r}{found[3]}")
    return path, re.findall(r'r="([A-Z]+\d+)"', found[1])[-1], found[2]


def test_a_copy_is_the_same(tmp_path: Path) -> None:
    with zipfile.ZipFile(BOOK) as source:
        assert list(differences(BOOK, changed(tmp_path / "a.xlsx", source.namelist()[0], r"\Z", ""))) == []


def test_digits_that_processors_disagree_on_are_no_difference(tmp_path: Path) -> None:
    path, _, _ = moved(tmp_path / "a.xlsx", 3e-16)
    assert path.read_bytes() != BOOK.read_bytes()
    assert list(differences(BOOK, path)) == []


@pytest.mark.parametrize("by", [1e-11, -1e-6, 1.0])
def test_another_number_is_named_with_sheet_cell_and_both_values(tmp_path: Path, by: float) -> None:
    path, cell, value = moved(tmp_path / "a.xlsx", by)
    (sentence,) = differences(BOOK, path)
    assert sentence.startswith(f"Report!{cell}: '{value}' against '")


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        ("xl/worksheets/sheet1.xml", r"<f>data_notice</f>", "<f>data_notices</f>", "Report!A3: 'data_notice' against"),
        ("xl/worksheets/sheet1.xml", r'<c r="A1" s="(\d+)"', r'<c r="A1" s="9\1"', "Report!A1: <c "),
        ("xl/worksheets/sheet2.xml", r"</row>", '<c r="ZZ1"><v>1</v></c></row>', "'ZZ1' only in one"),
        ("xl/styles.xml", r'val="Calibri"', 'val="Arial"', "xl/styles.xml: <name val='Calibri'> against"),
        ("xl/charts/chart1.xml", r"(<c:v>)(\d+\.\d+)(</c:v>)", r"\g<1>7\2\3", "xl/charts/chart1.xml: '"),
        ("docProps/core.xml", "2026-01-01", "2026-01-02", "docProps/core.xml: "),
    ],
)
def test_anything_else_is_a_difference(tmp_path: Path, part: str, old: str, new: str, said: str) -> None:
    with zipfile.ZipFile(BOOK) as source:
        if not re.search(old, source.read(part).decode()):
            pytest.fail(f"{part} holds no {old}")
    found = list(differences(BOOK, changed(tmp_path / "a.xlsx", part, old, new)))
    assert len(found) == 1
    assert said in found[0]


def test_parts_that_only_one_has(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(BOOK.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/more.xml", "<a/>")
    assert list(differences(BOOK, path)) == ["only a.xlsx of the two has the part xl/more.xml"]


def test_a_build_leaves_alone_what_only_another_processor_built(tmp_path: Path) -> None:
    path, _, _ = moved(tmp_path / "market_breadth.xlsx", 3e-16)
    before = path.read_bytes()
    assert build_templates(tmp_path, ["market_breadth"]) == [path]
    assert path.read_bytes() == before
    moved(path, 1e-6)
    build_templates(tmp_path, ["market_breadth"])
    assert list(differences(BOOK, path)) == []
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_build_replaces_what_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "market_breadth.xlsx"
    path.write_bytes(b"no workbook")
    build_templates(tmp_path, ["market_breadth"])
    assert list(differences(BOOK, path)) == []


@given(st.data())
def test_a_damaged_workbook_is_another_one(data: st.DataObject) -> None:
    """Whatever a disk did to it: it is told to be another one, or nothing of it that counts was hit."""
    whole = bytearray(BOOK.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=20)):
        whole[place] ^= data.draw(st.integers(1, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / BOOK.name
        path.write_bytes(whole)
        assert _is_same(path, BOOK) in (False, True)


@pytest.mark.parametrize("change", ["deflated", "method", "encrypted", "version"])
def test_a_build_replaces_what_is_damaged_inside(tmp_path: Path, change: str) -> None:
    path = tmp_path / "market_breadth.xlsx"
    whole = bytearray((BOOK.parent / path.name).read_bytes())
    with zipfile.ZipFile(BOOK.parent / path.name) as source:
        first, directory = source.infolist()[0], source.start_dir
        begin = first.header_offset + 30 + len(first.filename)
    if change == "deflated":
        whole[begin : begin + 8] = b"\xff" * 8
    else:  # fields of the central directory, by the format's own numbers
        place, value = {"method": (10, 99), "encrypted": (8, 1), "version": (6, 99)}[change]
        whole[directory + place] = value
    path.write_bytes(whole)
    build_templates(tmp_path, ["market_breadth"])
    assert list(differences(BOOK.parent / path.name, path)) == []


def test_numbers_are_stored_with_fifteen_digits() -> None:
    assert settled(0.26378541588203996) == settled(0.2637854158820399) == 0.26378541588204
    assert settled(-1.0 / 3.0) == -0.333333333333333
    with zipfile.ZipFile(BOOK) as source:
        for name in source.namelist():
            if name.startswith("xl/worksheets/sheet"):
                for number in re.findall(r"<v>(-?\d+\.\d+(?:[eE]-?\d+)?)</v>", source.read(name).decode()):
                    assert float(number) == settled(float(number)), name
