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
        self._tails(book, chart, now, moves)
        for place in range(count):
            head = {"type": "circle", "size": 5, "fill": {"color": book.colour("dark")}, "border": {"none": True}}
            chart.add_series(
                {
                    "name": f"={now.at(place, 1)}",
                    "categories": reference(Cells(SHEET, now.row + place, now.column + 2)),
                    "values": reference(Cells(SHEET, now.row + place, now.column + 3)),
                    "marker": head,
                    "line": {"none": True},
                    "data_labels": {
                        "series_name": True,
                        "value": False,
                        "position": "right",
                        "font": {"size": 7, "color": book.colour("dark")},
                    },
                }
            )
        self._quadrants(book, chart, x, y)
        chart.set_legend({"none": True})
        font = {"size": 8, "color": book.colour("quiet")}
        for setter in (chart.set_x_axis, chart.set_y_axis):
            setter(
                {
                    "crossing": 100,
                    "num_format": "0",
                    "major_gridlines": {"visible": False},
                    "label_position": "low",
                    "num_font": font,
                    "line": {"color": book.colour("comparison")},
                }
            )
        return place_chart(page, area, self.caption, chart, x)

    @staticmethod
    def _tails(book: Book, chart: object, now: Cells, moves: Cells) -> None:
        values = book.values
        for k in range(1, _TAILS + 1):
            which = f"INDEX({now.part(1).area},MATCH(LARGE({moves.area},{k}),{moves.area},0))"
            name = values.put(f"graph.mover{k}", which, ("@",))
            tail = values.put(
                f"graph.tail{k}",
                f'ROT_RRG_TAIL({name.at()},"^GSPC",{_TAIL},asof,,FALSE)',
                (DATE, POINTS),
                _TAIL,
                3,
            )
            chart.add_series(  # type: ignore[attr-defined]
                {
                    "name": f"={name.at()}",
                    "categories": reference(tail.part(1)),
                    "values": reference(tail.part(2)),
                    "line": {"color": book.colour("subject"), "width": 1.25},
                    "marker": {"type": "none"},
                }
            )

    @staticmethod
    def _quadrants(book: Book, chart: object, x: Cells, y: Cells) -> None:
        """Names in the corners, as far out as the farthest head."""
        values = book.values
        reach = "1.2*MAX(MAX({area})-100,100-MIN({area}))"
        far = [
            values.put(f"graph.reach.{axis}", reach.replace("{area}", cells.area))
            for axis, cells in (("x", x), ("y", y))
        ]
        for place, (right, up, name) in enumerate(_QUADRANTS):
            told = values.put(f"graph.quadrant{place}", expression(name), ("@",))
            across = values.put(f"graph.corner{place}x", f"100+{right}*{far[0].at()}", (POINTS,))
            high = values.put(f"graph.corner{place}y", f"100+{up}*{far[1].at()}", (POINTS,))
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
                        "font": {"size": 7, "italic": True, "color": book.colour("comparison")},
                    },
                }
            )
