"""Tables as a person reads them on a terminal."""

import datetime as dt
import io

import pytest

from xlrotation import readable
from xlrotation.errors import CellError
from xlrotation.functions.boundary.registry import functions


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_colours_are_for_terminals_that_want_them(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert readable.coloured(Terminal())
    assert not readable.coloured(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not readable.coloured(Terminal())


def test_gains_are_green_losses_red_and_widths_are_those_without_colours():
    spec = functions()["ROT_SECTOR_RET"]
    rows = [["Sector", "Symbol", "Return"], ["Energy", "XLE", 0.0727], ["Tech", "XLK", -0.1], ["X", "Y", CellError.NA]]
    plain = readable.table(rows, spec)
    assert plain.splitlines() == [
        "Sector  Symbol    Return",
        "Energy  XLE      +7.27 %",
        "Tech    XLK     -10.00 %",
        "X       Y           #N/A",
    ]
    painted = readable.table(rows, spec, colours=True)
    assert "\x1b[32m+7.27 %\x1b[0m" in painted
    assert "\x1b[31m-10.00 %\x1b[0m" in painted
    for code in ("\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"):
        painted = painted.replace(code, "")
    assert painted == plain


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ('=ROT_SECTOR_RET(,"5D")', "ROT_SECTOR_RET"),
        ('rot_sector_ret(PX_CLOSE("(")) ', "ROT_SECTOR_RET"),
        ('=PX_RET("XLK")+1', None),
        ("=SUM(PX_RET())", None),
        ('=PX_RET("XLK"', None),
        ("=NO_SUCH()", None),
    ],
)
def test_which_function_a_formula_is_a_call_of(formula, name):
    spec = readable.called(formula)
    assert (spec.name if spec else None) == name


def test_numbers_of_no_known_unit_and_dates():
    rows = [[1.5, dt.date(2026, 2, 13)], [1234.5678, dt.date(2026, 2, 12)]]
    assert readable.table(rows, None).splitlines() == ["  1.5000  2026-02-13", "1,234.57  2026-02-12"]


def test_every_example_can_be_shown(sample):
    from xlrotation.workbook.evaluation.evaluate import evaluate_formula

    for name, spec in functions().items():
        if not spec.table or name.startswith(("XLR_", "REP_")):
            continue
        rows = evaluate_formula(spec.example, sample)
        if isinstance(rows, list):
            assert len(readable.table(rows, spec, colours=True).splitlines()) == len(rows)


def test_a_count_among_returns_is_no_percentage():
    rows = [["Item", "From the year's high"], ["Quantile 50%", -0.1202], ["Sessions", 51]]
    assert readable.table(rows, functions()["VOL_STRESS"]).splitlines()[-1].split() == ["Sessions", "51"]


@pytest.mark.parametrize(("heads", "name"), [(("Symbol", "Days", "Value"), "Name"), (("代码", "天数", "数值"), "名称")])
def test_symbols_without_names_are_named(heads, name):

    def named(ticker, lang):
        assert lang == ("en" if name == "Name" else "zh")
        return {"^VIX": "VIX", "ABC": "Alphabet Soup"}[ticker]

    rows = [[*heads], ["^VIX", 30, 20.6], ["ABC", 1, 2.0]]
    assert readable.with_names(rows, named) == [
        [name, *heads],
        ["VIX", "^VIX", 30, 20.6],
        ["Alphabet Soup", "ABC", 1, 2.0],
    ]
    for others in (["Name", "Symbol"], ["Sector", "Symbol"], ["Date", "Value"]):
        assert readable.with_names([others, ["X", "Y"]], named) == [others, ["X", "Y"]]
