"""What folder.toml declares of files, and what is wrong in it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import openpyxl
import pytest

from xlrotation.errors import NoData
from xlrotation.market.providers.folder import checking, declared, source


def put(folder, **files):
    for name, content in files.items():
        path = folder / name.replace("__", ".").replace("_of_", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def closes(panel, symbol):
    return [value for value in panel.fields["close"][:, panel.columns[symbol]].tolist() if value == value]


def settings(text, name="prices.csv"):
    return f'[files."{name}"]\n{text}\n'


WIDE = "Date,AAA,BBB\n2026-02-12,10,20\n2026-02-13,11,21\n"

KEYS = {
    "columns": (
        "Tag,Kurs,Rest\n2026-02-12,10,1\n2026-02-13,11,2\n",
        'columns = { Tag = "date", Kurs = "AAA", Rest = "" }',
        {"AAA": [10, 11]},
    ),
    "columns of fields": (
        "Tag,Anfang,Ende\n2026-02-12,9,10\n2026-02-13,12,11\n",
        'symbol = "AAA"\ncolumns = { Tag = "date", Anfang = "open", Ende = "close" }',
        {"AAA": [10, 11]},
    ),
    "columns of rows": (
        "Tag,Papier,Wert\n2026-02-12,aaa,10\n2026-02-12,BBB,20\n2026-02-13,AAA,11\n2026-02-13,bbb,21\n",
        'columns = { Tag = "date", Papier = "symbol", Wert = "close" }',
        {"AAA": [10, 11], "BBB": [20, 21]},
    ),
    "columns by number": ("Date,,BBB\n2026-02-13,11,21\n", 'columns = { "#2" = "AAA" }', {"AAA": [11], "BBB": [21]}),
    "layout wide": (
        "Date,OPEN,LOW\n2026-02-12,10,20\n2026-02-13,11,21\n",
        'layout = "wide"',
        {"OPEN": [10, 11], "LOW": [20, 21]},
    ),
    "layout bars": (
        "Date,Code,Close\n2026-02-12,1,10\n2026-02-13,2,11\n",
        'layout = "bars"\nsymbol = "AAA"\ncolumns = { Code = "" }',
        {"AAA": [10, 11]},
    ),
    "symbol": ("Date,Close\n2026-02-12,10\n2026-02-13,11\n", 'symbol = "AAA"', {"AAA": [10, 11]}),
    "head": ("Date,x\nof,the desk\n\nDate,AAA\n2026-02-12,10\n2026-02-13,11\n", "head = 4", {"AAA": [10, 11]}),
    "date_format": (
        "Date,AAA\n02/10/2026,10\n02/11/2026,11\n",
        'date_format = "MM/DD/YYYY"',
        {"AAA": [10, 11]},
    ),
    "date_format of two digits": (
        "Date,AAA\n10.02.26,10\n11.02.26,11\n",
        'date_format = "DD.MM.YY"',
        {"AAA": [10, 11]},
    ),
    "date_format without marks": (
        "Date,AAA\n10022026,10\n11022026,11\n",
        'date_format = "DDMMYYYY"',
        {"AAA": [10, 11]},
    ),
    "date_format by name": (
        "Date,AAA\n10-Feb-2026,10\n11-Feb-2026,11\n",
        'date_format = "D-MMM-YYYY"',
        {"AAA": [10, 11]},
    ),
    "date_format by name in another language": (
        "Date,AAA\n10-helmikuu-2026,10\n11-helmikuu-2026,11\n",
        'date_format = "D-MMM-YYYY"',
        {"AAA": [10, 11]},
    ),
    "decimal comma": ("Date;AAA\n2026-02-12;1,234\n2026-02-13;1.234,5\n", 'decimal = ","', {"AAA": [1.234, 1234.5]}),
    "decimal point": ("Date;AAA\n2026-02-12;1,234\n2026-02-13;1,250\n", 'decimal = "."', {"AAA": [1234, 1250]}),
    "separator": ("Date|AAA|B;C;D\n2026-02-13|11|7\n", 'separator = "|"\ncolumns = { "B;C;D" = "" }', {"AAA": [11]}),
    "encoding": (
        "日期,蘋果\n2026-02-13,11\n".encode("big5"),
        'encoding = "big5"\ncolumns = { "蘋果" = "AAA" }',
        {"AAA": [11]},
    ),
    "leave_out_rows": (
        "Date,AAA\n2026-02-12,10\n2026-02-13,11\n2026-02-13,99\n",
        "leave_out_rows = [4]",
        {"AAA": [10, 11]},
    ),
    "gaps": (
        "Date,AAA,BBB\n2026-02-12,10,closed\n2026-02-13,Not Yet,21\n",
        'gaps = ["closed", "not yet"]',
        {"AAA": [10], "BBB": [21]},
    ),
    "time_zone": (
        "Date,AAA\n2026-02-13 05:00,10\n2026-02-14 05:00,11\n",
        'time_zone = "Asia/Shanghai"',
        {"AAA": [10, 11]},
    ),
}


@pytest.mark.parametrize("key", KEYS)
def test_each_setting_does_what_it_says(tmp_path, key):
    content, text, expected = KEYS[key]
    put(tmp_path, prices__csv=content, folder__toml=settings(text))
    panel = source.load(tmp_path)
    assert {symbol: closes(panel, symbol) for symbol in panel.symbols} == expected
    assert panel.remarks == ()


def test_a_stamp_of_a_declared_zone_belongs_to_the_session_before(tmp_path):
    content, text, _ = KEYS["time_zone"]
    put(tmp_path, prices__csv=content, folder__toml=settings(text))
    days = source.load(tmp_path).days.tolist()
    assert days == [dt.date(2026, 2, 12), dt.date(2026, 2, 13)]


def test_a_date_that_is_written_otherwise_is_told_and_not_guessed(tmp_path):
    put(
        tmp_path,
        prices__csv="Date,AAA\n10.02.2026,10\n2026-02-11,11\n12.02.2026,12\n13.02.2026,13\n",
        folder__toml=settings('date_format = "DD.MM.YYYY"'),
    )
    panel = source.load(tmp_path)
    assert closes(panel, "AAA") == [10, 12, 13]
    (remark,) = panel.remarks
    assert "prices.csv, row 3, column Date: '2026-02-11' is no date written as DD.MM.YYYY" in remark


@pytest.mark.parametrize(
    ("closes_are", "expected"), [("as traded", 0.0), ("split-adjusted", 1.0), ("fully adjusted", 1.0)]
)
def test_what_the_closes_are(tmp_path, closes_are, expected):
    """The close doubles on the day of a split of 2 for 1 where it is adjusted already, and splits where it is not."""
    second = 20 if expected else 10
    put(
        tmp_path,
        AAA__csv=f"Date,Close,Stock Splits\n2026-02-11,20,0\n2026-02-12,{second},2\n2026-02-13,{second},0\n",
        folder__toml=settings(f'closes = "{closes_are}"\ntrusted = true', "AAA.csv"),
    )
    panel = source.load(tmp_path)
    factor = panel.split_factor
    assert (factor is None) is bool(expected)
    assert closes(panel, "AAA") == [20, second, second]


def test_moves_of_a_trusted_file_are_not_held_back(tmp_path):
    rows = "".join(f"2026-02-{day:02},{10 if day < 12 else 1}\n" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13))
    put(tmp_path, AAA__csv=f"Date,Close\n{rows}")
    assert source.load(tmp_path).quarantine
    put(tmp_path, folder__toml=settings("trusted = true", "AAA.csv"))
    panel = source.load(tmp_path)
    assert not panel.quarantine
    assert closes(panel, "AAA")[-1] == 1


def test_currency_and_exchange_of_a_file(tmp_path):
    put(
        tmp_path,
        prices__csv=WIDE,
        euro__csv="Date,CCC\n2026-02-12,10\n2026-02-13,11\n",
        folder__toml=settings('currency = "EUR"\nexchange = "XETR"', "euro.csv"),
    )
    panel = source.load(tmp_path)
    assert panel.provenance["CCC"].currency == "EUR"
    assert panel.provenance["AAA"].currency is None
    assert {symbol: panel.listing.of(symbol).code for symbol in panel.symbols} == {
        **dict.fromkeys(("AAA", "BBB"), "XNYS"),
        "CCC": "XETR",
    }


def test_one_sheet_of_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    for title, value in (("Old", 1.0), ("New", 2.0)):
        sheet = book.create_sheet(title)
        sheet.append(["Date", "AAA"])
        sheet.append([dt.datetime(2026, 2, 13), value])
    book.save(tmp_path / "prices.xlsx")
    put(tmp_path, folder__toml=settings('sheet = "New"', "prices.xlsx"))
    assert closes(source.load(tmp_path), "AAA") == [2.0]
    put(tmp_path, folder__toml=settings('sheet = "Newer"', "prices.xlsx"))
    with pytest.raises(NoData, match="names the sheet 'Newer'; it has Old, New"):
        source.load(tmp_path)


def test_members_without_names(tmp_path):
    put(
        tmp_path,
        prices__csv=WIDE,
        desk__csv="Symbol\nAAA\nBBB\n",
        folder__toml=settings('layout = "members"', "desk.csv"),
    )
    assert source.load(tmp_path).universes["DESK"] == ("AAA", "BBB")


def test_series_by_declaration(tmp_path):
    put(
        tmp_path,
        prices__csv=WIDE,
        macro__csv="Date,Mood,Stress\n2026-01-01,1,2\n2026-02-01,3,4\n",
        folder__toml=settings('layout = "series"', "macro.csv"),
    )
    panel = source.load(tmp_path)
    assert panel.series["MOOD"][1].tolist() == [1, 3]
    assert set(panel.symbols) == {"AAA", "BBB"}


def test_files_that_are_left_out_are_not_read(tmp_path):
    put(tmp_path, prices__csv=WIDE, bad__csv=b"\x00", old_of_x__csv="Date,ZZZ\n2026-02-13,1\n", note__md="x")
    put(tmp_path, folder__toml='leave_out = ["old/*", "*.md"]\n[files."bad.csv"]\nleave_out = true\n')
    panel = source.load(tmp_path)
    assert panel.symbols == ("AAA", "BBB")
    assert panel.remarks == ()


def test_a_later_table_counts_where_two_fit():
    found = declared.parse(
        '[files."*.csv"]\ndecimal = ","\ncolumns = { A = "date" }\n'
        '[files."a.csv"]\ndecimal = "."\ncolumns = { B = "close" }'
    )
    assert found.of("sub/A.CSV").decimal == "."
    assert found.of("a.csv").columns == {"A": "date", "B": "close"}
    assert found.of("b.csv").decimal == ","
    assert found.of("b.txt") == declared.NOTHING


def test_what_fits_nothing_is_told(tmp_path):
    put(tmp_path, prices__csv=WIDE, folder__toml=settings('decimal = "."', "price.csv"))
    assert source.load(tmp_path).remarks == (
        "folder.toml names price.csv, and no file is called so; did you mean prices.csv?",
    )
    put(tmp_path, folder__toml=settings('columns = { Dat = "date" }'))
    with pytest.raises(NoData, match=r"prices\.csv, row 1: folder\.toml names the column 'Dat'.*did you mean Date\?"):
        source.load(tmp_path)


def test_a_changed_declaration_is_noticed(tmp_path):
    put(tmp_path, prices__csv="Date;AAA\n2026-02-13;1,234\n", folder__toml=settings('decimal = ","'))
    reader = source.Reader(tmp_path)
    before = reader.marks()
    assert closes(reader.load(), "AAA") == [1.234]
    put(tmp_path, folder__toml=settings('decimal = "."  # no'))
    assert reader.marks() != before
    assert closes(reader.load(), "AAA") == [1234.0]


def test_both_files_may_not_say_where_symbols_trade(tmp_path):
    put(tmp_path, prices__csv=WIDE, xlrotation__toml='exchange = "XETR"')
    assert source.load(tmp_path).home.code == "XETR"
    put(tmp_path, folder__toml=settings('decimal = "."'))
    assert source.load(tmp_path).home.code == "XETR"
    put(tmp_path, folder__toml='exchange = "XLON"')
    with pytest.raises(NoData, match=r"xlrotation\.toml: folder\.toml says where symbols trade, too"):
        source.load(tmp_path)
    (tmp_path / "xlrotation.toml").unlink()
    assert source.load(tmp_path).home.code == "XLON"


WRONG = {
    "x = 1": "has 'x'; there are exchange, home, symbols, leave_out, files",
    "exchang = 'XETR'": "did you mean exchange?",
    "exchange = 7": "exchange is 7",
    "exchange = 'XETRA1'": "no exchange 'XETRA1'",
    "leave_out = 'x'": "leave_out is 'x', and must be a list of names of files",
    "files = 1": "files is no table",
    "[files]\na = 1": '[files."a"] is no table of settings',
    "[files.prices.csv]\ndecimal = ','": "write a name that has a dot in quotes",
    "this is no toml": "cannot be read",
    "a = 1\na = 2": "cannot be read",
    "a = " + "[" * 5000: "cannot be read",
    r'[files."C:\Users\x.csv"]': "in double quotes a backslash is no part of a path",
    settings("date_fromat = 'x'"): "has 'date_fromat'; did you mean date_format?",
    settings("date_format = 'DD.MM'"): "must have year, month and day once each",
    settings("date_format = 'DD.MM.YYYY HH'"): "must have year, month and day once each",
    settings("date_format = '%d.%m.%Y'"): "must have year, month and day once each",
    settings("decimal = ';'"): "decimal is ';'",
    settings("decimal = 1"): "decimal is 1, and must be a text",
    settings("columns = 'x'"): "must be a table of heads",
    settings("columns = { A = 1 }"): "columns A is 1",
    settings("columns = { A = 'clsoe' }"): "did you mean close?",
    settings("columns = { A = 'close', B = 'close' }"): "gives two columns the meaning 'close'",
    settings("layout = 'bar'"): "did you mean bars?",
    settings("time_zone = 'New_York'"): "did you mean America/New_York?",
    settings("time_zone = '../x'"): "give a name such as America/New_York",
    settings("currency = 'Euro'"): "must be a code such as USD",
    settings("exchange = 'XETRA1'"): "no exchange 'XETRA1'",
    settings("closes = 'adjusted?'"): "did you mean adjusted?",
    settings("head = -1"): "must be the number of a row",
    settings("head = true"): "must be the number of a row",
    settings("leave_out = ['A']"): "must be true or false",
    settings("leave_out_rows = 5"): "must be a list of numbers of rows",
    settings("leave_out_rows = [1.5]"): "must be the number of a row",
    settings("encoding = 'latin1'"): "encoding is 'latin1'",
    settings("separator = ''"): "must be a mark that parts cells",
    settings('separator = "a"'): "must be a mark that parts cells",
    settings('session = "13.02.2026"'): "must be a day such as 2026-02-13",
    settings('leave_out_rows = ["9-7"]'): "must go from one row to a later one",
    settings("sheet = [1]"): "must be a list of titles of sheets",
    settings("symbol = ' '"): "must be a text",
    settings("gaps = 'x'"): "must be a list of texts that stand for a gap",
    settings("trusted = 'yes'"): "must be true or false",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_in_it_is_an_error_with_the_key_and_the_reason(tmp_path, text):
    put(tmp_path, prices__csv=WIDE, folder__toml=text)
    with pytest.raises(NoData) as caught:
        source.load(tmp_path)
    assert str(tmp_path / "folder.toml") in caught.value.message
    assert WRONG[text] in caught.value.message
    assert len(caught.value.message) < 700


def test_settings_with_a_mark_of_their_encoding_or_other_line_ends_are_read(tmp_path):
    put(tmp_path, prices__csv="Date;AAA\n2026-02-13;1,5\n")
    (tmp_path / "folder.toml").write_bytes(b"\xef\xbb\xbf" + settings('decimal = ","').replace("\n", "\r\n").encode())
    assert np.isclose(closes(source.load(tmp_path), "AAA"), [1.5]).all()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('layout = "bars"', "is read as wide; the layout bars in folder.toml is not applied"),
        ('symbol = "SPY"', "the symbol SPY in folder.toml is not applied"),
        ("leave_out_rows = [99]", "to leave out row 99 of 3 in folder.toml is not applied"),
    ],
)
def test_what_is_declared_in_vain_is_told(tmp_path, said, told):
    (tmp_path / "p.csv").write_text("Date,AAA,BBB\n2026-02-12,5,6\n2026-02-13,6,7\n")
    (tmp_path / "folder.toml").write_text(f'[files."p.csv"]\n{said}\n')
    assert told in " ".join(source.load(tmp_path).remarks)
    assert not checking.check(tmp_path).whole


def test_a_column_that_is_not_there_by_its_number(tmp_path):
    (tmp_path / "p.csv").write_text("Date,AAA,BBB\n2026-02-12,5,6\n2026-02-13,6,7\n")
    (tmp_path / "folder.toml").write_text('[files."p.csv"]\ncolumns = { "#9" = "close" }\n')
    with pytest.raises(NoData, match="names the column #9, and it has 3"):
        source.load(tmp_path)


@pytest.mark.parametrize("gap", ["-999", '"-999"', '"-999.0"', "-999.0"])
@pytest.mark.parametrize("cell", ["-999", "-999.00", '"-999"'])
def test_a_number_may_stand_for_a_gap(tmp_path, gap, cell):
    (tmp_path / "p.csv").write_text(f"Date,AAA,BBB\n2026-02-12,5,6\n2026-02-13,{cell},7\n")
    (tmp_path / "folder.toml").write_text(f'[files."p.csv"]\ngaps = [{gap}]\n')
    panel = source.load(tmp_path)
    assert panel.remarks == ()
    assert str(panel.fields["close"][-1]) == "[nan  7.]"


def test_symbols_that_are_not_there_are_told_of_the_file_that_names_them(tmp_path):
    (tmp_path / "p.csv").write_text("Date,AAA,BBB\n2026-02-12,5,6\n2026-02-13,6,7\n")
    for name in ("xlrotation.toml", "folder.toml"):
        (tmp_path / name).write_text('[symbols]\nZZZ = "XETR"\n')
        assert f"{name} names ZZZ, which the data do not hold" in source.load(tmp_path).remarks
        (tmp_path / name).unlink()
