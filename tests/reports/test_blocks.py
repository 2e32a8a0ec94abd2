"""Blocks of a page: names that are cut, heads that break, and rows of which print closes up what is empty."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import openpyxl
import pytest

from xlrotation.functions.boundary.session import Session
from xlrotation.languages import Text
from xlrotation.reports.blocks import Column, Spill, Table
from xlrotation.reports.charts import Caption, Curve, Paths
from xlrotation.reports.definition import Definition, build
from xlrotation.reports.frames import Frame, Series
from xlrotation.reports.rotation_graph import RotationGraph
from xlrotation.reports.words import Saying, Told
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook

SHORT, LONG = "One line.", " ".join(["words"] * 50)
TABLE = Table(
    "firms",
    Text("Firms"),
    (
        Column(Text("Company"), "name", "@", 2),
        Column(Text("5 sessions"), "five", "0.0"),
        Column(Text("Two"), "two", "0"),
    ),
    ["1", "2", "3"],
    (Spill(0, '{"Norwegian Cruise Line Holdings";"Coinbase";""}&""', 1), Spill(1, "{1.5;2.5;3.5}*1", 1, 0, 2)),
    used="2",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    """A book of a few blocks, and its values."""
    path = tmp_path_factory.mktemp("blocks") / "blocks.xlsx"
    graph = RotationGraph(Caption(Text("Rotation graph"), Text("unit"), "Scatter", 11))
    sayings = tuple(Saying(Text("{words}"), {"words": f'IF(TRUE,"{words}")'}) for words in (SHORT, LONG, ""))
    front = (Told("said", sayings), TABLE, graph)
    build(Definition("blocks", Text("Blocks"), dt.date(2026, 2, 13), front, (), breadth=False), path)
    return path, evaluate_workbook(path, Session("sample", lang="en"))


def rows_of(path: Path) -> dict[str, int]:
    """Rows of the sheet of values, by their keys."""
    sheet = openpyxl.load_workbook(path)["Values"]
    return {str(cell.value): cell.row for (cell,) in sheet.iter_rows(max_col=1) if cell.value}


def test_a_long_name_is_cut_and_a_short_one_is_not(made: tuple[Path, object]) -> None:
    shown = [value for value in made[1].values["Report"].values() if isinstance(value, str)]  # type: ignore[attr-defined]
    assert "Coinbase" in shown
    cut = [value for value in shown if value.startswith("Norwegian")]
    assert [(len(value) <= 20, value[-1]) for value in cut] == [(True, "…")]


def test_a_head_that_would_touch_the_next_breaks(made: tuple[Path, object]) -> None:
    shown = list(made[1].values["Report"].values())  # type: ignore[attr-defined]
    assert "5\nsessions" in shown
    assert "Two" in shown


def test_cells_that_nothing_fills_have_their_rule(made: tuple[Path, object]) -> None:
    sheet = openpyxl.load_workbook(made[0])["Report"]
    row = next(row for row in range(1, 20) if sheet.cell(row, 3).value and "sessions" in str(sheet.cell(row, 3).value))
    for column in (1, 3, 4):
        assert sheet.cell(row + 3, column).border.bottom.style == "dotted"


def test_rows_in_use_are_counted(made: tuple[Path, object]) -> None:
    rows, values = rows_of(made[0]), made[1].values["Values"]  # type: ignore[attr-defined]
    used = [values[rows[f"report.fold{number}"], 3] for number in range(1, 5)]
    assert used == [1, 3, 0, 2]  # a line, some lines, none, and the rows of the table


def test_names_of_the_graph_cover_neither_each_other_nor_a_head(made: tuple[Path, object]) -> None:
    values = made[1].values["Values"]  # type: ignore[attr-defined]
    rows = rows_of(made[0])
    heads = [tuple(values[rows[f"graph.{axis}.scaled"] + k, 3] for axis in "xy") for k in range(11)]
    spots = [(values[rows[f"graph.spot{k}"], 3], values[rows[f"graph.spot{k}"], 4]) for k in range(11)]
    for one, other in itertools.combinations(spots, 2):
        assert abs(one[0] - other[0]) >= 0.35 or abs(one[1] - other[1]) >= 0.17
    for spot, head in itertools.product(spots, heads):
        assert abs(spot[0] - head[0]) >= 0.2 or abs(spot[1] - head[1]) >= 0.13
    for spot, head in zip(spots, heads, strict=True):
        assert abs(spot[0] - head[0]) <= 0.7
        assert abs(spot[1] - head[1]) <= 0.55


def test_few_sessions_and_sectors_draw_nothing_that_is_not_there(tmp_path: Path) -> None:
    """Blank cells of a table that could not be filled are no zeros, and an axis has dates before the first session."""
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(44)]
    sessions = [day for day in days if day.weekday() < 5 and day not in (dt.date(2026, 1, 1), dt.date(2026, 1, 19))]
    rows = [f"{day},{100 + n},{50 + n % 3}" for n, day in enumerate(sessions)]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "prices.csv").write_text("\n".join(["date,^GSPC,XLK", *rows]))
    frame = Frame("Path", 60, (Series("spx", "SPX", 'PX_CLOSE("SPX",{dates})'),))
    graph = RotationGraph(Caption(Text("Rotation graph"), Text("unit"), "Scatter", 11))
    line = Paths(Caption(Text("Index"), Text("points"), "Line", 11), frame, (Curve("spx"),))
    path = tmp_path / "few.xlsx"
    build(Definition("few", Text("Few"), dt.date(2026, 2, 13), (graph, line), (), frames=(frame,), breadth=False), path)
    evaluation = evaluate_workbook(path, Session(f"folder:{tmp_path / 'data'}", lang="en"))
    values, known = evaluation.values["Values"], rows_of(path)
    for axis in "xy":
        drawn = [values[known[f"graph.{axis}.scaled"] + k, 3] for k in range(11)]
        assert not any(isinstance(value, float) for value in drawn)
    path_of = evaluation.values["Path"]
    axis_dates = [path_of[row, 3] for row in range(2, 62)]
    assert all(isinstance(value, int | float) for value in axis_dates)
    assert axis_dates == sorted(axis_dates)
    assert sum(isinstance(path_of[row, 2], int | float) for row in range(2, 62)) == len(sessions)
