"""``xlrotation folder``: how the files of a folder are read, and lines of folder.toml that mend what is left out."""

from __future__ import annotations

import json
import sys
import tomllib

import pytest

from xlrotation.cli import main
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers.folder import checking

BARS = "Date,Open,High,Low,Close,Volume\n2026-02-12,10,12,9,11,100\n2026-02-13,11,13,10,12,200\n"


def put(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_a_sound_folder_is_shown_whole(tmp_path, capsys):
    put(tmp_path, SPY__csv=BARS)
    assert main(["folder", "check", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "SPY.csv: bars, 2026-02-12 to 2026-02-13, XNYS" in shown
    assert "nothing left out" in shown
    assert main(["folder", "check", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (table,) = found["files"][0]["tables"]
    assert (table["layout"], table["symbols"], table["first"], table["last"]) == (
        *("bars", ["SPY"], "2026-02-12"),
        "2026-02-13",
    )
    assert table["columns"]["Close"] == "close"
    assert found["whole"] is True


WITH_SIGNS = "a,[b].csv" if sys.platform == "win32" else "a,[b]*.csv"

LEFT_OUT = {
    "a bad cell": ("prices.csv", "Date,XLV\n2026-02-11,5\n2026-02-12,abc\n2026-02-13,6\n"),
    "a bad date": ("prices.csv", "Date,XLV\n2026-02-11,5\n2026-02-30,5.5\n2026-02-13,6\n"),
    "a footer": ("prices.csv", "Date,XLB\n2026-02-11,5\n2026-02-12,5.1\n2026-02-13,6\nSource,x\n"),
    "an average below": ("prices.csv", "Date,XLB\n2026-02-11,5\n2026-02-12,5.1\n2026-02-13,6\n,5.4\n"),
    "a row too wide": ("prices.csv", "Date,AAA,BBB\n2026-02-11,5,6\n2026-02-12,5,1,6\n2026-02-13,6,7\n"),
    "ambiguous dates": ("prices.csv", "Date,XLK\n02/03/2026,10\n02/04/2026,10\n02/05/2026,11\n"),
    "short ambiguous dates": ("prices.csv", "Date,XLK\n02.10.26,10\n02.11.26,10\n02.12.26,11\n"),
    "an ambiguous decimal sign": ("prices.csv", "Date;XLE\n2026-02-11;1,234\n2026-02-12;1,235\n"),
    "nobody's prices": ("prices.csv", "Date,Close\n2026-02-11,5\n2026-02-12,6\n"),
    "unknown heads": ("XLU.csv", "Tag,Kurs,Menge\n2026-02-11,5,100\n2026-02-12,6,100\n"),
    "a column that is not used": ("XLP.csv", "Date,Close,Fancy\n2026-02-11,5,1\n2026-02-12,5.1,2\n"),
    "a column without a head": ("prices.csv", "Date,AAA,\n2026-02-11,5,1\n2026-02-12,5.1,2\n"),
    "no table": ("prices.csv", b"x\x00\x01"),
    "a half workbook": ("prices.xlsx", b"PK\x03\x04half"),
    "adjusted closes alone": ("XLK.csv", "Date,Adj Close\n2026-02-11,5\n2026-02-12,5.1\n"),
    "days of another exchange": (
        "prices.csv",
        "Date,AAA\n2026-01-15,5\n2026-01-16,5\n2026-01-19,5.1\n2026-01-20,5.2\n",
    ),
    "splits that may be applied": (
        "XLK.csv",
        "Date,Close,Stock Splits\n2026-02-10,10.1,0\n2026-02-11,10,0\n2026-02-12,7.2,2\n2026-02-13,7.3,0\n",
    ),
    "a move that is held back": (
        "XLK.csv",
        "Date,Close\n"
        + "".join(f"2026-02-{day:02},{10 if day < 12 else 1}\n" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)),
    ),
    "a day twice": ("prices.csv", "Date,GGG\n2026-02-12,5\n2026-02-12,9\n2026-02-13,6\n"),
    "heads in another language": (
        "XLK.csv",
        "日期,名字,价\n2026-02-12,A,1\n2026-02-12,B,2\n2026-02-13,A,1\n2026-02-13,B,2\n",
    ),
    "a sheet in its name": ("a, sheet b.csv", "Date,XLV\n2026-02-11,5\n2026-02-12,abc\n2026-02-13,6\n"),
    "a comma in its name": (
        WITH_SIGNS,
        "Date,XLV\n2026-02-11,5\n2026-02-12,abc\n2026-02-13,6\n",
    ),
}


def test_a_bad_cell_does_not_cost_its_row(tmp_path, capsys):
    put(tmp_path, prices__csv="Date,AAA,BBB\n2026-02-11,5,7\n2026-02-12,abc,8\n2026-02-13,6,9\n")
    assert main(["folder", "check", str(tmp_path), "--json"]) == 1
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert file["remedy"][1].startswith('gaps = ["abc"]  # if that says that there is no value')
    (tmp_path / "folder.toml").write_text("\n".join(file["remedy"]), "utf-8")
    assert main(["folder", "check", str(tmp_path)]) == 0
    assert Session(f"folder:{tmp_path}").call("PX_CLOSE", "BBB", "2026-02-12") == 8.0


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_the_lines_that_are_printed_mend_what_was_left_out(tmp_path, capsys, kind):
    name, text = LEFT_OUT[kind]
    put(tmp_path, SPY__csv=BARS)
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["folder", "check", str(tmp_path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    lines = next(each["remedy"] for each in found["files"] if each["file"] == name)
    assert lines
    tomllib.loads("\n".join(lines))
    (tmp_path / "folder.toml").write_text("\n".join(lines), "utf-8")
    assert main(["folder", "check", str(tmp_path)]) == 0, capsys.readouterr().out
    assert Session(f"folder:{tmp_path}").call("PX_CLOSE", "SPY", "2026-02-13") == 12.0


DAYS = [f"2026-02-{day:02}" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]
SOUND = [f"{day},{100 + n},{200 + n}" for n, day in enumerate(DAYS)]
ROWS = {
    "rows in the future": (["2199-03-01,1,2", "2199-03-04,1,2"], [12, 13]),
    "a year too late": (["2062-02-17,110,210"], [12]),
    "a day without a session": (["2026-02-14,110,210"], [12]),
    "a price below zero": (["2026-02-17,-110,210"], [12]),
    "another table below": (["", "Date,CCC", "2026-02-12,7", "2026-02-13,8"], [13, 14, 15]),
    "a last cell cut off": (["2026-02-17,110,2"], [12]),
}


@pytest.mark.parametrize("kind", ROWS)
def test_only_the_rows_that_are_wrong_are_to_be_left_out(tmp_path, kind):
    below, rows = ROWS[kind]
    end = "" if "cut" in kind else "\n"
    put(tmp_path, p__csv="\n".join(["Date,AAA,BBB", *SOUND, *below]) + end)
    (checked,) = checking.check(tmp_path).files
    assert checked.refused
    assert tomllib.loads("\n".join(checked.remedy)) == {"files": {"p.csv": {"leave_out_rows": rows}}}
    (tmp_path / "folder.toml").write_text("\n".join(checked.remedy), "utf-8")
    assert checking.check(tmp_path).whole
    assert Session(f"folder:{tmp_path}").call("PX_CLOSE", "AAA") == 109


UNDERSTOOD = {
    "fields after other words": ("AAPL.csv", "Date,Desk Open,Desk Close", {"Desk Close": "close", "Desk Open": ""}),
    "unknown words": ("AAPL.csv", "Date,Fizz,Buzz", {"Fizz": "close", "Buzz": ""}),
    "a word that says no price": ("AAPL.csv", "Datum,Wert,Umsatz", {"Wert": "close"}),
    "adjusted closes alone": ("AAPL.csv", "Date,Volume,Adj Close", {"Adj Close": "close"}),
}


@pytest.mark.parametrize("kind", UNDERSTOOD)
def test_columns_are_to_be_declared_and_no_file_left_out(tmp_path, kind):
    name, head, columns = UNDERSTOOD[kind]
    put(tmp_path, **{name: "\n".join([head, *SOUND, ""])})
    (checked,) = checking.check(tmp_path).files
    (said,) = tomllib.loads("\n".join(checked.remedy))["files"].values()
    assert said["columns"] == columns
    (tmp_path / "folder.toml").write_text("\n".join(checked.remedy), "utf-8")
    assert checking.check(tmp_path).whole


def test_a_file_that_gives_way_to_another_is_left_out_and_mended(tmp_path):
    other = [f"{day},{105 + n * 2},7" for n, day in enumerate(DAYS)]
    put(tmp_path, p__csv="\n".join(["Date,AAA,BBB", *SOUND, ""]), q__csv="\n".join(["Date,AAA,CCC", *other, ""]))
    (tmp_path / "sub").mkdir()
    for folder in (tmp_path, tmp_path / "sub"):
        put(folder, members__csv="Symbol,Name\nAAA,Alpha\n")
    found = checking.check(tmp_path)
    assert not found.whole
    (tmp_path / "folder.toml").write_text("\n".join(line for each in found.files for line in each.remedy), "utf-8")
    assert "is not used for it" not in str(checking.check(tmp_path))
    assert checking.check(tmp_path).whole
    assert Session(f"folder:{tmp_path}").call("PX_CLOSE", "CCC") == 7


def test_files_of_another_kind_are_mended_at_the_top(tmp_path, capsys):
    put(tmp_path, SPY__csv=BARS, README__md="hello")
    assert main(["folder", "check", str(tmp_path), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (tmp_path / "folder.toml").write_text("\n".join(found["remedy"]), "utf-8")
    assert main(["folder", "check", str(tmp_path)]) == 0


def test_lines_for_a_table_that_is_there_come_without_its_head(tmp_path, capsys):
    put(tmp_path, SPY__csv=BARS, XLP__csv="Date,Close,Fancy\n2026-02-11,5,1\n2026-02-12,abc,2\n2026-02-13,5.1,2\n")
    (tmp_path / "folder.toml").write_text('[files."XLP.csv"]\ncurrency = "USD"\n', "utf-8")
    assert main(["folder", "check", str(tmp_path), "--json"]) == 1
    (remedy,) = (each["remedy"] for each in json.loads(capsys.readouterr().out)["files"] if each["file"] == "XLP.csv")
    assert not any(line.startswith("[") for line in remedy)
    with (tmp_path / "folder.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(remedy))
    assert main(["folder", "check", str(tmp_path)]) == 0


def test_a_folder_without_prices_is_shown_too(tmp_path, capsys):
    put(tmp_path, members__csv="Symbol,Name\nAAA,A\nBBB,B\n")
    assert main(["folder", "check", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "members.csv: members" in shown
    assert "holds no prices" in shown


def test_init_writes_settings_that_say_nothing_yet_and_never_over_others(tmp_path):
    put(tmp_path, SPY__csv=BARS, bad__csv="Date,XLV\n2026-02-11,5\n2026-02-12,a\x07bc\n2026-02-13,6\n")
    before = checking.check(tmp_path)
    assert main(["folder", "init", str(tmp_path)]) == 0
    text = (tmp_path / "folder.toml").read_text("utf-8")
    assert tomllib.loads(text) == {}
    assert "bad.csv" in text
    after = checking.check(tmp_path)
    assert [each.refused for each in before.files] == [each.refused for each in after.files]
    said = ("# [files", "# leave_out_rows", "# gaps")
    wanted = "\n".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith(said))
    assert main(["folder", "init", str(tmp_path)]) == 2
    assert (tmp_path / "folder.toml").read_text("utf-8") == text
    (tmp_path / "folder.toml").write_text(wanted, "utf-8")
    assert main(["folder", "check", str(tmp_path)]) == 0


@pytest.mark.parametrize("given", ["missing", "settings"])
def test_what_cannot_be_checked_is_an_error(tmp_path, capsys, given):
    folder = tmp_path / "nowhere" if given == "missing" else put(tmp_path, SPY__csv=BARS, folder__toml="exchang = 1")
    assert main(["folder", "check", str(folder)]) == 2
    assert ("no folder" if given == "missing" else "did you mean exchange?") in capsys.readouterr().err
