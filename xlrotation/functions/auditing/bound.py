"""A text read: its figures, each with the ways it may be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from xlrotation.functions.auditing import names
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.prose import Sentence
from xlrotation.functions.auditing.reading import Reading
from xlrotation.functions.auditing.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure with how it is read.

    Attributes:
        figure: The figure, its sign read.
        readings: Ways to read it, the likeliest first; none where it is no measurement or was not understood.
        signs: Whether its sign is printed or said.
        sentence: Its sentence.
        denied: 1 where the text quotes it as another's, 2 where it denies it.
    """

    figure: Figure
    readings: tuple[Reading, ...]
    signs: bool
    sentence: Sentence
    denied: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """What a source knows that binding needs.

    Attributes:
        names: Names of symbols.
        tickers: Its symbols.
        sessions: Its sessions.
    """

    names: tuple[tuple[str, str], ...]
    tickers: frozenset[str]
    sessions: Sessions

    @classmethod
    def of(cls, named: Mapping[str, str], tickers: frozenset[str], sessions: Sessions) -> Book:
        """From what the data call their symbols."""
        return cls(names.company_names(named), tickers, sessions)


@dataclass(frozen=True, slots=True)
class Text:
    """A text read.

    Attributes:
        original: As given, cut where it is too long.
        date: The date of the report; None where neither the text nor the caller gives one.
        bound: Its figures.
        cut: Whether it was cut.
    """

    original: str
    date: dt.date | None
    bound: tuple[Bound, ...]
    cut: bool
