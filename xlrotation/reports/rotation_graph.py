"""The rotation graph: where the sectors stand, named at their heads, with the tails of those that moved most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlrotation.languages import Text
from xlrotation.market.universes import SECTORS
from xlrotation.reports.charts import Caption, place_chart
from xlrotation.reports.choosing import expression
from xlrotation.reports.kit import DATE, POINTS, Book, reference
from xlrotation.reports.page import Area, Page
from xlrotation.reports.values import SHEET, Cells

_TAIL = 8
_TAILS = 4
_EDGE, _CORNER = 1.4, 1.28
"""Where the axes end, and how high the names of quadrants stand, where the farthest head or tail is at 1."""
_PLACES = (
    *((0.24, 0.0), (-0.24, 0.0), (0.0, 0.17), (0.0, -0.17)),
    *((x, y) for y in (0.15, -0.15) for x in (0.22, -0.22)),
    *((x, y) for y in (0.12, -0.12) for x in (0.45, -0.45)),
    *((x, y) for y in (0.3, -0.3) for x in (0.4, -0.4)),
    *((0.0, 0.34), (0.0, -0.34)),
    *((x, y) for far, up in ((0.65, 0.25), (0.6, 0.48), (0.2, 0.5)) for y in (up, -up) for x in (far, -far)),
)
"""Where the middle of a name may stand, from its head, in the same measure: the nearest first."""
_BESIDE = 8
"""How many of these are beside the head."""
_HEAD, _NAME = (0.23, 0.14), (0.36, 0.175)
"""Distances from the middle of a name at which it covers a head, and another name."""
_WIDEST, _HIGHEST = 1.25, 1.15
"""Where the middle of a name stands at most."""
_LEAD = 0.55
"""Where the line to a name ends, as a share of the way."""
_QUADRANTS = (
    (1, 1, Text("Leading")),
    (1, -1, Text("Weakening")),
    (-1, -1, Text("Lagging")),
    (-1, 1, Text("Improving")),
)


def _column(numbers: Sequence[float]) -> str:
    """Numbers below each other, as a formula writes them."""
    return "{" + ";".join(f"{number:.4g}" for number in numbers) + "}"


def _covering(ends: Sequence[str], others: Sequence[Cells], near: tuple[float, float]) -> str:
    """The expression of how many of *others* are nearer than *near* to each of the places *ends*."""
    across, down = (f"(ABS({end}-IFERROR(TRANSPOSE({cells.area}),9))<{limit})" for end, cells, limit in zip(ends, others, near, strict=True))  # fmt: skip
    return f"MMULT({across}*{down},{_column([1] * others[0].rows)})"


def _pair(choice: str, row: int, heads: Sequence[Cells], offsets: Sequence[Cells]) -> str:
    """The expression of where the name of a head stands, across and up."""
    x, y = (
        f"{Cells(SHEET, cells.row + row, cells.column).at()}+INDEX({offset.area},{choice})"
        for cells, offset in zip(heads, offsets, strict=True)
    )
    return f"IF({{1,0}}=1,{x},{y})"


@dataclass(frozen=True, slots=True)
class RotationGraph:
    """Relative strength and its momentum of the sectors against the S&P 500.

    Attributes:
        caption: Its words.
    """

    caption: Caption

    def write(self, page: Page, area: Area) -> int:
        """Write it: heads, quadrants, and a few tails."""
        book, values = page.book, page.book.values
        count = len(SECTORS)
        now = values.put("graph.now", 'ROT_RRG("SECTORS","^GSPC",asof,,FALSE,lang)', ("@", "@", POINTS), count, 5)
        before = 'ROT_RRG("SECTORS","^GSPC",{session.back5},,FALSE,lang)'
        then = values.put("graph.then", before, ("@", "@", POINTS), count, 5)
        x, y = now.part(2), now.part(3)
        both = f'ISNUMBER({x.area}+{y.area}+{then.part(2).area}+{then.part(3).area})*({x.area}<>"")*({then.part(2).area}<>"")'
        moved = f"IFERROR(IF({both},({x.area}-{then.part(2).area})^2+({y.area}-{then.part(3).area})^2,-1),-1)"
        moves = values.put("graph.moves", moved, (POINTS,), count)
        chart = book.chart("scatter", "straight")
        tails = self._tails(book, now, moves)
        far = [self._reach(book, axis, [cells, *(t.part(n) for _, t in tails)]) for n, (axis, cells) in enumerate((("x", x), ("y", y)), 1)]  # fmt: skip
        x, y = (
            self._scaled(book, f"graph.{axis}", cells, to) for axis, cells, to in (("x", x, far[0]), ("y", y, far[1]))
        )
        ways = []
        for k, (name, tail) in enumerate(tails):
            across, high = (
                self._scaled(book, f"graph.tail{k + 1}{'xy'[n]}", tail.part(n + 1), far[n]) for n in range(2)
            )
            ways.append((across, high))
            chart.add_series(
                {
                    "name": f"={name.at()}",
                    "categories": reference(across),
                    "values": reference(high),
                    "line": {"color": book.colour("subject"), "width": 1.25},
                    "marker": {"type": "none"},
                }
            )
        for place in range(count):
            head = {"type": "circle", "size": 5, "fill": {"color": book.colour("dark")}, "border": {"none": True}}
            chart.add_series(
                {
                    "name": f"={now.at(place, 1)}",
                    "categories": reference(Cells(SHEET, x.row + place, x.column)),
                    "values": reference(Cells(SHEET, y.row + place, y.column)),
                    "marker": head,
                    "line": {"none": True},
                }
            )
        self._names(book, chart, now, (x, y), ways)
        self._quadrants(book, chart)
        chart.set_legend({"none": True})
        for setter in (chart.set_x_axis, chart.set_y_axis):
            setter(
                {
                    "crossing": 0,
                    "min": -_EDGE,
                    "max": _EDGE,
                    "major_gridlines": {"visible": False},
                    "major_tick_mark": "none",
                    "label_position": "none",
                    "line": {"color": book.colour("comparison")},
                }
            )
        return place_chart(page, area, self.caption, chart, x)

    @staticmethod
    def _tails(book: Book, now: Cells, moves: Cells) -> list[tuple[Cells, Cells]]:
        """Name and tail of those that moved most."""
        values, tails = book.values, []
        for k in range(1, _TAILS + 1):
            which = f"INDEX({now.part(1).area},MATCH(LARGE({moves.area},{k}),{moves.area},0))"
            name = values.put(f"graph.mover{k}", which, ("@",))
            formula = f'ROT_RRG_TAIL({name.at()},"^GSPC",{_TAIL},asof,,FALSE)'
            tails.append((name, values.put(f"graph.tail{k}", formula, (DATE, POINTS), _TAIL, 3)))
        return tails

    @staticmethod
    def _reach(book: Book, axis: str, parts: list[Cells]) -> Cells:
        """How far the farthest head or tail is from 100."""
        ends = ",".join(f"IF(ISNUMBER({part.area}),ABS({part.area}-100),0)" for part in parts)  # a blank cell is no 0
        return book.values.put(f"graph.reach.{axis}", f"MAX({ends})", (POINTS,))

    @staticmethod
    def _scaled(book: Book, key: str, cells: Cells, reach: Cells) -> Cells:
        """Distances from 100 as shares of the farthest one: the graph fills its room, whatever the market does."""
        return book.values.put(
            f"{key}.scaled", f"IF(ISNUMBER({cells.area}),({cells.area}-100)/{reach.at()},NA())", ("0.00",), cells.rows
        )

    @staticmethod
    def _names(
        book: Book, chart: object, now: Cells, heads: tuple[Cells, Cells], tails: Sequence[tuple[Cells, Cells]]
    ) -> None:
        """Names of the heads, each in the first place around its head where it covers no other name, head or tail.

        Where that is not beside the head, a thin line leads there.
        """
        values, (x, y) = book.values, heads
        offsets = [values.put(f"graph.offset.{axis}", f"{_column(each)}*1", ("0.00",), len(_PLACES)) for axis, each in zip("xy", zip(*_PLACES, strict=True), strict=True)]  # fmt: skip
        spots = [
            values.put(f"graph.spot{k}", _pair(f"{{graph.choice{k}}}", k, (x, y), offsets), ("0.00",), 1, 2)
            for k in range(now.rows)
        ]
        for k, spot in enumerate(spots):
            head = Cells(SHEET, x.row + k, x.column), Cells(SHEET, y.row + k, y.column)
            ends = tuple(f"{cell.at()}+{offset.area}" for cell, offset in zip(head, offsets, strict=True))
            cost = f"{_column([0.1 * place for place in range(len(_PLACES))])}+5*{_covering(ends, heads, _HEAD)}"
            cost += "".join(f"+0.5*{_covering(ends, tail, _HEAD)}" for tail in tails)
            if k:
                others = [Cells(SHEET, spots[0].row, spots[0].column + n, k) for n in range(2)]
                cost += f"+10*{_covering(ends, others, _NAME)}"
            cost += f"+10*(((ABS({ends[0]})>{_WIDEST})+(ABS({ends[1]})>{_HIGHEST}))>0)"
            costs = values.put(f"graph.cost{k}", f"IFERROR({cost},99)", ("0.0",), len(_PLACES))
            choice = values.put(f"graph.choice{k}", f"MATCH(MIN({costs.area}),{costs.area},0)", ("0",))
            leads = [
                values.put(f"graph.lead{k}{axis}", f"IF({{0;0}}=0,{cell.at()})+{{0;{_LEAD}}}*({choice.at()}>{_BESIDE})*({spot.at(0, n)}-{cell.at()})", ("0.00",), 2)
                for n, (axis, cell) in enumerate(zip("xy", head, strict=True))
            ]  # fmt: skip
            chart.add_series(  # type: ignore[attr-defined]
                {
                    "categories": reference(leads[0]),
                    "values": reference(leads[1]),
                    "name": "=" + now.at(k, 1),
                    "marker": {"type": "none"},
                    "line": {"color": book.colour("comparison"), "width": 0.5},
                }
            )
            chart.add_series(  # type: ignore[attr-defined]
                {
                    "name": "=" + now.at(k, 1),
                    "categories": reference(Cells(SHEET, spot.row, spot.column)),
                    "values": reference(Cells(SHEET, spot.row, spot.column + 1)),
                    "marker": {"type": "none"},
                    "line": {"none": True},
                    "data_labels": {
                        "series_name": True,
                        "value": False,
                        "position": "center",
                        "font": {"size": book.size("source"), "color": book.colour("dark")},
                    },
                }
            )

    @staticmethod
    def _quadrants(book: Book, chart: object) -> None:
        """Names in the corners."""
        values = book.values
        for place, (right, up, name) in enumerate(_QUADRANTS):
            told = values.put(f"graph.quadrant{place}", expression(name), ("@",))
            across = values.put(f"graph.corner{place}x", f"{right * _EDGE}", (POINTS,))
            high = values.put(f"graph.corner{place}y", f"{up * _CORNER}", (POINTS,))
            chart.add_series(  # type: ignore[attr-defined]
                {
                    "name": f"={told.at()}",
                    "categories": reference(across),
                    "values": reference(high),
                    "marker": {"type": "none"},
                    "line": {"none": True},
                    "data_labels": {
                        "series_name": True,
                        "value": False,
                        "position": "left" if right > 0 else "right",
                        # LibreOffice breaks words that take a fifth of the drawing
                        "font": {"size": 7, "italic": True, "color": book.colour("comparison")},
                    },
                }
            )
