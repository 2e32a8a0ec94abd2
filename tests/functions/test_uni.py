"""UNI: universes, their members as they were, and expressions of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import openpyxl
import pytest

from tests.conftest import FixedSource, panel_of
from tests.functions.desks import folder_desk, members
from xlrotation.cli import main
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.families.xlr.status import summary
from xlrotation.market import ownlists, universes
from xlrotation.market.condition import condition_of
from xlrotation.market.store.store import Store
from xlrotation.market.terms import Terms, of_weights

PRICES = """Date,AAA,BBB,CCC,AAPL
2026-02-10,10,20,5,100
2026-02-11,11,20,6,101
2026-02-12,10,19,7,102
2026-02-13,11,18,8,103
"""
LISTS = """universe,symbol,from,to,sector,name
DESK,AAA,,2026-02-11,Energy,Alpha
DESK,BBB,2026-02-11,,Semis,Beta
DESK,CCC,2026-02-13,,Energy,
DESK,AAA,2026-02-13,,,
LATE,CCC,2026-02-12,,,
PLAIN,AAA,,,,
PLAIN,AAPL,,,,
"""


@pytest.fixture
def folder(tmp_path):
    return lambda lists=LISTS, **files: folder_desk(tmp_path, PRICES, lists, **files)


def test_members_are_those_of_the_date(folder):
    desk = folder()
    assert members(desk, "DESK", "2026-02-10") == ["AAA"]
    assert members(desk, "desk", "2026-02-11") == ["AAA", "BBB"]
    assert members(desk, "DESK", "2026-02-12") == ["BBB"]
    assert members(desk, "DESK") == ["BBB", "CCC", "AAA"]
    assert desk.call("UNI_MEMBERS", "DESK", "2026-02-10") == [
        ["Symbol", "Name", "Sector", "Members of"],
        ["AAA", "Alpha", "Energy", "the date"],
    ]
    assert desk.remarks == {}


def test_before_its_first_member_a_list_has_none(folder):
    session = folder()
    assert members(session, "LATE", "2026-02-11") is CellError.NA
    assert session.failures[-1].reason == (
        "the list LATE has no member on 2026-02-11; the first one begins on 2026-02-12"
    )
    assert members(session, "LATE", "2026-02-12") == ["CCC"]


def test_breadth_counts_the_members_of_each_session(folder):
    session = folder()
    # 10th to 11th: AAA up, BBB (joined) unchanged; 12th: BBB down; 13th: BBB down, CCC and AAA (back) up.
    assert session.call("BRD_AD", "DESK", "2026-02-12", False) == [[0, 1, 0, 0.0]]
    assert session.call("BRD_AD_LINE", "DESK", "MAX") == 1 - 1 + 1
    history = session.call("BRD_HISTORY", "DESK", "NET", "MAX", None, None, False)
    assert [value for _, value in history] == [CellError.NA, 1.0, -1.0, 1.0]
    line = session.call("BRD_HISTORY", "DESK", "AD_LINE", "MAX", None, None, False)
    assert [value for _, value in line] == [CellError.NA, 1.0, 0.0, 1.0]
    above = session.call("BRD_HISTORY", "DESK", "ABOVE_MA", "MAX", None, 2, False)
    assert [value for _, value in above] == [CellError.NA, 0.5, 0.0, pytest.approx(2 / 3)]
    for row in above[1:]:
        assert row[1] == session.call("BRD_ABOVE_MA", "DESK", 2, row[0].isoformat())


@pytest.mark.parametrize("measure", ["MCCLELLAN", "SUMMATION"])
def test_trends_are_of_the_members_of_each_session(folder, measure):
    session = folder()
    history = session.call("BRD_HISTORY", "DESK", measure, "MAX", None, None, False)
    for day, value in history[1:]:
        assert session.call(f"BRD_{measure}", "DESK", day.isoformat()) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DESK:Energy", ["CCC", "AAA"]),
        ("DESK:energy", ["CCC", "AAA"]),
        ("desk:能源", ["CCC", "AAA"]),
        ("DESK：能源", ["CCC", "AAA"]),
        ("DESK:Semis", ["BBB"]),
        ("DESK-PLAIN", ["BBB", "CCC"]),
        ("DESK − PLAIN", ["BBB", "CCC"]),
        ("PLAIN+DESK", ["AAA", "AAPL", "BBB", "CCC"]),
        ("PLAIN + DESK:Energy - AAPL", ["AAA", "CCC"]),
        ("PLAIN:Technology", ["AAPL"]),  # whose sector the data do not say
        ("PLAIN-Apple", ["AAA"]),
    ],
)
def test_expressions(folder, text, expected):
    assert members(folder(), text) == expected


def test_an_expression_has_the_members_of_the_date(folder):
    session = folder()
    assert members(session, "DESK:Energy", "2026-02-11") == ["AAA"]
    assert members(session, "DESK-PLAIN", "2026-02-11") == ["BBB"]
    assert members(session, "DESK:Energy", "2026-02-12") is CellError.NA
    line = session.call("BRD_HISTORY", "DESK-PLAIN", "NET", "MAX", None, None, False)
    assert [value for _, value in line] == [CellError.NA, 0.0, -1.0, 0.0]


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("DESK+IWM", CellError.NA, "an index or a fund, and the data do not bring its members"),
        ("IWM-DESK", CellError.NA, "an index or a fund, and the data do not bring its members"),
        ("SPX:Technology", CellError.NA, "an index or a fund, and the data do not bring its members"),
        (
            "DESK:Mining",
            CellError.NA,
            "no member of DESK is known to belong to the sector Mining; they belong to",
        ),
        ("DESK-DESK", CellError.NA, "DESK-DESK has no member on 2026-02-13: nothing is left of it"),
        ("DESK:", CellError.VALUE, "is no list; write SP500:Technology"),
        ("DESK+", CellError.VALUE, "'DESK+' has a sign and no list beside it; write SP500:Technology"),
        ("-DESK", CellError.VALUE, "'-DESK' has a sign and no list beside it; write SP500:Technology"),
        ("AAPL:Technology", CellError.VALUE, "a sector is one of a list"),
        ("DESK+ZZZ", CellError.NA, "no universe 'ZZZ'"),
        ("LATE-PLAIN", CellError.NA, None),
    ],
)
def test_expressions_that_mean_nothing(folder, text, error, told):
    session = folder()
    assert members(session, text, "2026-02-11" if told is None else None) is error
    assert (told or "the list LATE has no member on 2026-02-11") in session.failures[-1].reason


def test_a_fund_that_the_data_hold_is_no_list(sample):
    for text in ("SP50+IWM", "IWM-SP50", "XLK:Technology"):
        assert members(sample, text) is CellError.VALUE
        assert "an index or a fund, and the data do not bring its members" in sample.failures[-1].reason


def test_a_fund_that_is_a_member_can_be_taken_away(sample):
    assert members(sample, "SECTORS-XLK - 能源") == [
        *("XLF", "XLV", "XLY", "XLP", "XLI", "XLB", "XLU", "XLRE", "XLC"),
    ]
    assert members(sample, "SP50-XLK") is CellError.VALUE


def test_an_expression_has_bounds(sample):
    assert members(sample, "+".join(["MAG7"] * 50)) == members(sample, "MAG7")
    assert members(sample, "+".join(["MAG7"] * 5000)) is CellError.VALUE
    assert "an expression of 5000 lists; give at most 50" in sample.failures[-1].reason


def test_a_symbol_with_a_sign_stays_a_symbol(sample):
    assert members(sample, "BRK-B") == ["BRK-B"]
    assert "BRK-B" not in members(sample, "SP50-BRK-B")
    assert len(members(sample, "SP50-BRK-B")) == 49
    assert sample.call("ROT_RRG", "BRK-B", "SPX", None, 60, False)[0][1] == "BRK-B"
    assert [row[1] for row in sample.call("ROT_RRG", "MAG7:Technology", "SPX", None, 60, False)] == [
        *("AAPL", "MSFT", "NVDA"),
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("DESK,BBB,2026-02-30,,,", "row 3, from: '2026-02-30' is no day of the calendar"),
        ("DESK,BBB,03/04/2026,,,", "row 3, from"),
        ("DESK,BBB,2026-02-12,2026-02-11,,", "row 3: BBB ends on 2026-02-11, before it begins on 2026-02-12"),
        ("DESK,,2026-02-12,,,", "row 3: has no symbol"),
        (",BBB,2026-02-12,,,", "row 3: has no name of a list"),
    ],
)
def test_a_list_with_a_wrong_row_is_left_out_whole(folder, row, told):
    session = folder(f"universe,symbol,from,to,sector,name\nDESK,AAA,,,,\n{row}\nGOOD,CCC,,,,\n")
    assert any(told in remark for remark in session.panel.remarks)
    assert members(session, "GOOD") == ["CCC"]
    if row.startswith("DESK"):
        assert members(session, "DESK") is CellError.NA
        assert told in session.failures[-1].reason


def test_heads_in_chinese_and_dates_of_a_workbook(folder):
    session = folder("股票池,代码,纳入日期,剔除日期\nDESK,AAA,2026年2月11日,2026/2/12\nDESK,BBB,20260212,\n")
    assert members(session, "DESK", "2026-02-11") == ["AAA"]
    assert members(session, "DESK", "2026-02-12") == ["AAA", "BBB"]
    assert members(session, "DESK") == ["BBB"]


def test_members_of_two_files_are_those_of_the_first(folder):
    session = folder(members_desk="Symbol,Name\nCCC,Gamma\n")
    assert any("the members of DESK stand in another file already" in remark for remark in session.panel.remarks)
    assert members(session, "DESK", "2026-02-10") == ["CCC"]


def test_dated_weights_tell_the_members(folder):
    weights = "Date,Ticker,Weight\n2026-02-11,AAA,0.5\n2026-02-11,BBB,0.5\n2026-02-13,AAA,0.4\n2026-02-13,CCC,0.6\n"
    session = folder(weights_fund=weights)
    assert members(session, "FUND", "2026-02-12") == ["AAA", "BBB"]
    assert members(session, "FUND") == ["AAA", "CCC"]
    assert session.call("UNI_WEIGHTS", "FUND", None, False) == [
        ["CCC", "CCC", pytest.approx(0.6)],
        ["AAA", "Alpha", pytest.approx(0.4)],
    ]
    assert session.remarks == {}
    assert members(session, "FUND", "2026-02-10") == ["AAA", "BBB"]
    assert list(session.remarks) == [
        "FUND at 2026-02-10 is made of its first known members: the data begin with those of a later day"
    ]


def test_todays_members_of_long_ago_are_told(sample):
    assert len(members(sample, "SP50")) == 50
    assert sample.remarks == {}
    assert len(members(sample, "SP50", "2026-01-16")) == 50
    assert sample.remarks == {}
    table = sample.call("UNI_MEMBERS", "SP50", "2024-06-28", False)
    assert {row[3] for row in table} == {"today's members"}
    assert list(sample.remarks) == [
        "SP50 at 2024-06-28 is made of today's members: the data do not say who they were then; "
        "bring universes.csv with the columns universe, symbol, from, to"
    ]
    sample.remarks.clear()
    assert sample.call("BRD_AD", "SP50-MAG7", "2024-06-28", False)
    assert len(sample.remarks) == 1
    sample.remarks.clear()
    assert sample.call("BRD_AD", "MAG7", "2024-06-28", False)  # the seven are the seven
    assert sample.call("ROT_LEADERS", "SECTORS", 3, "20D", "2024-06-28", False)
    assert sample.remarks == {}


def test_members_whose_sector_is_not_known_are_told():
    panel = dataclasses.replace(panel_of({"AAPL": [1.0, 2], "QQQX": [1.0, 2]}), universes={"DESK": ("AAPL", "QQQX")})
    session = Session(FixedSource(panel), lang="en")
    assert members(session, "DESK:Technology") == ["AAPL"]
    assert list(session.remarks) == ["DESK:XLK: the sector of QQQX is not known; left out"]
    assert session.call("UNI_MEMBERS", "DESK", None, False)[1][2] is CellError.NA


def test_a_store_reads_universes_beside_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path))
    store = Store("desk")
    closes = {"AAA": [100.0, 101, 102], "BBB": [50.0, 50, 49]}
    store.write(panel_of(closes))
    file = store.folder / "universes.csv"
    file.write_text("universe,symbol,from,to\nDESK,AAA,,2026-02-12\nDESK,BBB,2026-02-13,\n", "utf-8")
    session = Session("store:desk", lang="en")
    assert members(session, "DESK", "2026-02-12") == ["AAA"]
    assert members(session, "DESK") == ["BBB"]
    file.write_text("universe,symbol,from\nDESK,AAA,2026-13-01\n", "utf-8")
    session = Session("store:desk", lang="en")
    assert members(session, "DESK") is CellError.NA
    assert "universes.csv, row 2, from: '2026-13-01' is no day of the calendar" in session.failures[-1].reason
    file.write_bytes(b"\xff\xfe\x00bad")
    session = Session("store:desk", lang="en")
    assert session.call("PX_CLOSE", "AAA") == 102.0
    assert any("universes.csv" in remark for remark in session.panel.remarks)


def test_terms_of_weights():
    days = np.array(["2026-01-02", "2026-02-02", "2026-03-02"], "datetime64[D]")
    table = np.array([[0.5, 0.5, np.nan], [np.nan, 0.5, 0.5], [0.2, 0.3, 0.5]])
    terms = of_weights(("A", "B", "C"), days, table)
    assert terms.at(np.datetime64("2025-01-02")) == ("A", "B")
    assert terms.at(np.datetime64("2026-02-01")) == ("A", "B")
    assert terms.at(np.datetime64("2026-02-02")) == ("B", "C")
    assert terms.at(np.datetime64("2026-05-02")) == ("A", "B", "C")
    assert terms.guessed(np.datetime64("2026-01-01"))
    assert not terms.guessed(np.datetime64("2026-01-02"))


def test_turns_are_where_members_change():
    none = np.datetime64("NaT", "D")
    terms = Terms(
        ("A", "B"),
        np.array([none, "2026-02-11"], "datetime64[D]"),
        np.array(["2026-02-11", none], "datetime64[D]"),
        np.empty(0, "datetime64[D]"),
    )
    days = np.array(["2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13"], "datetime64[D]")
    assert list(terms.turns(days)) == [1, 2]
    assert list(terms.turns(days[2:])) == []


def test_info(sample):
    assert sample.call("UNI_INFO", "NVDA") == [
        ["Symbol", "Name", "Sector", "Exchange", "Currency"],
        ["NVDA", "NVIDIA", "Technology", "XNYS", "USD"],
    ]
    assert sample.call("UNI_INFO", "SPX", False) == [["^GSPC", "S&P 500", CellError.NA, "XNYS", CellError.NA]]
    assert sample.call("UNI_INFO", "科技", False, "zh") == [["XLK", "信息技术", "信息技术", "XNYS", "USD"]]
    assert sample.call("UNI_INFO", "nobody") is CellError.NA


def test_info_of_symbols_that_the_data_do_not_hold(session_of):
    session, unknown = session_of({"AAPL": [1.0, 2.0]}), CellError.NA
    assert session.call("UNI_INFO", [["NOSUCH"], ["AAPL"], ["Tesla"]], False) == [
        ["NOSUCH", "NOSUCH", unknown, unknown, unknown],
        ["AAPL", "Apple", "Technology", "XNYS", "USD"],
        ["TSLA", "Tesla", "Consumer Discretionary", unknown, unknown],
    ]
    assert any("no symbol 'NOSUCH'" in remark for remark in session.remarks)
    assert [row[3] for row in session.call("UNI_INFO", "MAG7", False)] == ["XNYS"] + 6 * [unknown]
    assert session.call("UNI_INFO", [["NOSUCH"], ["TSLA"]]) is unknown
    assert "no symbol 'NOSUCH'" in session.failures[-1].reason
    many = [["AAPL"], *([f"QQ{place:02}"] for place in range(30))]
    assert len(session.call("UNI_INFO", many, False)) == 31
    assert any("20 more symbols of the list" in remark for remark in session.remarks)


def test_weights(sample, session_of):
    table = sample.call("UNI_WEIGHTS", "MAG7", None, False)
    assert sum(row[2] for row in table) == pytest.approx(1.0)
    assert [row[2] for row in table] == sorted((row[2] for row in table), reverse=True)
    session = session_of({"A": [1.0, 2], "B": [1.0, 2], "C": [1.0, 2]}, shares={"A": [1, 1], "C": [3, 3]})
    got = session.call("UNI_WEIGHTS", [["A"], ["B"], ["C"]], None, False)
    assert got == [["C", "C", 0.75], ["A", "A", 0.25], ["B", "B", CellError.NA]]
    assert session_of({"A": [1.0, 2]}).call("UNI_WEIGHTS", "A") is CellError.NA


FIRMS = {"AAPL": [10.0, 11, 11], "MSFT": [20.0, 20, 19], "KO": [5.0, 5, 5.5], "XYZ": [1.0, 1, 1]}
SHARES = {"AAPL": [6, 6, 600], "MSFT": [1, 1, 1], "KO": [4, 4, 4]}


def desk_of(shares=None, index=None, weights=None, terms=None):
    """A list DESK with closes of three sessions; the numbers of shares of the last one are not those of the first."""
    closes = FIRMS | ({"^GSPC": index} if index else {})
    panel = panel_of(closes, shares=SHARES if shares is None else shares)
    name = "SP500" if index else "DESK"
    held = {} if weights is None else {name: (panel.days[:1], np.array([weights]))}
    known = {} if terms is None else {name: terms(panel.days)}
    panel = dataclasses.replace(panel, universes={name: tuple(FIRMS)}, weights=held, terms=known)
    return Session(FixedSource(panel), lang="en")


def test_contributions_use_the_weights_of_the_beginning():
    session = desk_of()
    table = session.call("ROT_CONTRIB", "DESK", "2D", None, None, None, False)
    # 60, 20 and 20 of 100; returns of 10, -5 and 10 %.
    assert table == [
        ["Apple", "AAPL", pytest.approx(0.6), pytest.approx(0.1), pytest.approx(0.06)],
        ["Coca-Cola", "KO", pytest.approx(0.2), pytest.approx(0.1), pytest.approx(0.02)],
        ["Microsoft", "MSFT", pytest.approx(0.2), pytest.approx(-0.05), pytest.approx(-0.01)],
        ["Sum", 3, pytest.approx(1.0), pytest.approx(0.07), pytest.approx(0.07)],
    ]
    day = session.panel.days[0]
    assert list(session.remarks) == [
        f"contributions to DESK over 2D at 2026-02-13: no weight at {day} or no return of XYZ; left out"
    ]


def test_contributions_by_sector_and_of_the_others_add_up():
    session = desk_of()
    by_sector = session.call("ROT_CONTRIB", "DESK", "2D", None, None, "sector", False)
    assert [(row[0], row[1]) for row in by_sector[:-1]] == [("Technology", "XLK"), ("Consumer Staples", "XLP")]
    assert by_sector[0][2:] == [pytest.approx(0.8), pytest.approx(0.05 / 0.8), pytest.approx(0.05)]
    first, others, total = session.call("ROT_CONTRIB", "DESK", "2D", None, 1, None, False)
    assert (first[1], others[0], others[1]) == ("AAPL", "Others", 2)
    assert others[4] == pytest.approx(0.01)
    assert first[4] + others[4] == pytest.approx(total[4])


def test_stated_weights_of_an_index_count_as_they_are():
    session = desk_of(index=[100.0, 102, 105], weights=[0.5, 0.3, 0.1, 0.05])
    table = session.call("ROT_CONTRIB", "SP500", "2D", None, None, None, False)
    assert [(row[1], row[2]) for row in table[:4]] == [
        *(("AAPL", pytest.approx(0.5)), ("MSFT", pytest.approx(0.3)), ("KO", pytest.approx(0.1))),
        ("XYZ", pytest.approx(0.05)),
    ]
    total, index, rest = table[4:]
    assert total == ["Sum", 4, pytest.approx(0.95), pytest.approx(0.045 / 0.95), pytest.approx(0.05 - 0.015 + 0.01)]
    assert index == ["S&P 500", "^GSPC", CellError.NA, pytest.approx(0.05), pytest.approx(0.05)]
    assert rest == ["Remainder", CellError.NA, CellError.NA, CellError.NA, pytest.approx(0.005)]


def test_contributions_are_of_the_members_of_the_beginning():
    def terms(days):
        never = np.datetime64("NaT", "D")
        return Terms(
            ("AAPL", "KO", "MSFT"),
            np.array([never, never, days[1]], "datetime64[D]"),
            np.array([days[1], never, never], "datetime64[D]"),
            np.empty(0, "datetime64[D]"),
        )

    session = desk_of(terms=terms)
    table = session.call("ROT_CONTRIB", "DESK", "2D", None, None, None, False)
    assert [row[1] for row in table[:-1]] == ["AAPL", "KO"]  # MSFT joined later, AAPL left later
    movers = session.call("UNI_MOVERS", "DESK", 5, "2D", None, False)
    assert [(row[2], row[4]) for row in movers] == [("KO", pytest.approx(0.25)), ("MSFT", CellError.NA)]


def test_contributions_look_at_nothing_later():
    early, late = desk_of(), desk_of(shares={name: [*values[:2], 1e9] for name, values in SHARES.items()})
    for session in (early, late):
        got = session.call("ROT_CONTRIB", "DESK", "1D", str(session.panel.days[1]), None, None, False)
        assert got[-1][4] == pytest.approx(0.06)


def test_without_weights_there_are_no_contributions_and_that_is_told():
    session = desk_of(shares={})
    assert session.call("ROT_CONTRIB", "DESK", "2D") is CellError.NA
    assert "neither weights nor numbers of shares" in session.failures[-1].reason
    table = session.call("UNI_MOVERS", "DESK", 1, "2D", None, False)
    assert [row[0] for row in table] == [1, 4]
    assert {row[5] for row in table} == {CellError.NA}
    assert any("no contributions" in remark for remark in session.remarks)


def test_movers_stand_once(sample):
    table = sample.call("UNI_MOVERS", "MAG7", 5, "YTD", None, False)
    assert [row[0] for row in table] == [1, 2, 3, 4, 5, 6, 7]
    assert [row[3] for row in table] == sorted((row[3] for row in table), reverse=True)
    assert sample.call("UNI_MOVERS", "IWM") is CellError.VALUE
    assert sample.call("UNI_MOVERS", "MAG7", -1) is CellError.VALUE


@pytest.mark.parametrize(
    ("cut", "stored"),
    [
        *(
            (cut, stored)
            for cut in ("PLAIN,BBB,2026-02", "PLAIN,BBB,2026-02-10", "PLAIN,BBB,,,,,Semis")
            for stored in (0, 1)
        ),
        ("PLA", 1),
    ],
)
def test_lists_that_were_cut_off_are_left_out(tmp_path, folder, cut, stored):
    """A member less, or one that stays for ever, would be another list."""
    session = folder(LISTS + cut)
    remarks = session.panel.remarks
    if stored:
        remarks = ownlists.beside(tmp_path).remarks
    else:
        assert session.call("UNI_RET", "PLAIN", "1D") is CellError.NA
        assert session.call("UNI_MEMBERS", "DESK") is CellError.NA
    cells = cut.count(",") + 1
    assert any(f"universes.csv, row 9: has {cells} cells under 6 heads" in remark for remark in remarks)


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize(
    ("heads", "last", "doubted"),
    [
        ("universe,symbol,from,to", "DESK,BBB,2026-02-10,", True),
        ("universe,symbol,from,to", "DESK,BBB,2026-02-10,2026-02-12", False),
        ("universe,to,from,symbol", "DESK,,2026-02-10,BB", True),
        ("universe,symbol,from,to,sector", "DESK,BBB,2026-02-10,,", False),
        ("universe,symbol,from,to,sector", "DESK,BBB,2026-02-10,,Ene", False),
    ],
)
def test_lists_whose_last_cell_may_be_cut_off_are_left_out(tmp_path, heads, last, doubted, stored):
    """Without a last line end a blank may have been a day, and then a member that left goes on for ever."""
    first = {"symbol": "BBBX", "from": "2026-02-09", "to": "2026-02-11", "sector": "Energy", "universe": "DESK"}
    cells = ",".join(first[head] for head in heads.split(","))
    for end in ("", "\n", "\r\n"):
        text = f"{heads}\n{cells}\n{last}{end}"
        if stored:
            (tmp_path / "universes.csv").write_bytes(text.encode())
            lists = ownlists.beside(tmp_path)
            remarks, there = lists.remarks, "DESK" in lists.terms
        else:
            (tmp_path / "prices.csv").write_text("Date,AAA\n2026-02-12,1\n2026-02-13,2\n", encoding="utf-8")
            (tmp_path / "universes.csv").write_bytes(text.encode())
            panel = Session(f"folder:{tmp_path}", lang="en").panel
            remarks, there = panel.remarks, "DESK" in panel.universes
        whole = not (doubted and not end)
        assert there is whole, (end, remarks)
        if doubted and not end:
            assert any("cut off" in remark and "left out" in remark for remark in remarks)


def test_old_weights_are_told(tmp_path):
    """Weights are published every month: those of a year ago are no weights of today in silence."""
    days, desk = ["2026-01-09", "2026-02-12", "2026-02-13"], "universe,symbol\nDESK,AAA\nDESK,BBB\n"
    prices = "Date,AAA,BBB\n" + "".join(f"{day},{10 + n},{20 - n}\n" for n, day in enumerate(days))
    rows = "Date,Ticker,Weight\n2026-01-09,AAA,0.4\n2026-01-09,BBB,0.6\n"
    for day, told in (("2026-01-09", True), ("2026-01-13", False)):
        session = folder_desk(tmp_path, prices, desk, weights_desk=rows.replace("2026-01-09", day))
        for call in (
            ("UNI_WEIGHTS", "DESK"),
            ("BRD_CONCENTRATION", "DESK"),
            ("UNI_RET", "DESK", "1D", None, "CAP"),
            ("ROT_CONTRIB", "DESK", "1D"),
            ("DISP_XS", "DESK", "1D"),
        ):
            session.remarks.clear()
            assert not isinstance(session.call(*call), CellError), session.failures[-1].reason
            begin = "2026-02-12" if call[0] in ("UNI_RET", "ROT_CONTRIB") else "2026-02-13"
            remark = f"the weights of DESK at {begin} are those of {day}; bring newer ones"
            assert (remark in session.remarks) is told, (call, list(session.remarks))
    session = folder_desk(tmp_path, prices, desk, weights_desk=rows.replace("2026-01-09", "2026-02-13"))
    assert session.call("UNI_WEIGHTS", "DESK", "2026-02-12") is CellError.NA
    assert session.failures[-1].reason == (
        "the source states neither weights nor numbers of shares for DESK at 2026-02-12; its weights begin on "
        "2026-02-13"
    )


MINE = "universe,symbol\nmag7,AAA\nMag7,BBB\nSECTORS,CCC\ntop 50,CCC\nTEAM,AAPL\n"
STANDS_IN = (
    "MAG7: the list that the data bring (members: 2) stands in for the built-in MAG7 (members: 7)",
    "SECTORS: the list that the data bring (members: 1) stands in for the built-in SECTORS (members: 11)",
    "TOP 50: the list that the data bring (members: 1) stands in for the built-in SP50 (members: 50)",
)


def test_a_list_with_the_name_of_a_built_in_one_is_told_where_it_is_used(folder):
    session = folder(MINE)
    for name, found, told in zip(
        ("MAG7", "SECTORS", "Top 50"), (["AAA", "BBB"], ["CCC"], ["CCC"]), STANDS_IN, strict=True
    ):
        session.remarks.clear()
        assert members(session, name) == found
        assert list(session.remarks.values()) == [told]
    session.remarks.clear()
    assert members(session, "MAG7-TEAM") == ["AAA", "BBB"]
    assert list(session.remarks.values()) == [STANDS_IN[0]]
    session.remarks.clear()
    assert members(session, "TEAM") == ["AAPL"]
    assert session.remarks == {}


def test_a_list_with_the_name_of_a_built_in_one_is_told_of_the_data(folder):
    session = folder(MINE)
    assert [told for told in condition_of(session.panel).remarks if "stands in" in told] == [*STANDS_IN]
    told = str(dict(summary(session.panel, "zh"))["remarks"])
    assert "MAG7：由数据提供的名单（2个成分）取代内置的MAG7（7个成分）" in told
    assert "universes.csv第3行：Mag7与第2行的mag7是同一名单" in told


def test_a_list_like_the_built_in_one_stands_in_for_nothing(folder):
    session = folder("universe,symbol\n" + "".join(f"MAG7,{one}\n" for one in reversed(universes.MAG7)))
    assert len(members(session, "MAG7")) == 7
    assert not [told for told in session.remarks if "stands in" in told]
    assert condition_of(session.panel).remarks == ()


def test_two_spellings_of_a_list_are_told(folder):
    session = folder("universe,symbol\nTEAM,AAA\nteam,BBB\n ＴＥＡＭ ,CCC\nTEAM,AAPL\nteam,AAA\n")
    assert members(session, "Team") == ["AAA", "BBB", "CCC", "AAPL"]
    assert [told for told in session.panel.remarks if "is the list" in told] == [
        "universes.csv, row 3: team is the list TEAM of row 2",
        "universes.csv, row 4: ＴＥＡＭ is the list TEAM of row 2",
    ]


@pytest.mark.parametrize(("lang", "said"), [("en", STANDS_IN[1]), ("zh", "取代内置的SECTORS（11个成分）")])
def test_an_export_tells_the_lists_that_stand_in(folder, tmp_path, capsys, lang, said):
    folder(MINE)
    book = tmp_path / "b.xlsx"
    made = openpyxl.Workbook()
    made.active["A1"] = "=XLR_VERSION()"
    made.save(book)
    assert (
        main(["export", str(book), "-o", str(tmp_path / "out"), "--source", f"folder:{tmp_path}", "--lang", lang]) == 0
    )
    assert said in capsys.readouterr().out
