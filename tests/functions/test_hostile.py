"""What no cell holds is refused with its reason by every function, in every place, and never raises."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import logging
import random

import numpy as np
import pytest

from xlrotation.errors import BadArgument, CellError
from xlrotation.functions.boundary import deadline
from xlrotation.functions.boundary.cells import MAX_TEXT, NoCell, as_range, check_cells, shown
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session

NUMBERS = [float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), 10**5000, -(10**5000)]
FOREIGN = [
    *(
        {},
        {"a": 1},
        {1},
        b"x",
        1j,
        object(),
        np.array([1, 2]),
        np.int64(3),
        np.bool_(True),
        np.datetime64("2026-01-16"),
    ),
    *(decimal.Decimal("1e999"), NoCell("list"), range(3), type, len, collections.deque(), ..., np.float64("nan")),
]
RANGES = [
    *([[[1]]], [1, [2]], [[1], [1, 2]], [[{}]], [[object()]], [[10**400], [1]], [["x" * 40_000]], [[np.array([1, 2])]]),
    *(
        [[float("nan")] * 3],
        [[1e308], [1e308], [-1e308]],
        [[5e-324], [0.0]],
        [[True, 1], [1.0, False]],
        [[None] * 3] * 3,
    ),
    *([[CellError.NA] * 2], [["XLK"], ["BAD"], [None], [3]], [[dt.date.max], [dt.date.min]], [], [[]], (1, 2), [[[]]]),
]
ODD = [
    *(1e308, -1e308, 5e-324, -0.0, 2**63, 9007199254740993, 46036.5, 2958466, -1e18, 9999, 10000, True, False),
    *("x" * 40_000, "x" * MAX_TEXT, "\ud800", "a\0b", "NaN", "inf", "1e400", "9" * 400, "9" * 5000, "٣", "1_000", "²"),
    *("99999D", "0D", "100Y", "5200W", "2026-02-30", "0000-01-01", "9999-12-31", "½D", "Ⅷ", "1E5"),
    *(
        dt.date.max,
        dt.date.min,
        dt.datetime.max,
        dt.datetime(2026, 1, 16, tzinfo=dt.UTC),
        np.float64(3),
        np.str_("XLK"),
    ),
]
GOOD = [[[float(i * i % 17 + 1)] for i in range(40)], 5.0, 0.2, 100.0, "2026-01-16", [["a"], ["b"], ["c"]]]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", functions())
def test_no_value_breaks_a_function(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    chosen = random.Random(name)
    spec = functions()[name]
    session = Session("sample")
    for value in (*NUMBERS, *FOREIGN, *RANGES, *ODD):
        size = chosen.randint(1, len(spec.parameters) + 1)
        arguments: list[object] = [
            chosen.choice(GOOD) if place < len(spec.parameters) and spec.parameters[place].required else None
            for place in range(size)
        ]
        arguments[chosen.randrange(size)] = value
        result = session.call(name, *arguments)  # type: ignore[arg-type]
        reasons = [failure.reason for failure in session.failures]
        assert not [reason for reason in reasons if "internal error" in reason], (value, reasons)
        if any(value is item for item in (*NUMBERS, *FOREIGN)):
            cells = [cell for row in result for cell in row] if isinstance(result, list) else [result]
            assert all(isinstance(cell, CellError) for cell in cells), value
            assert reasons[-1]
        session.failures.clear()


@pytest.mark.parametrize("value", [*NUMBERS, *FOREIGN, "x" * (MAX_TEXT + 1)], ids=lambda value: type(value).__name__)
def test_each_is_refused_alone(value: object) -> None:
    with pytest.raises(BadArgument) as caught:
        check_cells([1.0, "a", None, value])
    assert len(caught.value.message) < 200
    assert len(shown(value)) <= 40
    if not isinstance(value, float) or type(value) is not float:
        with pytest.raises(BadArgument):
            as_range([["a"], [value]])


def test_what_a_cell_holds_passes() -> None:
    cells = [None, True, 0, -1, 1.5, 2**1023, -1.7e308, "", "x" * MAX_TEXT, CellError.NA, dt.date.max, dt.datetime.min]
    check_cells(cells)
    assert as_range([cells]) == [cells]
    assert as_range(cells) == [[cell] for cell in cells]


def test_a_number_that_is_none_spoils_its_own_cell_alone() -> None:
    session = Session("sample")
    first, second = session.call("PX_RET", "XLK", [["5D"], [float("nan")]])  # type: ignore[misc]
    assert isinstance(first[0], float)  # type: ignore[index]
    assert second == [CellError.VALUE]


def test_advice_on_unknown_symbols_is_put_together_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    import difflib

    searched: list[str] = []
    close = difflib.get_close_matches
    monkeypatch.setattr(
        difflib, "get_close_matches", lambda word, *a, **k: searched.append(word) or close(word, *a, **k)
    )
    session = Session("sample")
    session.call("PX_RET", [[f"XLKQ{i}"] for i in range(500)])
    session.call("PX_RET", "XLKQ")
    assert searched == []
    assert "did you mean XLK" in session.failures[-1].reason
    assert "did you mean XLK" in session.failures[-1].reason
    assert searched == ["xlkq"]  # and is kept
    session.call("PX_RET", "y" * 10_000)
    assert "type a ticker" in session.failures[-1].reason
    assert searched == ["xlkq"]


def test_a_range_is_not_gone_on_with_for_ever() -> None:
    session = Session("sample", remember=False)
    dates = [[46000 + i] for i in range(40)]
    for arguments in (("XLK", [["5D"], ["6D"]]), ([["XLK"], ["XLE"]], [["5D", "6D"]], dates[0])):
        with deadline.within(-1.0):
            assert session.call("PX_RET", *arguments) is CellError.VALUE
            assert "give fewer cells" in session.failures[-1].reason
            assert isinstance(session.call("PX_RET", "XLK"), float)  # one cell is one step
        with deadline.within(3600.0):
            assert isinstance(session.call("PX_RET", *arguments), list)
        assert isinstance(session.call("PX_RET", *arguments), list)
