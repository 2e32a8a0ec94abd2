"""PX: the market page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.proofs.published import rows
from xlrotation.errors import CellError

NA, VALUE = CellError.NA, CellError.VALUE
REPORT = "a market report of 2026-02-09: averages and distances as printed"


@pytest.mark.proves("PX_TABLE", by=REPORT)
def test_averages_as_printed(indices):
    (row,) = indices.call("PX_TABLE", [["RUT"]], "CLOSE MA20 MA50 VS_MA20 VS_MA50", None, False)
    assert row[:2] == ["^RUT", "Russell 2000"]
    close, ma20, ma50, over20, over50 = row[2:]
    assert (close, round(ma20, 2), round(ma50, 2)) == (2689.05, 2655.15, 2580.88)
    assert (round(100 * over20, 2), round(100 * over50, 2)) == (1.28, 4.19)


@pytest.mark.proves("PX_TABLE", by="pandas: pct_change, rolling, std, rank")
def test_a_page_equals_pandas(indices):
    table = pd.DataFrame(rows("index_closes.csv")).set_index("day").astype(float)
    found = indices.call("PX_TABLE", [["RUT"], ["SPX"]], "CHANGE; 1D, 5D 20D|YTD ZSCORE:40D VOL:20D PCTRANK:40D", None)
    heads, *page = found
    assert heads == ["Symbol", "Name", "Change", "1D", "5D", "20D", "YTD", "ZSCORE:40D", "VOL:20D", "PCTRANK:40D"]
    for got, column in zip(page, ("rut", "spx"), strict=True):
        closes = table[column]
        last = closes.iloc[-40:]
        wanted = [
            closes.diff().iloc[-1],
            *(closes.pct_change(n).iloc[-1] for n in (1, 5, 20)),
            closes.iloc[-1] / closes[:"2025-12-31"].iloc[-1] - 1,
            ((last - last.mean()) / last.std()).iloc[-1],
            np.log(closes).diff().iloc[-20:].std() * np.sqrt(252),
            last.rank(method="max").iloc[-1] / 40,
        ]
        assert got[2:] == pytest.approx(wanted, rel=1e-9)


def test_what_a_symbol_lacks_is_told(session_of):
    session = session_of({"AAA": np.linspace(100, 130, 60), "LATE": [np.nan] * 50 + [5.0] * 9 + [6.0]})
    _, *page = session.call("PX_TABLE", [["AAA"], ["LATE"]], "CLOSE 1D 20D VOLUME")
    assert page[0][2] == 130.0
    assert isinstance(page[0][4], float)
    assert page[1][2:] == [6.0, pytest.approx(0.2), NA, NA]
    assert any("LATE has no close" in remark for remark in session.remarks)
    assert session.call("PX_TABLE", [["LATE"]], "20D") is NA
    assert "LATE has no close" in session.failures[-1].reason


def test_an_unknown_symbol_has_a_row_of_its_own(session_of):
    """As in a range that spills, and as the missing member of a list has it."""
    session = session_of({"AAA": [100.0, 110.0]})
    table = session.call("PX_TABLE", [["NOSUCH"], ["AAA"], ["Tesla"], ["aaa"]], "CLOSE 1D", None, False)
    assert table == [
        ["NOSUCH", "NOSUCH", NA, NA],
        ["AAA", "AAA", 110.0, pytest.approx(0.1)],
        ["TSLA", "Tesla", NA, NA],
    ]
    assert any("no symbol 'NOSUCH'" in remark for remark in session.remarks)
    assert any("the data hold no TSLA" in remark for remark in session.remarks)
    assert session.call("PX_TABLE", [["NOSUCH"], ["TSLA"]], "CLOSE") is NA
    assert "no symbol 'NOSUCH'" in session.failures[-1].reason
    assert session.call("PX_TABLE", [["AAA"], [5.0]], "CLOSE") is VALUE
    assert session.call("UNI_RET", [["AAA"], ["NOSUCH"]], 1) is NA  # one number of a list is another one without it


@pytest.mark.parametrize("fields", ["FOO", "CLOSE FOO", "VS_MA0", "VOL:7Z", ",", "CLOSE:20D", "MA1Y"])
def test_what_is_no_field_is_refused(indices, fields):
    assert indices.call("PX_TABLE", [["RUT"]], fields) is VALUE


def test_words_stand_apart(indices):
    one = indices.call("PX_TABLE", [["RUT"]], "CHANGE 5D")
    assert one[0][2:] == ["Change", "5D"]
    assert one[1][2:] == [indices.call("PX_CHANGE", "RUT", "1D"), indices.call("PX_RET", "RUT", "5D")]
    other = indices.call("PX_TABLE", [["RUT"]], "CHANGE：5D，1 week")
    assert other[1][2:] == [indices.call("PX_CHANGE", "RUT", "5D"), indices.call("PX_RET", "RUT", "1W")]
    ranged = indices.call("PX_TABLE", [["RUT"]], [["CLOSE", 5, None, "2025-12-31"]])
    assert ranged[0][2:] == ["Close", "5D", "2025-12-31"]
    assert ranged[1][4] == indices.call("PX_RET", "RUT", "2025-12-31")
    chinese = indices.call("PX_TABLE", [["RUT"]], "CLOSE，近20日", None, None, "zh")
    assert chinese[0][:3] == ["代码", "名称", "收盘价"]
    assert chinese[1][3] == indices.call("PX_RET", "RUT", "20D")


def test_the_page_does_not_look_ahead(indices):
    day = "2026-01-20"
    (row,) = indices.call("PX_TABLE", [["RUT"]], "CLOSE 1D RANK:20D STREAK", day, False)
    wanted = [indices.call("PX_CLOSE", "RUT", day), indices.call("PX_RET", "RUT", "1D", day)]
    wanted += [indices.call("PX_RANK", "RUT", "20D", day), indices.call("PX_STREAK", "RUT", day)]
    assert row[2:] == wanted
