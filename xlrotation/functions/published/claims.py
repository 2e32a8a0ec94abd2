"""What the market reports published, figure by figure, and what the data say to it.

``claims.csv`` holds a row per figure: as published, the formula that computes it, the formula of another convention
that may explain it, and what it needs where no formula can compute it. Its column ``expected`` is the outcome on the
sample data, so that no change passes unseen.
"""

from __future__ import annotations

import csv
import datetime as dt
import enum
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from xlrotation.errors import CellError
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.boundary.words import word
from xlrotation.functions.published.reports import Report
from xlrotation.languages import Text, remarks
from xlrotation.market.sources import Pinned

Published = float | dt.date | str | None

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ROUNDING = 1e-9
_MATCHES, _NEARER_BY = Text("matches: {convention}, {value}"), Text("nearer: {convention}, {value}")
_NO_MATCH = Text("no match either: {convention}, {value}")
_NO_PRICES = Text("the source does not hold the prices")
_NEEDS = Text("needs {what}")
_NEARER = 0.5
"""Another convention is worth a word where it leaves less than this share of the difference."""


class Outcome(enum.StrEnum):
    """What a check came to."""

    AGREES = "agrees"
    OTHER = "other"
    """It differs, and the other convention matches."""
    DIFFERS = "differs"
    NEEDS_DATA = "needs data"
    NOT_CHECKABLE = "not checkable"

    @property
    def verdict(self) -> str:
        """The word of the table: a figure that only another convention matches differs."""
        return "differs" if self is Outcome.OTHER else str(self)


@dataclass(frozen=True, slots=True)
class Claim:
    """A published figure.

    Attributes:
        id: Stable name: code of the report and number in it.
        report: Key of the report.
        date: Day, month or year that it is about.
        figure: What it is.
        published: As printed, in the unit of the formula; a day inside the month or year where one is printed.
        unit: Key of the registry's units.
        number_format: As a spreadsheet writes it.
        tolerance: Half a unit of the last printed digit, more where the text says "about" or gives a range; days for
            dates.
        relation: ``=``; ``>`` or ``<`` where the text says "more than" or "fewer than"; blank where nothing can be
            compared.
        formula: What computes it; blank where nothing can.
        other: The same in another convention.
        convention: What that convention is.
        note: What it needs, why it cannot be checked, or what to bear in mind.
        expected: Outcome on the sample data.
    """

    id: str
    report: str
    date: str
    figure: Text
    published: Published
    unit: str
    number_format: str
    tolerance: float
    relation: str
    formula: str
    other: str
    convention: Text
    note: Text
    expected: Outcome

    @property
    def last_day(self) -> dt.date | None:
        """The latest day that a formula names."""
        days = _DATE.findall(self.formula)
        return dt.date.fromisoformat(max(days)) if days else None

    def meets(self, computed: float) -> bool:
        """Whether *computed* (a serial number for a date) agrees with what was published."""
        published = _ordinal(self.published)
        slack = self.tolerance + _ROUNDING * max(1.0, abs(published))
        if self.relation == ">":
            return computed > published - slack
        if self.relation == "<":
            return computed < published + slack
        return abs(computed - published) <= slack


@dataclass(frozen=True, slots=True)
class Finding:
    """A published figure against the data.

    Attributes:
        claim: The figure.
        outcome: What the check came to.
        computed: What the formula gives; None where there is none, an error where the data lack it.
        difference: Computed minus published, in days for dates.
        other: What the other convention gives, where the formula's value differs.
    """

    claim: Claim
    outcome: Outcome
    computed: Cell = None
    difference: float | None = None
    other: float | None = None

    def note(self, lang: str) -> str:
        """What there is to say, in a language."""
        claim, parts = self.claim, []
        if self.other is not None and self.difference is not None:
            left = abs(self.other - _ordinal(claim.published))
            nearer = claim.relation == "=" and left < _NEARER * abs(self.difference)
            said = _MATCHES if self.outcome is Outcome.OTHER else _NEARER_BY if nearer else _NO_MATCH
            parts.append(said.of(convention=claim.convention, value=shown(self.other, claim.number_format)))
        if self.outcome is Outcome.NEEDS_DATA and claim.formula:
            parts.append(_NO_PRICES)
        if claim.note.english:
            needs = self.outcome is Outcome.NEEDS_DATA and not claim.formula
            parts.append(_NEEDS.of(what=claim.note) if needs else claim.note)
        return remarks(parts).into(lang)

    def texts(self, lang: str) -> list[str]:
        """The row as shown: number, figure, published, computed, verdict, note."""
        claim, published = self.claim, shown(self.claim.published, self.claim.number_format)
        sign = claim.relation if claim.relation != "=" else ""
        return [
            *(claim.id, claim.figure.into(lang), f"{sign} {published}".strip()),
            *(shown(self.computed, claim.number_format), word(self.outcome.verdict, lang), self.note(lang)),
        ]


@functools.cache
def claims() -> tuple[Claim, ...]:
    """Every published figure, report by report."""
    text = (resources.files(__package__) / "claims.csv").read_text("utf-8")
    return tuple(_claim(row) for row in csv.DictReader(text.splitlines()))


def _claim(row: dict[str, str]) -> Claim:
    return Claim(
        id=row["id"],
        report=row["report"],
        date=row["date"],
        figure=Text(row["figure"], row["context"]),
        published=_published(row["published"], row["unit"]),
        unit=row["unit"],
        number_format=row["format"],
        tolerance=float(row["tolerance"]),
        relation=row["relation"],
        formula=row["formula"],
        other=row["other"],
        convention=Text(row["convention"]),
        note=Text(row["note"]),
        expected=Outcome(row["expected"]),
    )


def _published(text: str, unit: str) -> Published:
    if unit == "date":
        return dt.date.fromisoformat(text)
    return (text or None) if unit == "text" else float(text)


def check(claim: Claim, session: Session) -> Finding:
    """What the data of *session* say to *claim*."""
    if not claim.formula:
        return Finding(claim, Outcome.NEEDS_DATA if claim.relation else Outcome.NOT_CHECKABLE)
    day = claim.last_day
    if day is not None and session.last_known < day:  # an earlier session would answer in its place
        return Finding(claim, Outcome.NEEDS_DATA, CellError.NA)
    computed = _single(evaluate(claim.formula, session))
    value = _ordinal(computed)
    if value != value:
        return Finding(claim, Outcome.NEEDS_DATA, computed)
    difference = value - _ordinal(claim.published)
    if claim.meets(value):
        return Finding(claim, Outcome.AGREES, computed, difference)
    other = _ordinal(_single(evaluate(claim.other, session))) if claim.other else float("nan")
    if other != other:
        return Finding(claim, Outcome.DIFFERS, computed, difference)
    return Finding(claim, Outcome.OTHER if claim.meets(other) else Outcome.DIFFERS, computed, difference, other)


def audit(session: Evaluator, report: Report | None = None) -> list[Finding]:
    """What the data say to every figure of *report*; of all where it is None.

    A session of its own keeps what the data lack out of the record of failures.
    """
    quiet = Session(Pinned.of(session.source), session.lang, session.asof)
    return [check(claim, quiet) for claim in claims() if report is None or claim.report == report.key]


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many figures came to each verdict."""
    verdicts = [found.outcome.verdict for found in findings]
    return {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(one.verdict for one in Outcome)}


def shown(value: object, number_format: str) -> str:
    """*value* as a cell with *number_format* shows it; the formats are those of ``claims.csv``."""
    if isinstance(value, dt.date):
        return value.isoformat()[: len(number_format)]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    first = number_format.split(";")[0]
    decimals = len(first.rstrip("%").partition(".")[2])
    sign, comma = "+" if first.startswith("+") else "", "," if "," in first else ""
    text = f"{value:{sign}{comma}.{decimals}{'%' if first.endswith('%') else 'f'}}"
    return text if text.strip("+-0.%") else text.lstrip("+-")


def _single(value: Cell | Range) -> Cell:
    return value[0][0] if isinstance(value, list) else value


def _ordinal(value: object) -> float:
    """A number, or the day number of a date; NaN for anything else."""
    if isinstance(value, dt.date):
        return float(value.toordinal())
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
