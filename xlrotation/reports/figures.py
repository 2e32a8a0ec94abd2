"""The hidden table of a report's figures: each result under a name that programs may rely on.

A figure's defined name stands for its cell in the table, which reads the cell that a person sees. A cell that shows
nothing, or says that there is nothing, is ``#N/A`` here and never 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlrotation.functions.boundary.registry import UNITS, functions
from xlrotation.languages import Text
from xlrotation.workbook.formulas.references import parse_area
from xlrotation.workbook.formulas.syntax import parse
from xlrotation.workbook.formulas.tokens import FormulaError
from xlrotation.workbook.formulas.trees import Call

SHEET = "Results"
"""The sheet of the table, which is hidden."""

SESSION = "session_used"
"""The name of the cell with the session that figures are of, unless they say otherwise."""

_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_WORD = re.compile(r"[a-z0-9]+")

_BY_FORMAT: tuple[tuple[str, str], ...] = (
    (r"@|General", "text"),
    (r".*yy.*", "date"),
    (r"[+-]0?.*%.*", "return"),
    (r".*%.*", "share"),
    (r"(\+0;-0;)?0|#,##0", "count"),
)
"""Units by the number format of a figure that is more than a call of one function."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A result.

    Attributes:
        key: Its name; words of small letters and digits with an underline between.
        label: What it is.
        cell: The cell that shows it, or an expression that finds it.
        number_format: How it is shown.
        formula: What computes it, without its leading sign.
        date: The cell or expression of the session that it is of.
    """

    key: str
    label: Text | str
    cell: str
    number_format: str
    formula: str
    date: str = SESSION

    @property
    def unit(self) -> str:
        """Key of :data:`~xlrotation.functions.boundary.registry.UNITS`."""
        try:
            tree = parse(self.formula)
        except FormulaError:
            tree = None
        spec = functions().get(tree.name) if isinstance(tree, Call) else None
        if spec is not None and spec.unit != "table":
            return spec.unit
        return next((unit for form, unit in _BY_FORMAT if re.fullmatch(form, self.number_format)), "number")

    def told(self, lang: str) -> str:
        """The label in a language."""
        return self.label.into(lang) if isinstance(self.label, Text) else self.label


def key_of(*words: Text | str) -> str:
    """A key made of words: the English ones of texts, in small letters."""
    return "_".join(part for word in words for part in _WORD.findall(str(word).lower().replace("&", "and")))


def checked(known: Mapping[str, Figure], names: Sequence[str], figure: Figure) -> Figure:
    """*figure*, if its key may be its name.

    Raises:
        ValueError: It is no key, reads as a cell, or is taken.
    """
    if not _KEY.fullmatch(figure.key) or parse_area(figure.key) or len(figure.key) > 100:
        raise ValueError(f"{figure.key!r} is no key: words of small letters and digits with an underline between")
    if figure.key in known or figure.key in names:
        raise ValueError(f"{figure.key} is taken; give one of the two figures another key")
    assert figure.unit in UNITS, figure.unit
    return figure


def value_formula(figure: Figure, nothing: Sequence[str]) -> str:
    """The formula of its value; #N/A where the cell shows nothing, or one of the texts *nothing*."""
    alike = ",".join(f"{figure.cell}={text}" for text in ('""', *nothing))
    return f"=IF(ISERROR({figure.cell}),{figure.cell},IF(OR({alike}),NA(),{figure.cell}))"


def state_formula(cell: str) -> str:
    """The formula of its state."""
    return f'=IF(ISNA({cell}),"missing",IF(ISERROR({cell}),"error","ok"))'
