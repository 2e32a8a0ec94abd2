"""What Python hands over is what a cell would hold, or is refused with its reason; never taken for something else."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import enum
import fractions
import functools
import itertools
import math
import typing
import zoneinfo
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import xlrotation as xr
from xlrotation.functions.boundary.cells import MAX_CELLS
from xlrotation.functions.boundary.kinds import DatesKind, NumberKind, TextsKind, VectorKind
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.python.arguments import read_argument

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
DAY = dt.date(2026, 1, 16)


class Word(enum.StrEnum):
    XLK = "XLK"


class Whole(enum.IntEnum):
    FIVE = 5


class Plain(enum.Enum):
    XLK = "XLK"


@pytest.mark.parametrize(
    ("given", "cell"),
    [
        (None, None),
        (True, True),
        (np.True_, True),
        (5, 5),
        (Whole.FIVE, 5),
        (np.int64(20), 20),
        (np.uint8(20), 20),
        (np.float32(0.5), 0.5),
        (np.float64(0.25), 0.25),
        (np.array(3), 3),
        (np.array(0.5), 0.5),
        (decimal.Decimal("0.125"), 0.125),
        (fractions.Fraction(1, 8), 0.125),
        ("XLK", "XLK"),
        (np.str_("XLK"), "XLK"),
        (Word.XLK, "XLK"),
        (DAY, DAY),
        (dt.datetime(2026, 1, 16), DAY),
        (pd.Timestamp("2026-01-16"), DAY),
        (pd.Timestamp("2026-01-16", tz="America/New_York"), DAY),
        (pd.Period("2026-01-16", "D"), DAY),
        (dt.datetime(2026, 1, 16, 9, 30), dt.datetime(2026, 1, 16, 9, 30)),
        (dt.datetime(2026, 1, 16, tzinfo=NEW_YORK), DAY),
        (np.datetime64("2026-01-16"), DAY),
        (np.datetime64("2026-01-16T00:00:00.000000000"), DAY),
        (np.datetime64("2026-01"), dt.date(2026, 1, 1)),
        (xr.CellError.NA, xr.CellError.NA),
    ],
)
def test_a_value_is_the_cell_that_it_would_be(given: object, cell: object) -> None:
    found = read_argument(given, "x", NumberKind())
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize(
    "given",
    [
        float("nan"),
        np.nan,
        np.float32("nan"),
        decimal.Decimal("NaN"),
        decimal.Decimal("sNaN"),
        pd.NA,
        pd.NaT,
        np.datetime64("NaT", "D"),
        np.ma.masked,
        "",
        "  ",
        "\u00a0",
    ],
    ids=repr,
)
def test_a_missing_value_is_no_argument_left_out(given: object) -> None:
    with pytest.raises(xr.BadArgument, match=r"^x: .* is no value; leave it out for the default$"):
        read_argument(given, "x", NumberKind())


@pytest.mark.parametrize(
    "given",
    [
        math.inf,
        -math.inf,
        np.float64("inf"),
        decimal.Decimal("Infinity"),
        decimal.Decimal("1e400"),
        fractions.Fraction(10**400),
        1j,
        np.complex128(1j),
        b"XLK",
        bytearray(b"XLK"),
        memoryview(b"XLK"),
        np.bytes_(b"XLK"),
        np.void(b"XLK"),
        object(),
        len,
        Plain.XLK,
        dt.timedelta(5),
        np.timedelta64(5, "D"),
        pd.Timedelta("5D"),
        np.timedelta64("NaT", "D"),
        pd.Interval(1, 2),
        pd.Period("2026-01", "M"),
        dt.time(9, 30),
        np.datetime64(10**18, "Y"),
        np.datetime64(-20000, "Y"),
        dt.datetime(2026, 1, 16, 2, tzinfo=dt.UTC),
        pd.Timestamp("2026-01-16 09:30", tz="Asia/Shanghai"),
        {"XLK": 1},
        {"XLK"},
        frozenset({"XLK"}),
        [],
        (),
        np.array([]),
        np.zeros((0, 3)),
        np.zeros((3, 0)),
        np.zeros((2, 2, 2)),
        np.zeros(3, dtype=[("a", float), ("b", float)]),
        pd.Series([], dtype=float),
        pd.DataFrame(),
        pd.DataFrame(index=[1, 2]),
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]),
        iter(()),
        (item for item in ()),
        range(0),
        itertools.count(),
        itertools.repeat("XLK", MAX_CELLS + 1),
        np.zeros(MAX_CELLS + 1),
        pd.DataFrame(np.zeros((MAX_CELLS, 2))),
        [[1, 2], [b"x", 4]],
        [[[1]], [[2]]],
        [np.zeros((2, 2))],
        [{"a": 1}],
        pd.DataFrame({"a": [1]}).groupby("a"),
        str,
        lambda: 1,
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_no_cell_holds_is_refused_with_its_place(given: object) -> None:
    with pytest.raises(xr.BadArgument, match=r"^x: "):
        read_argument(given, "x", VectorKind())


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        (["XLK", "XLF"], [["XLK"], ["XLF"]]),
        (("XLK", Word.XLK), [["XLK"], ["XLK"]]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        ([np.array([1.0, np.nan])], [[1.0, xr.CellError.NA]]),
        (np.array([1.5, 2.5]), [[1.5], [2.5]]),
        (np.array([[1, 2]]), [[1, 2]]),
        (np.ma.array([1.0, 2.0], mask=[False, True]), [[1.0], [xr.CellError.NA]]),
        (np.array(["2026-01-16", "NaT"], "datetime64[ns]"), [[DAY], [xr.CellError.NA]]),
        (pd.Series([1.0, np.nan]), [[1.0], [xr.CellError.NA]]),
        (pd.Series([1, pd.NA], dtype="Int64"), [[1], [xr.CellError.NA]]),
        (pd.Series([True, False]), [[True], [False]]),
        (pd.Series(["XLK", None, ""]), [["XLK"], [xr.CellError.NA], [xr.CellError.NA]]),
        (pd.Series(["XLK"], dtype="category"), [["XLK"]]),
        (pd.Series(pd.to_datetime(["2026-01-16", None])), [[DAY], [xr.CellError.NA]]),
        (pd.DatetimeIndex(["2026-01-16"], tz="America/New_York"), [[DAY]]),
        (pd.DataFrame({"a": [1, 2], "b": ["x", None]}), [[1, "x"], [2, xr.CellError.NA]]),
        (
            pd.DataFrame([[1, 2], [3, 4]], pd.MultiIndex.from_tuples([(1, "a"), (1, "b")]), columns=["a", "a"]),
            [[1, 2], [3, 4]],
        ),
        (range(3), [[0], [1], [2]]),
        ((str(item) for item in range(2)), [["0"], ["1"]]),
        ({"XLK": 1, "XLF": 2}.keys(), [["XLK"], ["XLF"]]),
        ([None, 1.0], [[xr.CellError.NA], [1.0]]),
    ],
    ids=lambda given: type(given).__name__,
)
def test_a_collection_is_a_range(given: object, rows: object) -> None:
    assert read_argument(given, "x", VectorKind()) == rows


@pytest.mark.parametrize("kind", [DatesKind(), TextsKind()], ids=["dates", "texts"])
def test_a_gap_among_dates_and_names_stays_a_blank(kind: DatesKind | TextsKind) -> None:
    assert read_argument(pd.Series(["a", None, np.nan, ""]), "x", kind) == [["a"], [None], [None], [None]]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.complex_numbers(),
    st.decimals(),
    st.fractions(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.timedeltas(),
    st.sampled_from([pd.NaT, pd.NA, np.datetime64("NaT", "D"), Plain.XLK, Word.XLK, object(), xr.CellError.NUM]),
    st.integers(-(2**62), 2**62).map(lambda n: np.datetime64(n, "ns")),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=3), inner, max_size=2),
        st.lists(inner, max_size=4).map(lambda items: pd.Series(items, dtype=object)),
        st.lists(inner, max_size=4).map(iter),
    ),
    max_leaves=8,
)
NAMES = sorted(name for name, spec in functions().items() if spec.parameters)


@given(name=st.sampled_from(NAMES), arguments=st.lists(ANYTHING, max_size=5))
def test_whatever_is_given_gives_a_value_or_one_of_our_exceptions(name: str, arguments: list[object]) -> None:
    with contextlib.suppress(xr.RotationError):
        opened().call(name, *arguments)
    opened().call(name, *arguments, errors="value")


@functools.cache
def opened() -> xr.Functions:
    return xr.open("sample")


# ---------------------------------------------------------------- columns with labels


def closes(m: xr.Functions, symbol: str, rows: int = 60) -> pd.Series:
    table = m.PX_HISTORY(symbol, rows=rows)
    return pd.Series(table.iloc[:, 1].to_numpy(), index=pd.DatetimeIndex(table.iloc[:, 0]))


@pytest.fixture(scope="module")
def m() -> xr.Functions:
    return xr.open("sample")


def test_columns_of_the_same_days_are_compared(m: xr.Functions) -> None:
    rut, spx = closes(m, "RUT"), closes(m, "SPX")
    assert m.RS_STREAK(rut, spx) == m.RS_STREAK("RUT", "SPX")
    assert m.RS_STREAK(rut.to_numpy(), spx.tolist()) == m.RS_STREAK("RUT", "SPX")
    assert m.RS_STREAK(rut.iloc[-30:], spx) == m.RS_STREAK("RUT", "SPX")  # they end together


@pytest.mark.parametrize(
    "change",
    [
        lambda column: column.iloc[:-1],
        lambda column: column.shift(1, freq="D"),
        lambda column: column.tz_localize("UTC"),
        lambda column: column.drop(column.index[-3]),
    ],
)
def test_columns_of_other_days_are_refused(m: xr.Functions, change: Callable[[typing.Any], typing.Any]) -> None:
    with pytest.raises(xr.BadArgument, match="a and b have different indexes"):
        m.RS_STREAK(closes(m, "RUT"), change(closes(m, "SPX")))


def test_a_column_whose_days_fall_is_refused(m: xr.Functions) -> None:
    column = closes(m, "RUT")
    with pytest.raises(xr.BadArgument, match="symbol: the dates of its index do not rise"):
        m.PX_RET(column[::-1], 5)
    with pytest.raises(xr.BadArgument, match="do not rise"):
        m.PX_RET(pd.concat([column, column.iloc[-1:]]), 5)
    assert m.PX_RET(column, 5) == pytest.approx(m.PX_RET("RUT", 5))


def test_counted_rows_say_nothing_of_days(m: xr.Functions) -> None:
    rut, spx = closes(m, "RUT").reset_index(drop=True), closes(m, "SPX", 40).reset_index(drop=True)
    assert m.RS_STREAK(rut, spx) == m.RS_STREAK("RUT", "SPX")


def test_an_empty_column_is_not_the_default(m: xr.Functions) -> None:
    for empty in ([], pd.Series(dtype=object), pd.DataFrame()):
        with pytest.raises(xr.BadArgument, match="windows: an empty column"):
            m.ROT_SECTOR_TABLE(empty)
        assert m.ROT_SECTOR_TABLE(empty, errors="value") is xr.CellError.VALUE


def test_a_gap_among_symbols_is_refused_not_passed_over(m: xr.Functions) -> None:
    for gap in (None, np.nan, pd.NA, ""):
        with pytest.raises(xr.RotationError):
            m.BRD_ABOVE_MA(["XLK", gap])


def test_a_text_may_hold_anything(m: xr.Functions) -> None:
    for text in ("XLK\0", "\0", "\ud800", "=1+1", "XLK\n", "a" * 40_000, "'", '"'):
        answer = m.PX_CLOSE(text, errors="value")
        assert answer in (xr.CellError.NA, xr.CellError.VALUE) or answer == m.PX_CLOSE("XLK")


def test_a_date_of_zero_is_not_the_newest(m: xr.Functions) -> None:
    for zero in (0, 0.0, np.int64(0), False):
        with pytest.raises(xr.BadArgument, match="no date"):
            m.PX_CLOSE("XLK", zero)


def test_numpy_numbers_are_what_cells_hold(m: xr.Functions) -> None:
    cells = Session("sample")
    assert m.PX_RET("XLK", np.int64(20)) == cells.call("PX_RET", "XLK", 20)
    assert m.PX_RET("XLK", np.str_("20D"), np.datetime64("2026-01-16")) == cells.call(
        "PX_RET", "XLK", "20D", "2026-01-16"
    )
