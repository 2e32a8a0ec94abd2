"""Conditional formats and validations as a worksheet has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlrotation.workbook.package.elements import unescaped

_EXTENDED = "/2009/9/main}"
_FORMULAS = ("{*}formula", "{*}formula1", "{*}formula2", "{*}f")


@dataclass(frozen=True, slots=True)
class Validation:
    """What may be entered in cells.

    Attributes:
        cells: The cells that it is for, as areas with spaces between.
        kind: ``list``, ``whole``, ``decimal``, ``date``, ``time``, ``textLength``, ``custom``, or ``none``: anything.
        operator: How a value is compared with the limits.
        formulas: The list, the limits, or the condition.
        blank: Whether a blank is let through; a limit that is blank lets anything through then.
        refuses: Whether another value is refused; else a spreadsheet takes it, silently or after a question.
        message: What its maker tells of another value.
    """

    cells: str
    kind: str
    operator: str
    formulas: tuple[str, ...]
    blank: bool
    refuses: bool
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A conditional format or a validation.

    Attributes:
        sheet: The name of its sheet.
        cells: The cells that it is for, as areas with spaces between; empty where it does not say.
        kind: Its type; ``extended`` for one in a form that only newer spreadsheets read.
        operator: How it compares, where it does.
        formulas: Its formulas.
        entry: What may be entered, of a validation in either form; None of a conditional format.
    """

    sheet: str
    cells: str
    kind: str
    operator: str
    formulas: tuple[str, ...]
    entry: Validation | None = None

    @property
    def validation(self) -> bool:
        """Whether it is a validation."""
        return self.entry is not None


def texts_of(element: Any) -> list[str]:
    """The formulas of a rule, some of which may be empty."""
    texts = [part.text or "" for part in element.iter(*_FORMULAS)]
    return texts + [str(part.get("val") or "") for part in element.iter("{*}cfvo") if part.get("type") == "formula"]


def rule_of(element: Any, sheet: str) -> Rule | None:
    """A rule of a sheet; None where it has no formula."""
    texts = texts_of(element)
    if not any(texts):
        return None
    validation = str(element.tag).endswith("}dataValidation")
    holder = element if validation else element.getparent()
    kind = "extended" if _EXTENDED in str(element.tag) else str(element.get("type") or "")
    cells = str(holder.get("sqref") or "") if holder is not None else ""
    operator = str(element.get("operator") or ("between" if validation else ""))
    entry = _validation(element, cells, operator) if validation else None
    return Rule(sheet, cells, kind, operator, tuple(texts), entry)


def _validation(element: Any, cells: str, operator: str) -> Validation:
    within = next((part.text for part in element.iter("{*}sqref") if part.text), "")  # of the extended form
    return Validation(
        cells=" ".join((cells or within).split()),
        kind=str(element.get("type") or "none"),
        operator=operator,
        formulas=tuple(text.strip() for part in ("{*}formula1", "{*}formula2") if (text := _words(element, part))),
        blank=_true(element.get("allowBlank")),
        refuses=_true(element.get("showErrorMessage")) and element.get("errorStyle", "stop") == "stop",
        message=unescaped(str(element.get("error") or "")).strip(),
    )


def _words(element: Any, tag: str) -> str:
    return next(("".join(part.itertext()).strip() for part in element.iter(tag)), "")


def _true(text: object) -> bool:
    return text in ("1", "true", "on")
