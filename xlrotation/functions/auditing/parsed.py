"""What a text holds whatever its date: its plain form, its sentences, figures, subjects and windows, found once."""

from __future__ import annotations

from dataclasses import dataclass

from xlrotation.functions.auditing import days, figures, names
from xlrotation.functions.auditing.bound import Book
from xlrotation.functions.auditing.days import Span
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.names import Mention
from xlrotation.functions.auditing.prose import LONGEST, Sentence, plain, sentences, squeezed


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text taken apart.

    Attributes:
        kept: As given, cut where it is too long.
        plain: Its plain form, of the same length.
        text: That without the blanks between Chinese characters and digits.
        written: *kept* without the same blanks.
        places: Of each character of *text* in *kept*; None where nothing was left out.
        cut: Whether it was cut.
        figures: Its numbers.
        subjects: Its subjects.
        spans: Its windows.
        sentences: Its sentences.
    """

    kept: str
    plain: str
    text: str
    written: str
    places: list[int] | None
    cut: bool
    figures: list[Figure]
    subjects: list[Mention]
    spans: list[Span]
    sentences: list[Sentence]


def parse(original: str, book: Book) -> Parsed:
    """Take a text apart."""
    kept = original[:LONGEST]
    whole = plain(kept)
    text, places = squeezed(whole)
    written = kept if places is None else "".join([kept[place] for place in places[:-1]])
    return Parsed(
        kept,
        whole,
        text,
        written,
        places,
        len(original) > len(kept),
        figures.find(text),
        names.find(text, written, book.names, book.tickers),
        days.windows(text),
        sentences(text, written),
    )
