import pytest

from xlrotation.errors import CellError


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("VAL_LEVEL", (288, 22), 6336),  # earnings and multiple quoted on 2026-01-18
        ("VAL_PE", (6940.01, 288), 24.1),  # what the close of 2026-01-16 really was on these earnings
        ("VAL_PE", (6940.01, 315.5), 22.0),
        ("VAL_DISCOUNT", (15.18, 22), 0.31),  # small caps 31 % below large ones
        ("VAL_GROWTH_GAP", (0.19, 0.12), 0.07),
        ("VAL_GUIDANCE", (57, 107), 0.533),  # FactSet, 2026-01-09
        ("VAL_COMPRESSION", (22, 22, 0.12), 0.12),
        ("VAL_COMPRESSION", (20, 10, 0.0), -0.5),
    ],
)
def test_11_published_figures(sample, name, arguments, expected):
    assert sample.call(name, *arguments) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("VAL_PE", (100, 0), CellError.DIV0),
        ("VAL_PE", (100, -5), CellError.NUM),
        ("VAL_DISCOUNT", (15, 0), CellError.DIV0),
        ("VAL_GUIDANCE", (1, 0), CellError.DIV0),
        ("VAL_GUIDANCE", (108, 107), CellError.VALUE),
        ("VAL_COMPRESSION", (0, 10, 0.1), CellError.DIV0),
    ],
)
def test_where_there_is_no_answer(sample, name, arguments, error):
    assert sample.call(name, *arguments) is error


def test_a_column_of_prices_gives_a_column_of_multiples(sample):
    assert sample.call("VAL_PE", [[200], [300]], 10) == [[20.0], [30.0]]


def test_shares_of_guidance_reach_from_none_to_all(sample):
    assert sample.call("VAL_GUIDANCE", 0, 107) == 0.0
    assert sample.call("VAL_GUIDANCE", 107, 107) == 1.0
    assert sample.call("VAL_GUIDANCE", -1, 107) is CellError.VALUE
    assert sample.call("VAL_PE", 0, 0.5) == 0.0


def test_a_forward_multiple_counts_for_ten_sessions(session_of):
    stated = [float("nan")] * 12
    for back, known in ((10, True), (11, False)):
        values = list(stated)
        values[-back] = 21.5
        session = session_of({"^GSPC": range(1, 13)}, forward_pe={"^GSPC": values})
        answer = session.call("VAL_FWD_PE", "SPX")
        assert answer == 21.5 if known else answer is CellError.NA
    both = [float("nan")] * 8 + [20.0, 21.0, float("nan"), float("nan")]
    assert session_of({"^GSPC": range(1, 13)}, forward_pe={"^GSPC": both}).call("VAL_FWD_PE", "SPX") == 21.0
