"""A house's own books: definitions in a file, and a theme of colours, fonts and logo."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from pathlib import Path

import openpyxl
import pytest

from xlrotation.cli import main
from xlrotation.errors import BadArgument
from xlrotation.functions.boundary.session import Session
from xlrotation.reports.theme import own_theme, read_theme
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_first_definition_builds_and_computes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "new", "my_desk", "-o", str(tmp_path)]) == 0
    definition = tmp_path / "my_desk.py"
    assert capsys.readouterr().out.strip() == str(definition)
    theme = tmp_path / "house.toml"
    (tmp_path / "logo.png").write_bytes(PIXEL)
    theme.write_text(
        '[colours]\ndark = "#102030"\n[fonts]\ntext = "Arial"\n[house]\nname = "Ours"\nlogo = "logo.png"\n'
    )
    assert main(["templates", "build", str(definition), "--theme", str(theme), "-o", str(tmp_path)]) == 0
    evaluation = evaluate_workbook(tmp_path / "my_desk.xlsx", Session("sample", lang="en"))
    assert (evaluation.problems, evaluation.errors) == ([], [])
    assert evaluation.values["Report"][1, 1] == "VIX above the alarm"
    book = openpyxl.load_workbook(tmp_path / "my_desk.xlsx")
    assert book.sheetnames[0] == "Report"
    assert {"Data", "Contents", "Inputs", "Audit", "Notes", "Values", "Results"} == set(book.sheetnames[1:])
    title = book["Report"]["A1"].font
    assert (title.name, title.color.rgb, title.size) == ("Arial", "FF102030", own_theme().sizes["title"])
    assert "Ours" in book["Report"].oddFooter.left.text
    assert len(book["Report"]._images) == 1
    assert main(["templates", "new", "my_desk", "-o", str(tmp_path)]) == 2  # it is there: left as it is


@pytest.mark.parametrize("name", ["", "My Desk", "../x", "1st"])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    assert main(["templates", "new", name, "-o", str(tmp_path)]) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[colours]\ndark = 'blue'", "no colour"),
        ("[colours]\ndrak = '#000000'", "no 'drak'"),
        ("[sizes]\nbody = 2", "6 to 72"),
        ("[sizes]\nbody = true", "6 to 72"),
        ("[market]\nmine = ['#000000']", "no pair"),
        ("[house]\nlogo = 'nowhere.png'", "no file"),
        ("[house]\nname = 3", "texts"),
        ("[other]\na = 1", "no section"),
        ("colours = 3", "no section"),
        ("not toml", "no theme"),
        ("[market]\n'a,b' = ['#000000', '#111111']", "'a,b' cannot stand in a list"),
        ("[market]\n'' = ['#000000', '#111111']", "'' cannot stand in a list"),
        ("[market]\nA = ['#000000', '#111111']\na = ['#000000', '#111111']", "capital letters alone"),
        (f"[market]\n{'a' * 256} = ['#000000', '#111111']", "longer than 255 characters"),
        (f"[house]\nname = '{'a' * 61}'", "longer than 60 characters"),
    ],
)
def test_a_theme_that_is_none_is_refused_with_the_reason(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text(text)
    with pytest.raises(BadArgument, match=said):
        read_theme(path)


def test_a_definition_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("1/0", "BOOK = 3", ""):
        path = tmp_path / "mine.py"
        path.write_text(text)
        assert main(["templates", "build", str(path), "-o", str(tmp_path / "out")]) == 2
        assert "mine.py" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def _png(width: int, height: int) -> bytes:
    """A white picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(900, 1200), (1200, 100), (30, 20)])
def test_a_logo_stays_within_the_title(tmp_path: Path, width: int, height: int) -> None:
    assert main(["templates", "new", "my_desk", "-o", str(tmp_path)]) == 0
    (tmp_path / "logo.png").write_bytes(_png(width, height))
    (tmp_path / "house.toml").write_text('[house]\nname = "Ours & Theirs"\nlogo = "logo.png"\n')
    build = ["templates", "build", str(tmp_path / "my_desk.py"), "--theme", str(tmp_path / "house.toml")]
    assert main([*build, "-o", str(tmp_path)]) == 0
    sheet = openpyxl.load_workbook(tmp_path / "my_desk.xlsx")["Report"]
    anchor = sheet._images[0].anchor
    assert (anchor._from.col, anchor._from.row) >= (10, 0)
    assert anchor.to.row <= 3
    assert anchor.to.col <= 12


def test_a_logo_that_is_no_picture_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "new", "my_desk", "-o", str(tmp_path)]) == 0
    (tmp_path / "logo.png").write_bytes(b"<svg/>")
    (tmp_path / "house.toml").write_text('[house]\nlogo = "logo.png"\n')
    build = ["templates", "build", str(tmp_path / "my_desk.py"), "--theme", str(tmp_path / "house.toml")]
    assert main([*build, "-o", str(tmp_path)]) == 2
    assert "is no picture for a logo" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.xlsx"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_png(60, 20)[:-14], "cut off or damaged"),
        (_png(60, 20).replace(b"IDAT", b"IDAX"), "cut off or damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "is a JPEG that is cut off"),
        (b"GIF89a" + bytes(100), "is no picture for a logo"),
        (_png(60, 20) + bytes(2**21), "more than 2 MB"),
    ],
)
def test_a_logo_that_is_not_whole_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(content)
    (tmp_path / "house.toml").write_text('[house]\nlogo = "logo.png"\n')
    with pytest.raises(BadArgument, match=said):
        read_theme(tmp_path / "house.toml")


def test_a_definition_may_follow_its_theme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "house.toml").write_text("[colours]\ndark = 'blue'")
    assert main(["templates", "build", "--theme", str(tmp_path / "house.toml"), "daily_dashboard"]) == 2
    assert "no colour" in capsys.readouterr().err


def test_a_first_book_is_chinese_in_chinese(tmp_path: Path) -> None:
    assert main(["templates", "new", "my_desk", "-o", str(tmp_path)]) == 0
    assert main(["templates", "build", str(tmp_path / "my_desk.py"), "-o", str(tmp_path)]) == 0
    evaluation = evaluate_workbook(tmp_path / "my_desk.xlsx", Session("sample", lang="zh"), {"lang": "zh"})
    told = [value for value in evaluation.values["Report"].values() if isinstance(value, str)]
    assert "VIX高于警戒值" in told
    words = {text for text in told if re.search("[a-z]{3}", text.replace("my_desk", ""))}
    assert words == set()
