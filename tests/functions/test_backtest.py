"""EVT_BACKTEST: what it takes, what it refuses, and that it never looks ahead."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.conftest import FixedSource
from tests.functions.test_boundary import changed_after, cut_after
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session

SAMPLE = Session("sample", lang="en").pinned()
NA, VALUE, NUM = CellError.NA, CellError.VALUE, CellError.NUM
HELD = '=PX_CLOSE("S")>150'
"""True where the close of the symbol S is 200, false where it is 100."""


def table(session: Session, *arguments: object) -> dict[str, list[object]]:
    rows = session.call("EVT_BACKTEST", *arguments)
    assert isinstance(rows, list), session.failures[-1].reason
    assert rows[0] == ["Item", "Strategy", "Holding all the time", "Note"]
    found: dict[str, list[object]] = {}
    for item, *cells in rows[1:]:
        found.setdefault(item, []).append(cells)
    return {item: cells if item == "Not known" else cells[0] for item, cells in found.items()}


def why(session: Session, *arguments: object) -> tuple[object, str]:
    apart = session.pinned(apart=True)
    found = apart.call("EVT_BACKTEST", *arguments)
    assert isinstance(found, CellError), found
    return found, apart.failures[-1].reason


def signal(pattern: str) -> list[float]:
    """Closes of S: 200 for a 1, 100 for a 0, none for a dot."""
    return [{"1": 200.0, "0": 100.0, ".": np.nan}[mark] for mark in pattern]


@pytest.mark.parametrize("asof", [dt.date(2025, 6, 2), dt.date(2025, 11, 14)])
@pytest.mark.parametrize(
    "formula", ['=RS_STREAK("RUT","SPX")>=2', "=IF(ROT_MECH_SCORE()>50,1,0)", '=PX_CLOSE("VVIX")>100']
)
def test_the_future_changes_nothing(formula, asof):
    arguments = (formula, "SPX", 0.03, 1, 5, 90, asof, 10)
    wanted = SAMPLE.call("EVT_BACKTEST", *arguments)
    assert isinstance(wanted, list)
    for future in (changed_after(SAMPLE.panel, asof), cut_after(SAMPLE.panel, asof)):
        assert Session(FixedSource(future), lang="en").call("EVT_BACKTEST", *arguments) == wanted
    past = Session(FixedSource(SAMPLE.panel), lang="en", asof=asof)
    assert past.call("EVT_BACKTEST", *arguments[:6], None, 10) == wanted


MARKS = st.text("01", min_size=24, max_size=24)
MOVES = st.lists(st.floats(-0.2, 0.2), min_size=24, max_size=24)


@settings(max_examples=40, deadline=None)
@given(MARKS, MOVES, MARKS, MOVES, st.integers(8, 23), st.integers(1, 3))
def test_no_future_reaches_a_test_that_ended_before(marks, moves, other_marks, other_moves, end, lag):
    """Whatever comes after as-of, prices and signals, every figure up to it stays."""

    def session(after_marks: str, after_moves: list[float]) -> Session:
        marked = marks[: end + 1] + after_marks[end + 1 :]
        moved = [*moves[: end + 1], *after_moves[end + 1 :]]
        return made({"A": 100 * np.cumprod(1 + np.array(moved)), "S": signal(marked)})

    one, other = session(marks, moves), session(other_marks, other_moves)
    asof = one.panel.days[end].item()
    arguments = (HELD, "A", 0, lag, 5, "MAX", asof)
    assert one.call("EVT_BACKTEST", *arguments) == other.call("EVT_BACKTEST", *arguments)


@settings(max_examples=40, deadline=None)
@given(MARKS, MOVES, st.integers(1, 4))
def test_a_decision_earns_nothing_before_it_is_traded(marks, moves, lag):
    """The return of a session depends on no decision later than lag sessions before its beginning."""
    closes = 100 * np.cumprod(1 + np.array(moves))
    held = [mark == "1" for mark in marks]
    positions = [held[row - lag] for row in range(lag, 23)]
    wanted = np.prod([closes[row + 1] / closes[row] if hold else 1 for row, hold in enumerate(positions, lag)]) - 1
    found = table(made({"A": closes, "S": signal(marks)}), HELD, "A", 0, lag, 0, "MAX")
    assert found["Return"][0] == pytest.approx(wanted, abs=1e-12)
    assert found["Sessions"][0] == 23 - lag


def made(closes: dict[str, object]) -> Session:
    from tests.conftest import panel_of

    return Session(FixedSource(panel_of(closes, "2026-02-13")), lang="en")


A = [100.0, 110, 121, 121, 133.1, 133.1, 146.41, 161.051]


def test_it_trades_at_the_close_after_the_one_that_decides():
    # Decided on the 1st close, bought at the 2nd (110); decided on the 4th, sold at the 5th (133.1).
    found = table(made({"A": A, "S": signal("11100000")}), HELD, "A", 0, 1, 0, "MAX")
    assert found["Return"] == [pytest.approx(133.1 / 110 - 1), pytest.approx(161.051 / 110 - 1), ""]
    assert found["Share of sessions held"][:2] == [pytest.approx(3 / 6), 1.0]
    later = table(made({"A": A, "S": signal("11100000")}), HELD, "A", 0, 2, 0, "MAX")
    assert later["Return"][0] == pytest.approx(133.1 / 121 - 1)
    assert later["From the close of"][0] > found["From the close of"][0]


def test_costs_are_paid_on_each_side():
    found = table(made({"A": A, "S": signal("10010000")}), HELD, "A", 0, 1, 100, "MAX")
    # Bought at 110, sold at 121; bought at 133.1, sold at 133.1.
    assert found["Return"][0] == pytest.approx(1.1 * 0.99**4 - 1)
    assert found["Return"][1] == pytest.approx(161.051 / 110 * 0.99 - 1)  # one purchase, valued at the end
    assert found["Turnover per year"] == [4 * 252 / 6, 252 / 6, "4 trades at 100 bp; 1 is a purchase or a sale of all"]
    assert found["Periods held"][:2] == [2, 1]
    assert found["Share of them that gained"][0] == 0.5


def test_what_is_held_at_the_end_is_not_sold():
    found = table(made({"A": A, "S": signal("00001111")}), HELD, "A", 0, 1, 100, "MAX")
    assert found["Return"][0] == pytest.approx(161.051 / 133.1 * 0.99 - 1)


def test_cash_is_a_rate_a_fund_or_a_bill():
    bill = [np.nan, 5.04, 5.04, np.nan, 5.04, 5.04, 2.52, 2.52]
    fund = [100.0, 101, 102, 103, 104, 105, 106, 107]
    session = made({"A": A, "S": signal("00000000"), "F": fund, "^IRX": bill})
    never = (HELD, "A")
    assert table(session, *never, 0, 1, 0, "MAX")["Return"][0] == 0.0
    assert table(session, *never, 0.05, 1, 0, "MAX")["Return"][0] == pytest.approx(1.05 ** (6 / 252) - 1)
    assert table(session, *never, "0.05", 1, 0, "MAX")["Return"][0] == pytest.approx(1.05 ** (6 / 252) - 1)
    assert table(session, *never, "F", 1, 0, "MAX")["Return"][0] == pytest.approx(107 / 101 - 1)
    # The yield of the close before, the last one where there is none: five sessions at 5.04 %, one at 2.52 %.
    assert table(session, *never, "^IRX", 1, 0, "MAX")["Return"][0] == pytest.approx(
        1.0504 ** (5 / 252) * 1.0252 ** (1 / 252) - 1
    )
    assert why(session, *never, 5)[0] is VALUE
    assert "did you mean 0.05" in why(session, *never, 5)[1]
    assert "is a rate of -90%" in why(session, *never, -0.9)[1]
    assert "did you mean 0.01" in why(session, *never, True)[1]  # TRUE is 1, a rate of 100 %
    assert "did you mean 0.0075" in why(session, *never, 0.75)[1]
    assert "0.04 for 4 %" in why(session, *never, "4%")[1]
    assert why(session, *never, "NOSUCH")[0] is NA


def test_a_session_without_a_value_leaves_the_position_as_it_is_and_says_so():
    closes = 100 * np.cumprod(np.full(40, 1.01))
    marks = "1" * 20 + "." + "0" * 19
    session = made({"A": closes, "S": signal(marks)})
    found = table(session, HELD, "A", 0, 1, 0, "MAX")
    assert found["Return"][0] == pytest.approx(1.01**21 - 1)  # 20 decisions and the one that is missing
    assert any("1 session without a value" in note[2] for note in found["Not known"])
    assert any(remark.startswith("1 of 38 sessions have no value") for remark in session.remarks)
    whole = table(made({"A": closes, "S": signal("1" * 20 + "0" * 20)}), HELD, "A", 0, 1, 0, "MAX")
    assert not any("without a value" in note[2] for note in whole["Not known"])


def test_too_many_sessions_without_a_value_are_no_test():
    closes = 100 * np.cumprod(np.full(40, 1.01))
    found, reason = why(made({"A": closes, "S": signal("1" * 20 + "." * 5 + "0" * 15)}), HELD, "A", 0, 1, 0, "MAX")
    assert found is NA
    assert "no value on 5 of 38 sessions" in reason
    assert "IFERROR" in reason
    session = made({"A": closes, "S": signal("1" * 20 + "." * 5 + "0" * 15)})
    told = table(session, '=IFERROR(PX_CLOSE("S")>150,FALSE)', "A", 0, 1, 0, "MAX")
    assert told["Return"][0] == pytest.approx(1.01**20 - 1)


def test_the_test_begins_where_the_formula_has_its_first_value():
    closes = 100 * np.cumprod(np.full(40, 1.01))
    session = made({"A": closes, "S": signal("." * 30 + "1" * 10)})
    found = table(session, HELD, "A", 0, 1, 0, "MAX")
    assert found["Sessions"][0] == 8
    assert found["From the close of"][0] == session.panel.days[31].item()
    assert found["From the close of"][2].startswith("the formula has no value on the 30 sessions")
    assert found["Return"][:2] == [pytest.approx(1.01**8 - 1)] * 2  # holding begins there, too
    assert why(made({"A": closes, "S": signal("." * 40)}), HELD, "A", 0, 1, 0, "MAX")[0] is NA


def test_sessions_without_a_close_are_left_out_and_told():
    closes = np.array([100.0, 110, np.nan, 121, 133.1, np.nan])
    session = made({"A": closes, "S": signal("111111")})
    found = table(session, HELD, "A", 0, 1, 0, "MAX")
    assert found["Return"][0] == pytest.approx(133.1 / 110 - 1)
    assert found["Sessions"] == [2, 2, "2 sessions without a close of what is held left out"]
    assert found["To the close of"][0] == session.panel.days[4].item()
    assert "2 sessions without a close of A or of what is held else are left out" in session.remarks


def test_a_decision_belongs_to_its_session_where_others_have_no_close():
    # Bought at 110; what is decided for the session without a close trades nowhere; sold at 121, bought at 133.1.
    closes = [100.0, 110, np.nan, 121, 133.1, 146.41]
    found = table(made({"A": closes, "S": signal("100111")}), HELD, "A", 0, 1, 0, "MAX")
    assert found["Return"][0] == pytest.approx(121 / 110 * 146.41 / 133.1 - 1)


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ('=IF(PX_CLOSE("SPX")>0,"up","down")', "gives 'up' on 20"),
        ('=PX_RET("SPX",20)', "needs TRUE or FALSE; compare it"),
        ('=IF(PX_CLOSE("SPX")>0,2,0)', "gives 2 on 20"),
        ('=IF(PX_CLOSE("SPX")>0,-1,0)', "gives -1 on 20"),
        ('=IF(PX_CLOSE("SPX")>0,"",1)', "gives '' on 20"),
        ('=IF(PX_CLOSE("SPX")>0,"TRUE","FALSE")', "gives 'TRUE' on 20"),
        ("=RS_HISTORY()", "gives a table"),
        ('=PX_HISTORY("SPX",,,,FALSE)>0', "gives a table"),
        ('=PX_CLOSE("SPX","2026-01-16")>0', "as-of date of its own"),
        ('=PX_CLOSE("SPX")*TODAY()>0', "clock"),
        ('=EVT_BACKTEST("=PX_CLOSE()>0")', "itself evaluated"),
        ('=XLR_SERIES("=PX_CLOSE()>0")', "itself evaluated"),
        ("the S&P rises", "no worksheet function"),
        ("=1=1", "no worksheet function"),
        ('=PX_CLOSE("SPX"', "no formula"),
        ("=PX_CLOSE(A1)>0", "one formula alone has no cells"),
        ('=PX_CLOSE("SPX")+NOSUCH(1)>0', "NOSUCH"),
        ("=" + "PX_CLOSE(" * 300 + ")" * 300, "inside each other"),
        ("=" + "+".join(['PX_CLOSE("SPX")'] * 1000) + ">0", "formula"),
        ('=PX_CLOSE("NOSUCH")>0', "NOSUCH"),
        ('=PX_CLOSE("SPX")+LET(f,LAMBDA(f,n,f(f,n+1)),f(f,1))>0', "no value"),
    ],
)
def test_a_formula_that_decides_nothing_says_why(formula, reason):
    found, told = why(SAMPLE, formula, "SPX", 0, 1, 5, 10)
    assert found in (VALUE, NA)
    assert reason in told


def test_the_work_of_all_sessions_counts_together(monkeypatch):
    monkeypatch.setattr("xlrotation.workbook.evaluation.oneformula.MAX_STEPS", 5_000)
    formula = '=PX_CLOSE("SPX")+REDUCE(0,SEQUENCE(200),LAMBDA(a,b,a+b))>0'
    assert isinstance(SAMPLE.call("EVT_BACKTEST", formula, "SPX", 0, 1, 5, 4), list)
    assert "too many steps" in why(SAMPLE, formula, "SPX", 0, 1, 5, 60)[1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"symbol": "NOSUCH"}, "NOSUCH"),
        ({"symbol": [[1.0], [2.0], [3.0]]}, "no dates to hold it at"),
        ({"lag": 0}, "from 1 to 252"),
        ({"lag": 1.5}, "no whole number"),
        ({"cost_bp": -1}, "from 0 to 1000"),
        ({"cost_bp": 0.0005}, "did you mean 5?"),
        ({"window": "0D"}, "window"),
        ({"window": 1}, "are needed"),
        ({"window": "50Y"}, "50Y"),
        ({"trials": 0}, "from 1 to 1e+06"),
        ({"trials": 2.5}, "whole number"),
        ({"asof": "2030-01-01"}, "2030"),
        ({"cash": "2 percent"}, "2 percent"),
        ({"basis": "gross"}, "price or total"),
    ],
)
def test_an_argument_that_means_nothing_says_why(arguments, reason):
    names = ("formula", "symbol", "cash", "lag", "cost_bp", "window", "asof", "trials", "header", "lang", "basis")
    given = {"formula": '=PX_VS_MA("SPX",20)>0', "symbol": "SPX", "window": 60} | arguments
    _, told = why(SAMPLE, *(given.get(name) for name in names))
    assert reason in told


def test_what_nobody_can_hold_is_refused_or_told():
    session = made(
        {"^TNX": np.full(9, 4.0), "^IRX": np.full(9, 4.0), "CL=F": [20.0, 10, -37.6, 10, 11, 12, 13, 14, 15]}
    )
    assert "is a yield" in why(session, '=PX_CLOSE("^IRX")>0', "^TNX", 0, 1, 5, "MAX")[1]
    found, reason = why(session, '=PX_CLOSE("^IRX")>0', "CL=F", 0, 1, 5, "MAX")
    assert found in (VALUE, NUM)
    assert "CL=F" in reason
    notes = [note[2] for note in table(SAMPLE, '=PX_CLOSE("VIX")<20', "VIX", 0, 1, 5, 60)["Not known"]]
    assert any("its futures lose what they roll" in note for note in notes)
    assert not any("its futures" in note[2] for note in table(SAMPLE, "=PX_CLOSE()>0", "XLK", 0, 1, 5, 60)["Not known"])


@pytest.mark.parametrize("cash", ["VIX", "^DSPX"])
def test_what_nobody_can_hold_is_no_cash(cash):
    assert "which nobody can hold as cash" in why(SAMPLE, "=PX_CLOSE()>0", "SPX", cash, 1, 5, 60)[1]


def test_closes_that_no_return_can_be_made_of_are_refused():
    wild, fine = [1e300, 1e-300] * 20, [100.0] * 40
    for closes in (wild, [100.0, 0.0, *fine[2:]], [*fine[:20], 0.0, *fine[21:]], [*fine[:20], -1.0, *fine[21:]]):
        session = made({"A": closes, "S": [200.0] * 40})
        assert why(session, HELD, "A", 0, 1, 5, "MAX")[0] is NUM
        assert why(session, HELD, "S", "A", 1, 5, "MAX")[0] is NUM


def test_a_blank_counts_as_a_cell_shows_it():
    assert table(SAMPLE, '=IF(PX_CLOSE("SPX")>0,)', "SPX", 0, 1, 5, 60)["Share of sessions held"][0] == 0.0


def test_macro_series_are_known_later_than_their_dates():
    formula = '=INDEX(MAC_SERIES("UNRATE",,,FALSE,,1,FALSE),1)<9'
    notes = [note[2] for note in table(SAMPLE, formula, "SPX", 0, 1, 5, 20)["Not known"]]
    assert any(note.startswith("when macro values were published") for note in notes)


def test_truths_as_numbers_count():
    for truth in ('=PX_VS_MA("SPX",20)>0', '=IF(PX_VS_MA("SPX",20)>0,1,0)', '=--(PX_VS_MA("SPX",20)>0)'):
        assert SAMPLE.call("EVT_BACKTEST", truth, "SPX", 0, 1, 5, 60) == SAMPLE.call(
            "EVT_BACKTEST", '=(PX_VS_MA("SPX",20)>0)', "SPX", 0, 1, 5, 60
        )


def test_always_held_is_holding_all_the_time():
    found = table(SAMPLE, '=PX_CLOSE("SPX")>0', "XLK", 0.02, 1, 5, "2Y")
    one = [cells[0] for item, cells in found.items() if item != "Not known" and cells[1] is not None]
    assert one == [cells[1] for item, cells in found.items() if item != "Not known" and cells[1] is not None]
    assert found["Share of sessions held"][0] == 1.0
    assert found["p-value"][0] is NA
    assert found["p-value"][2].startswith("needs 20 sessions held")


def test_more_trials_make_it_less_sure():
    found = [
        table(SAMPLE, '=PX_CLOSE("VVIX")<110', "SPX", 0, 1, 5, "3Y", None, n)["Probability, deflated for the trials"][0]
        for n in (1, 2, 10, 1000, 1_000_000)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] == table(SAMPLE, '=PX_CLOSE("VVIX")<110', "SPX")["Probability that it is above 0"][0]


def test_dividends_count_where_the_basis_says_so():
    price = table(SAMPLE, "=PX_CLOSE()>0", "XLK", 0, 1, 5, 60)
    assert price["Not known"][0][2].startswith("dividends: they are left out")
    total = table(SAMPLE, "=PX_CLOSE()>0", "XLK", 0, 1, 5, 60, None, 1, True, "en", "total")
    assert "reinvested" in total["Not known"][0][2]
    wanted = 0.9995 * (1 + SAMPLE.call("PX_RET", "XLK", 60, None, "total")) - 1
    assert total["Return"][1] == pytest.approx(wanted)
    assert price["Return"][1] == pytest.approx(0.9995 * (1 + SAMPLE.call("PX_RET", "XLK", 60)) - 1)


def test_p_values_of_random_signals_are_uniform_through_the_function():
    rng = np.random.default_rng(12)
    n, signals = 250, 60
    market = 100 * np.cumprod(1 + 0.0008 + 0.01 * rng.standard_t(6, n))
    marks = {f"S{i}": np.where(np.cumsum(rng.random(n) > 0.9) % 2 == i % 2, 200.0, 100.0) for i in range(signals)}
    session = made({"A": market, **marks})
    values = [table(session, f'=PX_CLOSE("S{i}")>150', "A", 0, 1, 5, "MAX")["p-value"][0] for i in range(signals)]
    known = [value for value in values if value is not NA]
    assert len(known) > 50
    assert stats.kstest(known, "uniform").pvalue > 0.05


def test_a_test_is_bounded():
    long = made({"A": np.full(10_300, 100.0), "S": np.full(10_300, 200.0)})
    found, reason = why(long, HELD, "A", 0, 1, 5, "MAX")
    assert found is VALUE
    assert "10,000" in reason


def test_both_languages_say_the_same():
    english = SAMPLE.call("EVT_BACKTEST", None, None, None, None, None, None, None, 20, True, "en")
    chinese = SAMPLE.call("EVT_BACKTEST", None, None, None, None, None, None, None, 20, True, "zh")
    assert [row[1:3] for row in english[1:]] == [row[1:3] for row in chinese[1:]]
    assert all(
        row[0] != other[0] and (row[3] == "" or row[3] != other[3]) for row, other in zip(english, chinese, strict=True)
    )
