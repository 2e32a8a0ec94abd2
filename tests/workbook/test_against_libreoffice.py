"""Models made by chance: what we compute after a change of inputs is what LibreOffice computes, or is reported."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import xlsxwriter

from tests.workbook.books import Fake
from tests.workbook.test_natives import with_libreoffice
from xlrotation.errors import CellError
from xlrotation.grid import Cell
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.pdf import find_libreoffice
from xlrotation.workbook.package.book import read_book

ROWS = 40
FORMULAS = 220

pytestmark = pytest.mark.skipif(
    find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE"),
    reason="LibreOffice is not installed",
)


class Chance:
    """Formulas over the columns H (decimals), I (small whole numbers), J (days) and K (texts) of their sheet."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def cell(self, columns: str = "HI") -> str:
        return f"{self._random.choice(columns)}{self.number(1, ROWS)}"

    def area(self, columns: str = "HI") -> str:
        column, top = self._random.choice(columns), self.number(1, ROWS - 8)
        return f"{column}{top}:{column}{top + self.number(1, 8)}"

    def formula(self) -> str:
        n, cell, area = self.number, self.cell, self.area
        condition = f'">{n(0, 9)}"'
        kinds: list[Callable[[], str]] = [
            lambda: f"{cell()}*{cell()}-{cell()}/({cell('I')}+20)",
            lambda: f"IF({cell()}>{cell()},{cell()},-{cell()})",
            lambda: f"({cell()}={cell()})=({cell()}>{cell()})",
            lambda: f'"n="&{cell("I")}&"/"&ROUND({cell()},1)',
            lambda: f"ROUND(SUM({area()})%,4)",
            lambda: f"SUMPRODUCT(({area('I')}>{n(0, 9)})*1)",
            lambda: f"SUMPRODUCT(MONTH({area('J')})*1)",
            lambda: f"SUMIF(I:I,{condition},H:H)+COUNTIF(H:H,{condition})",
            lambda: f"AVERAGEIF(I1:I{ROWS},{condition},H1:H{ROWS})",
            lambda: f'SUMIFS(H1:H{ROWS},K1:K{ROWS},"x",I1:I{ROWS},{condition})',
            lambda: f'COUNTIFS(K1:K{ROWS},"?",H1:H{ROWS},{condition})',
            lambda: f"INDEX(H:H,MATCH(MAX(I1:I{ROWS}),I1:I{ROWS},0))",
            lambda: f"VLOOKUP({cell('I')},L:N,3,0)",
            lambda: f"LOOKUP({cell('I')},L1:L13,N1:N13)",
            lambda: f"SUM(OFFSET(H1,{n(0, 9)},0,{n(1, 9)},2))",
            lambda: f'SUM(INDIRECT("H{n(1, 9)}:I"&{n(10, 19)}))',
            lambda: f"SUM(I1:J{n(20, ROWS)} H{n(1, 9)}:I{n(10, 19)})",
            lambda: "SUM(H1:I2,(H3:H4,I5:I6))",
            lambda: f"near*{n(2, 5)}+rate",
            lambda: f"SUM(moving)-SUM(T:U!B{n(1, 3)}:B6)",
            lambda: f"SUM(Tab[Px])+SUMIF(Tab[Sym],\"b\",Tab[Px x])+{cell()}",
            lambda: f"TEXT({cell()},\"0.00;(0.00)\")&TEXT({cell('J')},\"d mmm yyyy\")",
            lambda: f"EDATE({cell('J')},{n(-9, 9)})+WEEKDAY({cell('J')},2)+YEARFRAC({cell('J')},{cell('J')},4)",
            lambda: f"NETWORKDAYS({cell('J')},{cell('J')})+DATEDIF(MIN({area('J')}),46000,\"m\")",
            lambda: f"MEDIAN({area()})+LARGE({area()},1)-STDEV({area()})",
            lambda: f"SLOPE(H1:H{ROWS},I1:I{ROWS})+CORREL(H1:H{ROWS},I1:I{ROWS})",
            lambda: f"NPV({n(1, 9)}%,{area()})+PMT({n(1, 9)}%/12,{n(12, 90)},{cell('I')}*100)",
            lambda: f"PRICE({cell('J')},47000+{n(1, 900)},{n(1, 9)}%,{n(1, 9)}%,100,2,0)",
            lambda: f"IFERROR({cell()}/({cell('I')}-{cell('I')}),\"none\")",
            lambda: f"SUBTOTAL(9,{area()})+SUBTOTAL(2,{area()})",
            lambda: f"{area()}*{n(2, 5)}",
            lambda: f'A{n(1, 20)}&"|"&IF(ISERROR(A{n(21, 40)}),"e","v")',
        ]  # fmt: skip
        return self._random.choice(kinds)()


def write(path: Path, formulas: list[str], changes: Mapping[str, float], chance: random.Random) -> None:
    """The model, with some inputs changed."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        cells: dict[str, Cell] = {}
        for row in range(1, ROWS + 1):
            cells |= {f"H{row}": round(chance.uniform(-5, 15), 1), f"I{row}": chance.randint(0, 12)}
            cells |= {f"J{row}": chance.randint(40000, 46000), f"K{row}": chance.choice(["x", "y", "xy"])}
        cells |= {f"{c}{row}": (row - 1) * factor for row in range(1, 14) for c, factor in (("L", 1), ("N", 1.5))}
        for cell, value in (cells | changes).items():
            sheet.write(cell, value)
        for row, formula in enumerate(formulas):
            if row % 11 == 10:
                sheet.write_array_formula(row, 0, row, 0, f"{{={formula}}}")
            else:
                sheet.write_formula(row, 0, f"={formula}")
        for name in "TU":
            other = book.add_worksheet(name)
            other.write_column("B1", [chance.randint(1, 50) for _ in range(6)])
        table = book.add_worksheet("Table")
        table.add_table("A1:C5", {"name": "Tab", "columns": [{"header": "Sym"}, {"header": "Px"}, {"header": "Px x"}]})
        for row, symbol in enumerate("abcb", 1):
            table.write_row(row, 0, [symbol, row * 3, row * 7])
        book.define_name("rate", "=0.25")
        book.define_name("S!near", "=S!$I1")
        book.define_name("moving", "=OFFSET(S!$H$1,0,0,COUNT(S!$L:$L),1)")


def near(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-7 * max(abs(a), abs(b)) + 1e-9
    return a == b


@pytest.mark.parametrize("seed", [1, 2])
def test_changed_inputs_of_a_model_made_by_chance(tmp_path: Path, seed: int) -> None:
    chance = Chance(seed)
    formulas = [chance.formula() for _ in range(FORMULAS)]
    changes = {
        chance.cell("H"): 3.25,
        chance.cell("I"): 4.0,
        chance.cell("I"): 11.0,
        chance.cell("J"): 44000.0,
        "H3": -2.75,
    }
    write(tmp_path / "base.xlsx", formulas, {}, random.Random(seed))
    write(tmp_path / "edited.xlsx", formulas, changes, random.Random(seed))
    base = with_libreoffice(tmp_path / "base.xlsx", tmp_path)
    judge = read_book(with_libreoffice(tmp_path / "edited.xlsx", tmp_path)).sheets[0].values
    evaluation = evaluate_workbook(base, Fake(), {f"S!{cell}": value for cell, value in changes.items()})
    reported = {problem.cell: problem.reason for problem in evaluation.problems}
    values = evaluation.values["S"]
    wrong = [
        (f"A{row}", formula, judge.get((row, 1)), values.get((row, 1)))
        for row, formula in enumerate(formulas, 1)
        if f"A{row}" not in reported and not near(judge.get((row, 1)), values.get((row, 1)))
    ]
    assert not wrong
    stored = read_book(base).sheets[0].values
    assert sum(not near(stored.get((row, 1)), judge.get((row, 1))) for row in range(1, FORMULAS + 1)) > FORMULAS / 4
    assert len(reported) <= 0.02 * FORMULAS, reported
    assert not all(isinstance(values.get((row, 1)), CellError) for row in range(1, FORMULAS + 1))
