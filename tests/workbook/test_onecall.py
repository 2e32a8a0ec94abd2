"""A plain call of ours gives what the evaluation of formulas gives, and anything else goes there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlrotation.errors import CellError
from xlrotation.grid import Cell, Range
from xlrotation.workbook.evaluation import onecall
from xlrotation.workbook.evaluation.oneformula import evaluate_formula

PARTS = ['"a"', '"a""b"', '""', ",", ",", " ", " , ", "1", "20.5", "TRUE", "fAlse", "-1", "A1", "{1}", "(", ")", "1e5"]
BODIES = st.lists(st.sampled_from([*PARTS, '"x,y"', ".5", "1.", '"', "00", ";", "#N/A", "%", "truer"]), max_size=7)


class Told:
    """Our functions, which note what they are given."""

    names = frozenset({"PX_RET", "RS_STREAK"})

    def __init__(self, result: Cell | Range) -> None:
        self.result = result
        self.given: list[object] = []

    def __call__(self, name: str, arguments: Sequence[Cell | Range]) -> Cell | Range:
        self.given.append((name, list(arguments), [type(argument) for argument in arguments]))
        return self.result


@settings(max_examples=500)
@given(
    st.sampled_from(["=", "", " = ", "=@", "+"]),
    st.sampled_from(["PX_RET", "px_ret", "RS_STREAK", "NONE", "SUM"]),
    BODIES.map("".join),
    st.sampled_from([")", ")", ") ", "))", ""]),
    st.sampled_from([1.0, None, "x", True, CellError.NA, [], [[]], [[1.0, None]]]),
)
def test_it_gives_what_the_evaluation_gives(start: str, name: str, body: str, end: str, result: Cell | Range) -> None:
    quick, slow = Told(result), Told(result)
    text = f"{start}{name}({body}{end}"
    found = onecall.called(text, quick)
    if found is None:
        assert not quick.given
    else:
        assert found[0] == evaluate_formula(text, slow)
        assert quick.given == slow.given


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("=RS_STREAK()", []),
        ("rs_streak( )", []),
        ('=RS_STREAK("a""b, c",20)', ['a"b, c', 20.0]),
        ('=RS_STREAK("RUT" , "SPX",,true,)', ["RUT", "SPX", None, True, None]),
    ],
)
def test_what_is_read_at_once(text: str, arguments: list[Cell]) -> None:
    told = Told(2.0)
    assert onecall.called(text, told) == (2.0,)
    assert told.given == [("RS_STREAK", arguments, [type(argument) for argument in arguments])]


@pytest.mark.parametrize(
    "text", ["=RS_STREAK()+1", "=SUM(1)", "=RS_STREAK(A1)", "=RS_STREAK(;)", "=RS_STREAK(PX_RET())"]
)
def test_what_is_left_to_the_evaluation(text: str) -> None:
    assert onecall.called(text, Told(2.0)) is None
