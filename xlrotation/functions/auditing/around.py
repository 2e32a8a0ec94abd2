"""A figure with the words around it, and what it is found to mean."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.place import Memory, Stated
from xlrotation.functions.auditing.standing import clause


@dataclass(frozen=True, slots=True)
class Meant:
    """A measure, with what it needs besides subject, window and day.

    Attributes:
        what: As in ``reading.FORMULAS``; others have no formula.
        subject: Where the measure has another than the figure's nearest.
        n: Sessions of an average, a threshold, the size of a group.
        side: Of a record.
        anchor: ``OPEN`` where the text says so.
        window: Where the measure has its own.
    """

    what: str
    subject: str = ""
    n: float = 0
    side: str = ""
    anchor: str = ""
    window: str = ""


@dataclass(frozen=True)
class Around:
    """A figure with the words around it.

    Attributes:
        stated: Its sentence.
        figure: The figure.
        subject: Its nearest subject.
        memory: What was said before.
    """

    stated: Stated
    figure: Figure
    subject: str
    memory: Memory

    @functools.cached_property
    def before(self) -> str:
        """From the sentence's begin to the figure."""
        return self.stated.before(self.figure)

    @functools.cached_property
    def near(self) -> str:
        """The clause before the figure."""
        return self.stated.text[self._clause[0] : self.figure.start]

    @functools.cached_property
    def after(self) -> str:
        """The clause behind the figure."""
        others = [other.start for other in self.stated.measured if other.start > self.figure.start]
        return self.stated.text[self.figure.end : min([self._clause[1], *others])]

    @functools.cached_property
    def _clause(self) -> tuple[int, int]:
        one = self.stated.sentence
        return clause(self.stated.text, self.figure.start, self.figure.end, one.start, one.end)

    @functools.cached_property
    def since_last(self) -> str:
        """What stands between the figure before and this one."""
        ends = [other.end for other in self.stated.measured if other.end <= self.figure.start]
        return self.stated.text[max(ends, default=self.stated.sentence.start) : self.figure.start]

    @functools.cached_property
    def around(self) -> str:
        """The clause, figure included."""
        return f"{self.near}#{self.after}"
