"""Paths, open files and codepages of Windows, as far as Wine plays them."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from excel import Cells, Excel, same
from wine import Windows, as_windows, served

from xlrotation.functions.boundary.session import Session

HERE = Path(__file__).parent
REFRESH = re.search(r'XLPy\.Exec "(.*)"', (HERE.parents[1] / "vba" / "xlrotation.bas").read_text("ascii"))[1]
"""What the menu's Refresh says to Python."""

PLACES = {
    "spaces": "my market data",
    "Chinese": "行情 数据",
    "signs": "R&D (50%), ^a'b",
    "long": "/".join(["a folder whose name is rather long, as those of companies are"] * 2),
}


def write_closes(folder: Path, last: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"2026-02-{day:02d},{100 + day}\n" for day in (9, 10, 11, 12))
    (folder / "XLK.csv").write_text(f"Date,Close\n{rows}2026-02-13,{last}\n", "utf-8")


def command(windows: Windows, project: Path, *words: str | Path, **more: str) -> tuple[int, str]:
    """Run the command line."""
    environment = {"PYTHONPATH": as_windows(project), **more}
    return windows.run_python("-m", "xlrotation", *words, more=environment, cwd=project, timeout=240)


def number_in(text: str) -> float:
    """The number that the command line printed last."""
    return float(text.split()[-1])


TOO_LONG = "/".join(["a folder whose name is rather long, as those of companies are"] * 5)
"""Beyond the 260 letters that Windows has in a path unless it is told otherwise."""


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(place, marks=() if name == "Chinese" else pytest.mark.whole, id=name)
        for name, place in {**PLACES, "too long": TOO_LONG}.items()
    ],
)
def test_a_folder_anywhere(windows, project, tmp_path, place):
    folder = tmp_path / place
    write_closes(folder, 120)
    status, text = command(windows, project, "eval", '=PX_RET("XLK",1)', "--source", f"folder:{as_windows(folder)}")
    assert status == 0, text
    assert number_in(text) == pytest.approx(120 / 112 - 1), text


@pytest.mark.whole
@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
def test_an_export_anywhere(windows, project, tmp_path, place):
    folder = tmp_path / place
    folder.mkdir(parents=True)
    book = folder / "a book.xlsx"
    shutil.copy(project / "workbooks" / "mechanical_rotation.xlsx", book)
    status, text = command(windows, project, "export", book, "-o", folder / "out put")
    assert status == 0, text
    assert [file.suffix for file in (folder / "out put").iterdir()] == [".xlsx"], text


@pytest.mark.whole
def test_a_path_that_is_too_long_is_written_or_refused_by_name(windows, project, tmp_path):
    """Wine refuses to resolve one; whatever Windows does, no half of a report may stay."""
    folder = tmp_path / TOO_LONG
    folder.mkdir(parents=True)
    shutil.copy(project / "workbooks" / "mechanical_rotation.xlsx", folder / "a book.xlsx")
    status, text = command(windows, project, "export", folder / "a book.xlsx", "-o", folder / "out put")
    written = [file.suffix for file in (folder / "out put").glob("*")]
    assert (status, written) in ((0, [".xlsx"]), (1, [])), text
    assert "a book.xlsx" in text
    assert "Traceback" not in text


@pytest.mark.whole
def test_the_server_on_a_folder_with_chinese_letters(windows, project, tmp_path):
    folder, clsid = tmp_path / "行情 数据", "{3b1f0c52-93a4-4f3e-8a53-7b6d5c4e3f2a}"
    write_closes(folder, 120)
    process = served(windows, project, {"XLROTATION_SOURCE": f"folder:{as_windows(folder)}"}, clsid=clsid)
    try:
        excel = Excel(windows, clsid=clsid)
        assert same(excel.call("PX_RET", Cells("XLK"), 1.0), 120 / 112 - 1)
        write_closes(folder, 130)
        excel.macro(REFRESH)
        assert same(excel.call("PX_RET", Cells("XLK"), 1.0), 130 / 112 - 1)
        excel.close()
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def held_open(windows: Windows, path: Path) -> Iterator[None]:
    """Have another process of Windows hold a file open and share it with nobody, as Excel does."""
    code = (
        "import sys, time, win32file\n"
        "handle = win32file.CreateFile(sys.argv[1], 0xC0000000, 0, None, 3, 0, None)\n"
        "print('held', flush=True)\n"
        "time.sleep(600)\n"
    )
    process = windows.start_python("-c", code, path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with process:
        try:
            assert process.stdout
            assert process.stdout.readline().strip() == "held"
            yield
        finally:
            process.kill()


@pytest.mark.whole
def test_a_table_that_another_process_holds_open_is_told(windows, project, tmp_path):
    """It is left out by name, with the reason; the others are read."""
    write_closes(tmp_path, 120)
    shutil.copy(tmp_path / "XLK.csv", tmp_path / "XLE.csv")
    with held_open(windows, tmp_path / "XLE.csv"):
        words = ("--source", f"folder:{as_windows(tmp_path)}")
        status, text = command(windows, project, "eval", '=PX_RET("XLK",1)', *words)
        assert status == 0, text
        assert number_in(text) == pytest.approx(120 / 112 - 1), text
        status, text = command(windows, project, "eval", '=PX_RET("XLE",1)', *words)
        assert status != 0, text
        assert "XLE.csv" in text, text


@pytest.mark.whole
def test_a_report_that_another_process_holds_open_is_left_as_it_was(windows, project, tmp_path):
    book = project / "workbooks" / "mechanical_rotation.xlsx"
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / f"{book.stem}.xlsx"
    target.write_bytes(b"yesterday's")
    with held_open(windows, target):
        status, text = command(windows, project, "export", book, "-o", tmp_path / "out")
    if status:  # Wine plays the rule of Windows that an open file is not replaced
        assert target.read_bytes() == b"yesterday's"
        assert target.name in text
    else:
        assert target.read_bytes()[:2] == b"PK"
    assert [file.name for file in (tmp_path / "out").iterdir()] == [target.name], text
    assert "Traceback" not in text


@pytest.mark.whole
def test_a_workbook_that_another_process_holds_open_is_told(windows, project, tmp_path):
    """It is named with the reason, and nothing is written in its place."""
    book = shutil.copy(project / "workbooks" / "mechanical_rotation.xlsx", tmp_path / "a book.xlsx")
    with held_open(windows, book):
        status, text = command(windows, project, "export", book, "-o", tmp_path / "out")
    assert status == 1, text
    assert "a book.xlsx" in text
    assert "Traceback" not in text
    assert not list((tmp_path / "out").glob("*"))


STORE = """
import sys
from tests.conftest import panel_of
from xlrotation.market.store.store import Store
Store("mine").write(panel_of({"XLK": [100.0, float(sys.argv[1])]}))
"""


@pytest.mark.whole
def test_a_store_that_another_process_holds_open(windows, project, tmp_path):
    """It is read or the reason is told, and it is written whole or stays as it was; never something between."""
    home = {"PYTHONPATH": as_windows(project), "XLROTATION_HOME": as_windows(tmp_path / "home")}

    def write(last: float) -> tuple[int, str]:
        return windows.run_python("-c", STORE, str(last), more=home, cwd=project, timeout=240)

    def ask() -> tuple[int, str]:
        return command(windows, project, "eval", '=PX_RET("XLK",1)', "--source", "store:mine", **home)

    status, text = write(110)
    assert status == 0, text
    files = [each for each in (tmp_path / "home").rglob("*") if each.is_file()]
    largest = max(files, key=lambda each: each.stat().st_size)
    with held_open(windows, largest):
        status, text = ask()
        assert "Traceback" not in text
        told = status != 0 and ("mine" in text or largest.name in text)
        assert told or number_in(text) == pytest.approx(0.1), text
        written, text = write(120)
    status, text = ask()
    assert status == 0, text
    assert number_in(text) == pytest.approx(0.1 if written else 0.2), text


@pytest.mark.whole
def test_a_plan_with_paths_of_windows(windows, project, tmp_path):
    write_closes(tmp_path / "行情 data", 120)
    shutil.copy(project / "workbooks" / "mechanical_rotation.xlsx", tmp_path / "a book.xlsx")
    plan = "output = {q}{out}{q}\nsource = {q}folder:{data}{q}\n[[job]]\nbooks = {q}{book}{q}\n"
    names = {name: as_windows(tmp_path / place) for name, place in (("out", "reports"), ("data", "行情 data"))}
    names["book"] = as_windows(tmp_path / "a book.xlsx")
    (tmp_path / "right.toml").write_text(plan.format(q="'", **names), "utf-8")
    (tmp_path / "wrong.toml").write_text(plan.format(q='"', **names), "utf-8")
    status, text = command(windows, project, "batch", tmp_path / "wrong.toml")
    assert status == 2, text
    assert "single quotes" in text
    assert not (tmp_path / "reports").exists()
    status, text = command(windows, project, "batch", tmp_path / "right.toml")
    assert status in (0, 1), text  # a cell of the book asks for what the data lack
    assert [file.name for file in (tmp_path / "reports").rglob("*.xlsx")] == ["a book.xlsx"], text
    assert "Traceback" not in text


@pytest.mark.whole
@pytest.mark.parametrize("place", ["windows", "chinese"])
def test_letters_beyond_the_codepage_are_printed(request, project, place):
    """Neither 1252 nor 936 has all of them."""
    here = request.getfixturevalue(place)
    status, text = command(here, project, "eval", '="ö"&UNICHAR(31185)&UNICHAR(128578)', PYTHONIOENCODING="")
    assert (status, text.split()[-1]) == (0, "ö科\N{SLIGHTLY SMILING FACE}"), text


@pytest.fixture(scope="module")
def chinese(windows) -> Iterator[Windows]:
    """A Windows whose codepage is 936."""
    here = Windows(windows.folder, chinese=True)
    with here.shown():
        status, text = here.run(["wineboot", "-i"], timeout=300)
        assert status == 0, text
        yield here


@pytest.mark.whole
def test_the_codepage_of_a_chinese_windows(chinese, project, tmp_path):
    status, text = chinese.run_python("-c", "import locale; print(locale.getpreferredencoding(False))")
    assert text.strip() == "cp936", text
    folder = tmp_path / "行情 数据"
    write_closes(folder, 120)
    status, text = command(chinese, project, "eval", '=PX_RET("XLK",1)', "--source", f"folder:{as_windows(folder)}")
    assert status == 0, text
    assert number_in(text) == pytest.approx(120 / 112 - 1), text
    status, text = command(chinese, project, "eval", '=ROT_SECTOR_BEST("20D",,"zh")', PYTHONIOENCODING="")
    assert status == 0, text


@pytest.mark.whole
def test_calls_on_a_chinese_windows_from_a_project_with_chinese_letters(chinese, project, tmp_path):
    """xlwings' library takes its command in the codepage, so that this works on a Chinese Windows alone."""
    there = shutil.copytree(project, tmp_path / "行业 轮动")
    here = Session("sample")
    excel = Excel(chinese, there)
    assert same(excel.call("ROT_SECTOR_RET", Cells("科技"), Cells("20D")), here.call("ROT_SECTOR_RET", "科技", "20D"))
    assert excel.call("ROT_SECTOR_BEST", "20D", None, "zh") == here.call("ROT_SECTOR_BEST", "20D", None, "zh")
    excel.close()
