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
