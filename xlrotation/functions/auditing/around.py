"""A figure with the words around it, and what it is found to mean."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
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

    @property
    def before(self) -> str:
        """From the sentence's begin to the figure."""
        return self.stated.before(self.figure)

    @property
    def near(self) -> str:
        """The clause before the figure."""
        text, one = self.stated.text, self.stated.sentence
        first, _ = clause(text, self.figure.start, self.figure.end, one.start, one.end)
        return text[first : self.figure.start]

    @property
    def after(self) -> str:
        """The clause behind the figure."""
        text, one = self.stated.text, self.stated.sentence
        _, last = clause(text, self.figure.start, self.figure.end, one.start, one.end)
        others = [other.start for other in self.stated.measured if other.start > self.figure.start]
        return text[self.figure.end : min([last, *others])]

    @property
    def since_last(self) -> str:
        """What stands between the figure before and this one."""
        ends = [other.end for other in self.stated.measured if other.end <= self.figure.start]
        return self.stated.text[max(ends, default=self.stated.sentence.start) : self.figure.start]

    @property
    def around(self) -> str:
        """The clause, figure included."""
        return f"{self.near}#{self.after}"
