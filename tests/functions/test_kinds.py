"""What cells are read as, and what a refusal says."""

import datetime as dt

import numpy as np
import pytest

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary import failures, kinds
from xlrotation.functions.boundary.registry import functions


def read(kind, cell):
    return kind.read(cell, None)


def test_the_record_of_failures_shows_cells_in_full_and_ranges_by_size():
    cells = [1.5, None, "a", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], ((1.0,),), [1.0, 2.0], []]
    assert failures.described(cells) == "1.5, , 'a', 3x2 cells, 1x1 cells, 2x1 cells, 0x1 cells"
    assert failures.shown_reason("x" * 300) == "x" * 240


@pytest.mark.parametrize(
    ("kind", "inside", "outside", "bounds"),
    [
        (kinds.NumberKind(minimum=0.5), (0.5, 9e9), (0.4,), "of at least 0.5"),
        (kinds.NumberKind(maximum=0.5), (0.5, -9e9), (0.6,), "of at most 0.5"),
        (kinds.NumberKind(minimum=-1, maximum=1), (-1, 0, 1), (-1.1, 1.1), "from -1 to 1"),
        (kinds.CountKind(minimum=1, maximum=3), (1, 3), (0, 4, 1.5), "from 1 to 3"),
    ],
)
def test_bounds_of_numbers(kind, inside, outside, bounds):
    for value in inside:
        assert read(kind, value) == value
    for value in outside:
        with pytest.raises(BadArgument, match=bounds):
            read(kind, value)
    assert isinstance(read(kinds.CountKind(minimum=1, maximum=9), 2.0), int)


def test_flags():
    flag = kinds.FlagKind()
    for cell, value in (
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        (" yes ", True),
        ("no", False),
        ("TRUE", True),
    ):
        assert read(flag, cell) is value
    for cell in ("maybe", "", dt.date(2026, 2, 13)):
        with pytest.raises(BadArgument, match="neither TRUE nor FALSE"):
            read(flag, cell)


def test_choices_and_languages():
    choice = kinds.ChoiceKind("AFTER", "SAME", also={"DANACH": "AFTER"})
    assert choice.choices == ("AFTER", "SAME")
    assert [read(choice, cell) for cell in ("after", " Same ", "danach")] == ["AFTER", "SAME", "AFTER"]
    for cell in ("X", 1.0, True):
        with pytest.raises(BadArgument, match="give AFTER or SAME"):
            read(choice, cell)
    language = kinds.LangKind()
    assert [read(language, cell) for cell in ("EN", "zh", "中文", "English", "zh-CN", "英文")] == [
        "en",
        "zh",
        "zh",
        "en",
        "zh",
        "en",
    ]


def test_texts_names_and_dates():
    assert read(kinds.TextKind(), "a") == "a"
    with pytest.raises(BadArgument, match="is no text"):
        read(kinds.TextKind(), 1.0)
    assert kinds.TextsKind().read_range([["a"], [None], [2.0]], None) == ("a", "", "2.0")
    assert read(kinds.TextsKind(), "a") == ("a",)
    days = kinds.DatesKind().read_range([["2026-02-13"], [None]], None)
    assert days == (dt.date(2026, 2, 13), None)
    assert read(kinds.DatesKind(), "2026-02-13") == days[:1]
    assert read(kinds.DayKind(), 46066) == dt.date(2026, 2, 13)


def test_columns_and_rectangles():
    assert kinds.VectorKind().read_range([[1.0], [None]], None).tolist() == [1.0]
    assert len(kinds.VectorKind(trim=False).read_range([[1.0], [None]], None)) == 2
    assert read(kinds.VectorKind(), 3.0).tolist() == [3.0]
    assert read(kinds.MatrixKind(), "3").tolist() == [[3.0]]
    got = kinds.MatrixKind().read_range([[1.0, CellError.NA], ["", 4.0]], None)
    np.testing.assert_array_equal(got, [[1.0, np.nan], [np.nan, 4.0]])


def test_windows():
    several = kinds.WindowsKind()
    assert [str(window) for window in read(several, "1D 5D, 3M")] == ["1D", "5D", "3M"]
    assert [str(window) for window in read(several, "5D")] == ["5D"]
    assert [str(window) for window in several.read_range([["1D", None], ["YTD", ""]], None)] == ["1D", "YTD"]
    with pytest.raises(BadArgument, match="without a window"):
        several.read_range([[None], [""]], None)
    assert read(kinds.TenorKind(), "1M") == 30


@pytest.mark.parametrize(
    ("cells", "whole"),
    [
        ([[1.0], [2.0]], True),
        ([[None], [2.0]], True),
        ([["XLK"], [2.0]], False),
        ([[2.0], ["XLK"]], False),
        ([[True], [None]], False),
        ([[""], [3]], True),
        ([[None], [""]], False),
    ],
)
def test_a_range_with_numbers_and_no_names_is_a_column_of_ones_own(cells, whole):
    assert kinds.SymbolKind().takes_whole(cells) is whole


def test_universes_and_symbols(sample):
    assert sample.call("DISP_RANGE", [["AAPL"], ["MSFT"], ["aapl"]], 20) == sample.call(
        "DISP_RANGE", [["AAPL"], ["MSFT"]], 20
    )  # each member once
    assert sample.call("DISP_RANGE", [["MAG7"]], 20) == sample.call("DISP_RANGE", "MAG7", 20)
    assert sample.call("DISP_RANGE", [["AAPL"], [3.0]], 20) is CellError.VALUE
    assert sample.call("DISP_RANGE", [[None], [""]], 20) is CellError.VALUE
    assert "without a symbol" in sample.failures[-1].reason
    assert sample.call("PX_CLOSE", 5.0) is CellError.VALUE
    assert "is no symbol" in sample.failures[-1].reason


COLUMN = [[100.0], [101.0], [103.0], [106.0]]


@pytest.mark.parametrize("text", ["n/a", "-", ".", "null", "无", "Close"])
def test_a_text_among_numbers_is_a_gap_that_is_told(sample, text):
    sample = sample.pinned(apart=True)
    column = [*COLUMN[:2], [text], *COLUMN[2:]]
    blank = [*COLUMN[:2], [None], *COLUMN[2:]]
    for name, *more in (("PX_CLOSE",), ("PX_RET", 1), ("PX_DRAWDOWN", "MAX"), ("FLOW_STREAK", 0), ("MAC_TOP_SHARE", 2)):
        sample.remarks.clear()
        assert sample.call(name, column, *more) == sample.call(name, blank, *more) is not CellError.VALUE
        assert list(sample.remarks) == [f"among numbers a text is a gap: {text!r}"]
    members = sample.call("DISP_INDEX_CALC", 0.2, [[0.3], [text], [0.4]], [[0.5], [0.2], [0.5]])
    assert members == sample.call("DISP_INDEX_CALC", 0.2, [[0.3], [0.4]], [[0.5], [0.5]])
    block = [[1.0, 10.0], [2.0, text], [3.0, 15.0], [4.0, 40.0]]
    blanks = [[None if cell == text else cell for cell in row] for row in block]
    assert sample.call("MAC_COMPOSITE", block) == sample.call("MAC_COMPOSITE", blanks)
    assert sample.call("PX_RET", column, 2) is CellError.NA  # a gap at the window's base is none to step over


def test_a_head_above_numbers_is_told_and_a_text_that_may_be_a_number_is_refused(sample):
    sample = sample.pinned(apart=True)
    assert sample.call("PX_RET", [["Close"], *COLUMN], 2) == pytest.approx(106 / 101 - 1)
    assert list(sample.remarks) == ["among numbers a text is a gap: 'Close'"]
    for text in ("12,5", "4.2%", "1O1", "一百0"):
        assert sample.call("PX_RET", [*COLUMN, [text]], 2) is CellError.VALUE
        assert f"{text!r} is no number" in sample.failures[-1].reason
    assert sample.call("PX_RET", [*COLUMN, ["107"]], 1) == pytest.approx(107 / 106 - 1)
    assert sample.call("MAC_SHARE", [["a"], ["b"]]) is CellError.VALUE
    assert "without a number" in sample.failures[-1].reason


def test_texts_with_a_number_among_them_are_symbols(sample):
    closes = sample.call("PX_CLOSE", [["XLK"], ["XLF"], [5.0]])
    assert [isinstance(row[0], float) for row in closes] == [True, True, False]
    assert closes[2][0] is CellError.VALUE
    # So they are where one of them is known as a symbol, however many numbers there are.
    for text in ("XLK", "科技", "technology"):
        closes = sample.call("PX_CLOSE", [[text], [5.0], [6.0], [7.0]])
        assert closes == [[sample.call("PX_CLOSE", "XLK")], *[[CellError.VALUE]] * 3]


def takers(kind):
    """Functions with an argument of a kind, and its place."""
    return [
        (name, place)
        for name, spec in functions().items()
        for place, parameter in enumerate(spec.parameters)
        if type(parameter.kind) is kind
    ]


@pytest.mark.parametrize(("name", "place"), takers(kinds.UniverseKind))
def test_an_index_or_a_fund_is_no_universe_of_one(sample, name, place):
    for text in ("S&P 500", "SPX", "^GSPC", "标普500", "NDX", "RUT", "Technology", "科技", "XLK", "SPY", "VOO", "^VIX"):
        assert sample.call(name, *[None] * place, text) is (CellError.NA if text == "VOO" else CellError.VALUE)
        reason = sample.failures[-1].reason
        assert all(universe in reason for universe in ("MAG7", "SECTORS", "SP50")), reason


def test_the_name_of_an_index_means_its_members_where_the_data_hold_them(sample):
    from dataclasses import replace

    from tests.conftest import FixedSource
    from xlrotation.functions.boundary.session import Session

    lists = {"SP500": ("AAPL", "MSFT", "NVDA", "KO"), "NASDAQ100": ("AAPL", "MSFT"), "DJIA": ("KO", "AAPL")}
    session = Session(FixedSource(replace(sample.panel, universes=dict(sample.panel.universes) | lists)), lang="en")
    for name, texts in {
        "SP500": ("S&P 500", "SPX", "^GSPC", "标普500", "s&p500", "SP 500", "S&P-500"),
        "NASDAQ100": ("NDX", "Nasdaq 100", "纳斯达克100"),
        "DJIA": ("Dow", "道指"),
        "MAG7": ("Mag 7", "Magnificent 7", "七巨头"),
    }.items():
        wanted = session.call("DISP_RANGE", name, "3M")
        assert isinstance(wanted, float)
        for text in texts:
            assert session.call("DISP_RANGE", text, "3M") == wanted, text
    assert session.call("DISP_RANGE", "RUT", "3M") is CellError.VALUE
    assert len(session.call("PX_HISTORY", "S&P 500", "2026-02-10")[0]) == 2  # a list of symbols: the index


def test_one_symbol_stays_a_list_where_it_is_a_range_or_a_company(sample):
    alone = [1, "Technology", "XLK", sample.call("PX_RET", "XLK", "3M")]
    assert sample.call("ROT_LEADERS", [["XLK"]], 5, "3M", None, False) == [alone]
    company = sample.call("ROT_LEADERS", "NVDA", 5, "3M", None, False)
    assert company == sample.call("ROT_LEADERS", [["NVDA"]], 5, "3M", None, False)
    assert len(company) == 1
    assert len(sample.call("PX_HISTORY", "SPX", "2026-02-10")[0]) == 2
    assert sample.call("DISP_RANGE", "MAG6", "3M") is CellError.NA
    assert "no universe 'MAG6'; did you mean MAG7" in sample.failures[-1].reason


def test_every_symbol_with_a_name_that_is_no_company_is_an_index_or_a_fund():
    from xlrotation.market.symbols import NAMES
    from xlrotation.market.universes import is_index_or_fund

    companies = {name.ticker for name in NAMES if not is_index_or_fund(name.ticker)}
    assert {"AAPL", "NFLX", "KO", "BRK-B", "V"} <= companies
    assert not companies & {"^GSPC", "XLK", "SPY", "GLD", "VNQ", "^COR1M"}
    assert len(companies) == 20


@pytest.mark.parametrize(
    ("name", "plain", "written"),
    [
        ("PX_MA", ["XLK", 50], ["XLK", "50D"]),
        ("PX_VS_MA", ["XLK", 50], ["XLK", "50日"]),
        ("BRD_ABOVE_MA", ["SP50", 50], ["SP50", "50 days"]),
        ("BRD_HISTORY", ["SP50", "ABOVE_MA", "5D", None, 50], ["SP50", "ABOVE_MA", "5D", None, "50D"]),
        ("DISP_REALCORR_HISTORY", ["MAG7", "5D", None, 21], ["MAG7", "5D", None, "21D"]),
        ("ROT_RRG", ["SECTORS", "SPX", None, 60], ["SECTORS", "SPX", None, "60D"]),
        ("RS_MANSFIELD", ["RUT", "SPX", 26], ["RUT", "SPX", "26W"]),
    ],
)
def test_a_number_of_sessions_may_be_written_as_a_window(sample, name, plain, written):
    assert sample.call(name, *written) == sample.call(name, *plain) is not CellError.VALUE
    unfit = [*written[:-1], "3M"]
    assert sample.call(name, *unfit) is CellError.VALUE
    assert "'3M' is no number of" in sample.failures[-1].reason
    assert sample.call(name, *written[:-1], 1.5) is CellError.VALUE
