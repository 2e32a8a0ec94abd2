"""A chart beside one that shows nothing takes its room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xlrotation.workbook.output import emptycharts
from xlrotation.workbook.package.splice import Element, parse

ANCHOR = (
    "<x:twoCellAnchor><x:from><x:col>{first}</x:col><x:colOff>19050</x:colOff><x:row>{row}</x:row></x:from>"
    "<x:to><x:col>{last}</x:col><x:colOff>466725</x:colOff><x:row>{end}</x:row></x:to>"
    '<x:graphicFrame><x:nvGraphicFramePr><x:cNvPr id="2" name="{name}"/></x:nvGraphicFramePr></x:graphicFrame>'
    "</x:twoCellAnchor>"
)


def drawings(*charts: tuple[str, int, int, int]) -> bytes:
    """A part of drawings: name, first and last column, and row of each chart."""
    anchors = (
        ANCHOR.format(name=name, first=first, last=last, row=row, end=row + 12) for name, first, last, row in charts
    )
    return f'<x:wsDr xmlns:x="urn:x">{"".join(anchors)}</x:wsDr>'.encode()


def shown(data: bytes, empty: str, keep: bool) -> bytes:
    """The part where the charts named in *empty* show nothing."""

    def name(anchor: Element) -> str:
        return next(anchor.iter("cNvPr")).get("name")

    return emptycharts.left_out(data, parse(data), name, lambda chart, _: chart not in empty, keep)


def ends(data: bytes) -> dict[str, tuple[int, int]]:
    """First and last column of the charts that are not hidden."""

    def found() -> Iterator[tuple[str, tuple[int, int]]]:
        for anchor in parse(data).children:
            frame = next(anchor.iter("cNvPr"))
            if not frame.get("hidden"):
                first, last = (int(column.text) for column in anchor.iter("col"))
                yield frame.get("name"), (first, last)

    return dict(found())


PAIR = drawings(("a", 0, 5, 3), ("b", 6, 11, 3), ("c", 0, 11, 20))
THREE = drawings(("a", 0, 3, 3), ("b", 4, 7, 3), ("c", 8, 11, 3))


@pytest.mark.parametrize(
    ("data", "empty", "wanted"),
    [
        (PAIR, "", {"a": (0, 5), "b": (6, 11), "c": (0, 11)}),
        (PAIR, "b", {"a": (0, 11), "c": (0, 11)}),
        (PAIR, "a", {"b": (0, 11), "c": (0, 11)}),
        (PAIR, "ab", {"c": (0, 11)}),
        (PAIR, "c", {"a": (0, 5), "b": (6, 11)}),
        (THREE, "b", {"a": (0, 7), "c": (8, 11)}),
        (THREE, "bc", {"a": (0, 11)}),
        (THREE, "ab", {"c": (0, 11)}),
        (THREE, "ac", {"b": (0, 11)}),
        (drawings(("a", 0, 4, 3), ("b", 7, 11, 3)), "b", {"a": (0, 4)}),  # a table stands between
        (drawings(("a", 0, 5, 3), ("b", 6, 11, 4)), "b", {"a": (0, 5)}),  # begins in another row
    ],
)
def test_a_chart_is_as_wide_as_the_empty_ones_beside_it_let_it(
    data: bytes, empty: str, wanted: dict[str, tuple[int, int]]
) -> None:
    assert ends(shown(data, empty, False)) == wanted


@pytest.mark.parametrize("empty", ["", "a", "ab", "abc"])
def test_where_formulas_are_kept_charts_are_hidden_and_stay_in_their_places(empty: str) -> None:
    hidden = shown(PAIR, empty, True)
    assert set(ends(hidden)) == set("abc") - set(empty)
    assert shown(hidden, "", True) == PAIR


def test_an_anchor_without_such_ends_stays_as_it_is() -> None:
    data = PAIR.replace(b"<x:col>0</x:col>", b"<x:col>?</x:col>", 1)
    assert shown(data, "b", False).count(b"<x:twoCellAnchor>") == 2
