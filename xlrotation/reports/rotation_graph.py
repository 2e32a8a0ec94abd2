"""The rotation graph: where the sectors stand, named at their heads, with the tails of those that moved most."""

from __future__ import annotations

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
_GAP = 0.17
"""Between two names one above the other, in the same measure."""
_QUADRANTS = (
    (1, 1, Text("Leading")),
    (1, -1, Text("Weakening")),
    (-1, -1, Text("Lagging")),
    (-1, 1, Text("Improving")),
)


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
        moved = f"IFERROR(({x.area}-{then.part(2).area})^2+({y.area}-{then.part(3).area})^2,-1)"
        moves = values.put("graph.moves", moved, (POINTS,), count)
        chart = book.chart("scatter", "straight")
        tails = self._tails(book, now, moves)
        far = [self._reach(book, axis, [cells, *(t.part(n) for _, t in tails)]) for n, (axis, cells) in enumerate((("x", x), ("y", y)), 1)]  # fmt: skip
        x, y = (
            self._scaled(book, f"graph.{axis}", cells, to) for axis, cells, to in (("x", x, far[0]), ("y", y, far[1]))
        )
        for k, (name, tail) in enumerate(tails):
            across, high = (
                self._scaled(book, f"graph.tail{k + 1}{'xy'[n]}", tail.part(n + 1), far[n]) for n in range(2)
            )
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
        self._names(book, chart, now, x, y)
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
        ends = ",".join(f"IFERROR(ABS({part.area}-100),0)" for part in parts)
        return book.values.put(f"graph.reach.{axis}", f"MAX({ends})", (POINTS,))

    @staticmethod
    def _scaled(book: Book, key: str, cells: Cells, reach: Cells) -> Cells:
        """Distances from 100 as shares of the farthest one: the graph fills its room, whatever the market does."""
        return book.values.put(f"{key}.scaled", f"({cells.area}-100)/{reach.at()}", ("0.00",), cells.rows)

    @staticmethod
    def _names(book: Book, chart: object, now: Cells, x: Cells, y: Cells) -> None:
        """Names of the heads, from top to bottom at the right and the left of them by turns.

        A name goes down where it would stand on that above it; a thin line leads to its head then.
        """
        values = book.values
        order = values.put(
            "graph.order", f"IFERROR({y.area}-ROW({y.area})*1E-9,-1E9-ROW({y.area}))", (POINTS,), now.rows
        )
        high: list[Cells] = []
        for k in range(now.rows):
            place = values.put(f"graph.place{k}", f"MATCH(LARGE({order.area},{k + 1}),{order.area},0)")
            name = values.put(f"graph.name{k}", f"INDEX({now.part(1).area},{place.at()})", ("@",))
            across = values.put(f"graph.name{k}x", f"IF({{0;0}}=0,INDEX({x.area},{place.at()}))", (POINTS,), 2)
            own = f"INDEX({y.area},{place.at()})"
            label = own if k < 2 else f"MIN({own},IFERROR({high[k - 2].at(1)}-{_GAP},{own}))"
            high.append(values.put(f"graph.name{k}y", f"IF({{0;1}}=0,{own},{label})", (POINTS,), 2))
            chart.add_series(  # type: ignore[attr-defined]
                {
                    "categories": reference(across),
                    "values": reference(high[k]),
                    "name": "=" + name.at(),
                    "marker": {"type": "none"},
                    "line": {"color": book.colour("comparison"), "width": 0.5},
                }
            )
            chart.add_series(  # type: ignore[attr-defined]
                {
                    "name": f"={name.at()}",
                    "categories": reference(Cells(across.sheet, across.row + 1, across.column)),
                    "values": reference(Cells(across.sheet, high[k].row + 1, high[k].column)),
                    "marker": {"type": "none"},
                    "line": {"none": True},
                    "data_labels": {
                        "series_name": True,
                        "value": False,
                        "position": "left" if k % 2 else "right",
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
