"""RS_BETA, RS_CORREL, RS_ALPHA, RS_HISTORY: gaps, bounds, reasons, remarks."""

from __future__ import annotations

import numpy as np
import pytest

from tests.proofs.published import column
from tests.proofs.test_rs_regression import two_walks
from xlrotation.errors import CellError

NA, VALUE, DIV0 = CellError.NA, CellError.VALUE, CellError.DIV0
NAMES = ("RS_BETA", "RS_CORREL", "RS_ALPHA")


def test_sessions_without_both_are_left_out_and_told(session_of):
    a, b = two_walks(5, 60)
    a[30] = np.nan
    session = session_of({"NVDA": a, "^GSPC": b})
    y, x = a[1:] / a[:-1] - 1, b[1:] / b[:-1] - 1
    known = np.isfinite(y[-40:])
    assert session.call("RS_CORREL", "NVDA", "SPX", 40) == pytest.approx(
        np.corrcoef(y[-40:][known], x[-40:][known])[0, 1], rel=1e-9
    )
    assert any("within 40D without a return of both" in remark for remark in session.remarks)


@pytest.mark.parametrize("name", NAMES)
def test_too_few_sessions_and_still_closes_are_refused(session_of, name):
    a, b = two_walks(6, 30)
    session = session_of({"NVDA": a, "^GSPC": b, "STILL": np.full(30, 7.0), "LATE": [np.nan] * 27 + [1.0, 2, 3]})
    assert session.call(name, "NVDA", "SPX", 2) is NA
    assert session.call(name, "LATE", "SPX", 10) is NA
    assert session.call(name, "NVDA", "STILL", 20) is DIV0
    assert session.call(name, "NVDA", "SPX", 40) is NA
    assert session.call(name, "NOSUCH", "SPX", 20) is NA


def test_a_negative_price_has_no_return(session_of):
    a, b = two_walks(6, 30)
    a[20] = -37.63
    session = session_of({"OIL": a, "^GSPC": b})
    y, x = np.delete(a[1:] / a[:-1] - 1, [19, 20]), np.delete(b[1:] / b[:-1] - 1, [19, 20])
    assert session.call("RS_BETA", "OIL", "SPX", 29) == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-9)
    assert any("within 29D without a return of both" in remark for remark in session.remarks)
    table = session.call("RS_HISTORY", "OIL", "SPX", "RATIO", 12, None, None, False)
    assert [row[1] for row in table].index(NA) == 2


def test_a_symbol_that_trades_no_more_has_no_beta(session_of):
    a, b = two_walks(7, 30)
    a[-1] = np.nan
    session = session_of({"NVDA": a, "^GSPC": b})
    assert session.call("RS_BETA", "NVDA", "SPX", 20) is NA


def test_a_symbol_against_itself(session_of):
    a, _ = two_walks(8, 300)
    session = session_of({"NVDA": a, "^GSPC": a})
    assert session.call("RS_CORREL", "NVDA", "SPX", 60) == 1.0
    assert session.call("RS_BETA", "NVDA", "SPX", 60) == pytest.approx(1.0, rel=1e-12)
    assert session.call("RS_ALPHA", "NVDA", "SPX", 60) == pytest.approx(0.0, abs=1e-12)


def test_nothing_looks_ahead_and_the_history_is_the_function_day_by_day(session_of):
    a, b = two_walks(9, 330)
    session = session_of({"NVDA": a, "^GSPC": b})
    days = session.panel.days
    known = session_of({"NVDA": a[:-20], "^GSPC": b[:-20]}, last=str(days[-21]))
    day = days[-21].item()
    for name in NAMES:
        assert session.call(name, "NVDA", "SPX", 63, day) == known.call(name, "NVDA", "SPX", 63), name
    for measure, name, n in (("BETA", "RS_BETA", 252), ("CORREL", "RS_CORREL", 63), ("ALPHA", "RS_ALPHA", 252)):
        table = session.call("RS_HISTORY", "NVDA", "SPX", measure, 30, None, None, False)
        each = session.call(name, "NVDA", "SPX", n, [[row[0]] for row in table])
        assert [row[1] for row in table] == pytest.approx([cell for (cell,) in each], rel=1e-9)


def test_a_history_begins_where_there_is_enough(session_of):
    a, b = two_walks(10, 30)
    session = session_of({"NVDA": a, "^GSPC": b})
    table = session.call("RS_HISTORY", "NVDA", "SPX", "CORREL", "MAX", None, 10, False)
    assert [row[1] for row in table[:10]] == [NA] * 10
    assert all(isinstance(row[1], float) for row in table[10:])
    assert session.call("RS_HISTORY", "NVDA", "SPX", "BETA", 5) is NA
    assert session.call("RS_HISTORY", column(a), column(b), "RATIO", 5) is VALUE  # columns have no dates
    own = session.call("RS_HISTORY", column(a), "SPX", "RATIO", 3, None, None, False, None, False)
    assert [row[0] for row in own] == pytest.approx((a / b)[-3:].tolist())
