"""What stands around a figure: its sentence with the subjects, days and windows in it, in the order of the text."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from xlrotation.functions.auditing.days import Span, When
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.names import Mention
from xlrotation.functions.auditing.prose import Sentence


@dataclass(frozen=True, slots=True)
class Stated:
    """A sentence and what is in it.

    Attributes:
        text: The whole plain text.
        sentence: The sentence.
        figures: Its numbers, measured or not.
        subjects: Its subjects.
        days: Its days.
        windows: Its windows.
        measured: The numbers that are measurements.
    """

    text: str
    sentence: Sentence
    figures: tuple[Figure, ...]
    subjects: tuple[Mention, ...]
    days: tuple[When, ...]
    windows: tuple[Span, ...]
    measured: tuple[Figure, ...]

    def before(self, figure: Figure) -> str:
        """The sentence up to a figure."""
        return self.text[self.sentence.start : figure.start]

    def after(self, figure: Figure, most: int = 80) -> str:
        """What follows a figure in its sentence."""
        return self.text[figure.end : min(self.sentence.end, figure.end + most)]

    @property
    def whole(self) -> str:
        """Its text."""
        return self.text[self.sentence.start : self.sentence.end]


@dataclass(slots=True)
class Memory:
    """What sentences before have left.

    Attributes:
        topic: The subject that was spoken of last.
        pair: The two that were compared last.
        group: The last list of subjects that figures were dealt out to.
        base: The session that the report is about.
        report: The date of the report.
        seen: Subjects of the sentence before.
        asked: Window that a question before named; a blank where there was none.
        window: The last window that the paragraph named.
        document: The window of the whole, where its title gives one.
        heading: The window of the heading above.
        heading_day: The day of the heading above.
        paragraph: The number of the paragraph.
        row: The window that the rows above name, where lines are set like a table.
        last: The window, first day and last day that were named last.
        ranged: Whether the report's date is given as the days of a week.
        index: The index that was spoken of last.
        spoken: The subjects with prices that figures of the paragraph were of, in order.
        opened: The window that a sentence of the paragraph opened with.
        companies: Whether that sentence spoke of single companies.
    """

    topic: str = ""
    pair: tuple[str, str] | None = None
    group: tuple[str, ...] = ()
    base: dt.date | None = None
    report: dt.date | None = None
    seen: tuple[str, ...] = field(default=())
    asked: str = ""
    window: str = ""
    document: str = ""
    heading: str = ""
    heading_day: dt.date | None = None
    paragraph: int = -1
    row: str = ""
    last: tuple[str, dt.date | None, dt.date | None] = ("", None, None)
    ranged: bool = False
    index: str = ""
    spoken: tuple[str, ...] = ()
    opened: str = ""
    companies: bool = False


def split(items: Sequence[Mention], sentence: Sentence) -> tuple[Mention, ...]:
    """Those that stand in a sentence."""
    return tuple(one for one in items if sentence.start <= one.start < sentence.end)


def overlap(one: Figure | When | Span, others: Sequence[Figure | When | Span], only: bool = True) -> bool:
    """Whether a stretch of the text overlaps one of others, which stand in their order and apart."""
    before = bisect_left(others, one.end, key=lambda other: other.start) if only else 0
    return before > 0 and others[before - 1].end > one.start
