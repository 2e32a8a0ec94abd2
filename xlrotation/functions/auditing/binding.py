"""Every figure of a text bound to what it means: sentence by sentence, with what was said before kept in mind."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from dataclasses import replace
from typing import TypeVar

from xlrotation.functions.auditing import days, tables
from xlrotation.functions.auditing.around import Around, Meant
from xlrotation.functions.auditing.bound import Book, Bound, Text
from xlrotation.functions.auditing.clauses import carried, leading_end, scoped, subject_ahead
from xlrotation.functions.auditing.dayof import (
    beside,
    day_of,
    is_aside,
    is_rough,
    is_start,
    names_day,
    of_period,
    session_of,
)
from xlrotation.functions.auditing.days import Span, When
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.left import compared, is_led, remember
from xlrotation.functions.auditing.measure import meant
from xlrotation.functions.auditing.names import Mention
from xlrotation.functions.auditing.parsed import Parsed, parse
from xlrotation.functions.auditing.place import Memory, Stated, overlap, split
from xlrotation.functions.auditing.prose import Sentence, is_row
from xlrotation.functions.auditing.reading import NO_WINDOW, ROUGHLY, STANDS_IN, Reading, is_priced, pair
from xlrotation.functions.auditing.reportdate import is_ranged, is_weekly, report_date
from xlrotation.functions.auditing.signs import settled, signed
from xlrotation.functions.auditing.spreads import NO_SECOND, names_second
from xlrotation.functions.auditing.standing import not_measured
from xlrotation.functions.auditing.standsin import stands_in
from xlrotation.functions.auditing.started import started
from xlrotation.functions.auditing.subject import aside, dealt, subject_of
from xlrotation.functions.auditing.together import moved, together
from xlrotation.functions.auditing.unknown import UNKNOWN_NAME, unknown_name
from xlrotation.functions.auditing.usual import unit_of_run, window_for
from xlrotation.functions.auditing.when import window_of
from xlrotation.functions.auditing.words import DENIED, TOTAL, WRONG


def read(given: str | Parsed, book: Book, date: dt.date | None = None, base: dt.date | None = None) -> Text:
    """The figures of a text, bound.

    Args:
        given: The text, or what it holds where that was found before.
        book: What the source knows.
        date: The report's date, where the caller gives it.
        base: The session that it is about, where that is not the last one on or before its date.
    """
    parsed = parse(given, book) if isinstance(given, str) else given
    text, places = parsed.plain, parsed.places
    found = date or report_date(text, book.sessions)
    memory = Memory(
        document="1W" if is_weekly(text) else "",
        report=found,
        ranged=date is None and is_ranged(text, book.sessions),
        base=base or (book.sessions.on_or_before(found) if found else None),
    )
    bound = together(_Reader(parsed, book, memory).read())
    if places is not None:
        bound = [moved(one, places) for one in bound]
    return Text(parsed.kept, found, tuple(bound), parsed.cut)


Placed = TypeVar("Placed", Figure, Mention, When, Span)
_WINDOWED = ("return", "mean return", "spread", "change", "equal weight", "sector spread", "range", "sectors up")
_SINCE_A_DAY = ("return", "mean return", "spread", "change")
_HEADING = 60
_PROSE = 150
"""Characters of a sentence that stands for itself and not below a heading."""


class _Reader:
    """Reads a text once, from its begin to its end."""

    def __init__(self, parsed: Parsed, book: Book, memory: Memory) -> None:
        self._text, self._original, self._book, self._memory = parsed.text, parsed.written, book, memory
        self._sentences, self._figures, self._subjects = parsed.sentences, parsed.figures, parsed.subjects
        text, spans = parsed.text, parsed.spans
        self._every_day = self._days = days.find(text, memory.report)
        runs = [
            figure
            for figure in self._figures
            if figure.pattern in ("streak", "since") or figure.kind in ("name", "ticker")
        ]
        whole = [one for one in spans if self._holds_a_day(one)]
        records = [one for one in runs if one.pattern == "since"]
        self._days = [
            when for when in self._days if not overlap(when, whole) and not overlap(when, records, when.kind == "day")
        ]
        self._windows = [one for one in spans if not overlap(one, self._days) and not overlap(one, runs)]
        self._columns: list[tables.Column] = []
        self._based = False

    def _holds_a_day(self, span: Span) -> bool:
        """Whether a window is longer than a day that stands inside it."""
        first = bisect_left(self._days, span.start, key=lambda when: when.start)
        inside = self._days[first : bisect_left(self._days, span.end, key=lambda when: when.start)]
        return any(when.end <= span.end and span.end - span.start > when.end - when.start for when in inside)

    def read(self) -> list[Bound]:
        bound: list[Bound] = []
        for one in self._sentences:
            stated = self._stated(one)
            bound += self._row(stated) if self._is_row(stated) else self._sentence(stated)
        return bound

    def _stated(self, one: Sentence) -> Stated:
        inside = tuple(self._standing(figure, one) for figure in self._between(self._figures, one))
        subjects = split(self._between(self._subjects, one), one)
        spans = tuple(self._between(self._windows, one))
        measured = tuple(figure for figure in inside if figure.kind == "measurement")
        return Stated(self._text, one, inside, subjects, tuple(self._between(self._days, one)), spans, measured)

    @staticmethod
    def _between(items: list[Placed], one: Sentence) -> list[Placed]:
        first = bisect_left(items, one.start, key=lambda item: item.start)
        last = bisect_left(items, one.end, key=lambda item: item.start)
        return items[first:last]

    def _standing(self, figure: Figure, one: Sentence) -> Figure:
        if figure.kind != "measurement" or figure.pattern in ("streak", "since"):
            return figure
        said = not_measured(self._text, figure, one.start, one.end)
        return replace(figure, kind=said[0], reason=said[1]) if said else figure

    def _is_row(self, stated: Stated) -> bool:
        one = stated.sentence
        columns = [] if any(when.kind == "day" for when in stated.days) else tables.heads(self._text, one)
        if columns:
            self._columns = columns
            return False
        line = self._text[one.start : one.end]
        if not self._columns:
            return False
        values = [figure for figure in stated.measured if not figure.pattern]
        wanted = sum(bool(column.what) for column in self._columns)
        if is_row(line):
            return bool(stated.subjects)
        fits = len(values) == wanted and bool(stated.subjects) and stated.subjects[0].start < one.start + 30
        if not fits and line.strip():
            self._columns = []
        return fits

    def _row(self, stated: Stated) -> list[Bound]:
        """The figures of a table's row, each by the head of its column."""
        memory, subject = self._memory, stated.subjects[0].symbol
        values = [figure for figure in stated.measured if not figure.pattern]
        wanted = [column for column in self._columns if column.what]
        places = tables.cells(self._text, stated.sentence.start, stated.sentence.end)
        bound = []
        for place, figure in enumerate(values):
            index = next((k for k, (start, end) in enumerate(places) if start <= figure.start < end), -1)
            by_place = is_row(stated.whole) and len(places) == len(self._columns)
            column = (
                self._columns[index]
                if by_place and index >= 0
                else wanted[place]
                if place < len(wanted)
                else tables.Column("")
            )
            bound.append(
                Bound(figure, tables.of_column(stated, figure, column, subject, memory.base), True, stated.sentence)
            )
        rest = [Bound(figure, (), False, stated.sentence) for figure in stated.figures if figure not in values]
        return sorted(bound + rest, key=lambda one: one.figure.start)

    def _sentence(self, stated: Stated) -> list[Bound]:
        memory = self._memory
        self._rebase(stated)
        self._headed(stated)
        compared(stated, memory)
        given = dealt(stated, memory)
        bound: list[Bound] = []
        last: Figure | None = None
        moved: Figure | None = None
        previous = ""
        denied = 2 if WRONG.search(stated.whole) else int(DENIED.search(stated.whole) is not None)
        for figure in stated.figures:
            if figure.kind != "measurement":
                bound.append(Bound(figure, (), False, stated.sentence))
                continue
            subject, named = (
                (given[figure], True) if figure in given else subject_of(stated, figure, memory, last, previous)
            )
            if not subject and (ahead := subject_ahead(stated, figure)):
                subject, named = ahead, True
            figure, said = signed(scoped(stated, figure), figure, last, moved)
            kept = subject == previous and figure not in given
            readings = self._readings(scoped(stated, figure), figure, subject, named, kept)
            if readings:
                readings = (carried(stated, figure, readings[0], bound), *readings[1:])
            if not readings and not self._counts(figure, subject):
                figure = replace(figure, kind="other", reason="nothing that it measures was found")
            figure, said = settled(figure, said, readings)
            bound.append(Bound(figure, readings, said, stated.sentence, denied))
            last = figure
            if said and (figure.unit in ("%", "pp", "bp") or (readings and readings[0].what == "change")):
                moved = figure
            if not previous or not aside(stated, figure, subject):
                previous = subject or previous
            if subject.startswith("^") and is_priced(subject):
                memory.index = subject
            if readings and readings[0].what == "spread":
                memory.pair = readings[0].subject_pair
                previous = memory.pair[0]
        subjects = [one.readings[0].subject for one in bound if one.readings]
        remember(stated, previous, subjects, memory, self._book.sessions)
        return bound

    @staticmethod
    def _counts(figure: Figure, subject: str) -> bool:
        """Whether a number without a formula is a measurement all the same."""
        if figure.pattern in ("streak", "since", "ratio", "records"):
            return True
        if not figure.unit and figure.step >= 1:
            return False
        return (
            bool(subject)
            and subject != "economy"
            and (figure.unit in ("%", "pp", "bp", "USD", "shares") or figure.step < 1)
        )

    def _readings(self, stated: Stated, figure: Figure, subject: str, named: bool, kept: bool) -> tuple[Reading, ...]:
        memory, sessions = self._memory, self._book.sessions
        found = meant(Around(stated, figure, subject, memory))
        day, day_named = (memory.base, False) if found.what == "drawdown" else day_of(stated, figure, memory, sessions)
        window, since, end = window_of(stated, figure, memory, sessions)
        if window or since:
            memory.last = window, since, end
        titled = opened = False
        if not window and not since:
            window = self._inherited(stated)
            if not window and self._is_titled(stated):
                opened = bool(memory.opened) and is_led(subject, memory)
                window, titled = memory.opened if opened else memory.document, found.what in _SINCE_A_DAY
        if not day_named and memory.heading_day and found.what != "drawdown":
            day = memory.heading_day
        if (
            found.what == "none"
            or subject == "economy"
            or (found.what in ("other", "flow") and not (subject and figure.unit))
        ):
            return ()
        doubts = self._doubts(stated, figure, subject, named, since)
        doubts += self._carried_on(stated, figure, found, named and kept)
        target = found.subject or subject
        if end is not None and found.what in ("level", "volatility level") and not of_period(stated, figure):
            end = None
        if end is not None and not (day_named and (window == "1W" or found.what not in _WINDOWED)):
            day = end
        if titled or (not window and not since and found.what in _SINCE_A_DAY):
            doubts.append(NO_WINDOW)
        if since is not None and found.what not in _SINCE_A_DAY:
            window, since = (str(since) if found.what in _WINDOWED else window), None
        if figure.pattern == "since":
            since = self._printed_day(figure)
        anchor = found.anchor
        what = "total return" if found.what == "return" and TOTAL.search(stated.before(figure)[-40:]) else found.what
        reading = Reading(
            target,
            what,
            window_for(found, window, since, unit_of_run(stated, figure, window)),
            day,
            since,
            anchor,
            found.n,
            found.side,
            tuple(doubts),
        )
        if (
            found.what in ("level", "volatility level")
            and not beside(stated, figure)
            and (at := self._from(stated, figure, since or self._start(stated, figure)))
        ):
            reading = replace(reading, asof=at)
        else:
            reading = started(stated, figure, reading, "" if opened else window, day_named, sessions)
        return (reading, *self._further(stated, figure, reading, bool(window or since) and not titled))

    def _inherited(self, stated: Stated) -> str:
        """The window of a question or a heading before, or of the rows above."""
        memory = self._memory
        return memory.asked.strip() or memory.heading or (memory.row if tables.is_line(stated) else "")

    def _is_titled(self, stated: Stated) -> bool:
        """Whether the window of the title holds for a sentence that names neither window nor day."""
        memory = self._memory
        return bool(memory.opened or memory.document) and not memory.heading_day and not names_day(stated)

    def _doubts(self, stated: Stated, figure: Figure, subject: str, named: bool, since: dt.date | None) -> list[str]:
        """Why a reading is doubtful, whatever it measures."""
        doubts = []
        if stands_in(stated, figure, subject):
            doubts.append(STANDS_IN)
        if since is not None and any(is_rough(stated, when) for when in stated.days):
            doubts.append(ROUGHLY)
        if not named and not self._memory.topic:
            doubts.append("the text names no subject")
        if not named and unknown_name(stated, figure, self._original):
            doubts.append(UNKNOWN_NAME)
        return doubts

    def _carried_on(self, stated: Stated, figure: Figure, found: Meant, kept: bool) -> list[str]:
        """Why a reading is doubtful whose subject, or the one that it is held against, its clause does not name."""
        doubts = []
        if found.what == "spread" and not names_second(stated, found.subject, self._memory.pair):
            doubts.append(NO_SECOND)
        if kept and unknown_name(stated, figure, self._original):
            doubts.append(UNKNOWN_NAME)
        return doubts

    def _further(self, stated: Stated, figure: Figure, reading: Reading, stated_window: bool) -> list[Reading]:
        """Other ways to read a figure: by the window of the sentence before, or from the close before a first day."""
        found = []
        memory = self._memory
        if reading.what in _WINDOWED and not stated_window:
            windows = dict.fromkeys(one for one in (memory.window, memory.document) if one not in ("", "1D"))
            windows |= {"1D": None}
            windows.pop(reading.window, None)
            found += [replace(reading, window=window) for window in windows]
        if reading.what == "equal weight":  # the index itself in the place of its fund
            found += [replace(one, subject=pair("RSP", "^GSPC"), what="spread") for one in (reading, *found)]
        if reading.what in ("return", "spread") and reading.since is not None:
            found.append(replace(reading, since=self._book.sessions.before(reading.since)))
        return found

    def _printed_day(self, figure: Figure) -> dt.date | None:
        """The day or the month that a record is printed since."""
        if figure.unit == "months back" and (base := self._memory.base):
            return base - dt.timedelta(round(30.44 * figure.value))
        inside = [when for when in self._every_day if figure.start <= when.start < figure.end and when.day]
        return inside[0].day if inside else None

    def _start(self, stated: Stated, figure: Figure) -> dt.date | None:
        starts = [when for when in stated.days if is_start(stated, when) and when.day]
        return starts[0].day if starts else None

    def _from(self, stated: Stated, figure: Figure, since: dt.date | None) -> dt.date | None:
        """The day of a level from which a move is told: "since 3 November from 2,481 to 2,689"."""
        before = stated.before(figure)
        if since is not None and re.search(r"(?:\bfrom|从|由)(?:[^,;]{0,16}的)?\s*\$?$", before):
            return self._book.sessions.on_or_before(since)
        return None

    def _headed(self, stated: Stated) -> None:
        """Keep the window or the day of a heading such as "For the week:" for what stands below it."""
        memory, whole = self._memory, stated.whole.strip()
        if whole.endswith(":") and len(whole) <= _HEADING and not stated.measured:
            memory.heading = stated.windows[-1].window if stated.windows else ""
            days = [when for when in stated.days if when.kind in ("day", "weekday", "yesterday")]
            memory.heading_day = session_of(days[0], memory, self._book.sessions) if days else None
        elif len(whole) > _PROSE:
            memory.heading, memory.heading_day = "", None

    def _rebase(self, stated: Stated) -> None:
        """Let the first day that the body speaks of be the report's session."""
        if self._based or self._memory.report is None or self._memory.ranged:
            return
        for when in stated.days:
            if is_aside(stated, when):
                continue
            if when.kind in ("yesterday", "lastday") or (when.kind == "weekday" and when.start > 120):
                found = session_of(when, self._memory, self._book.sessions)
                if found is not None and when.kind != "lastday":
                    self._memory.base = found
                self._based = True
                return
        for one in stated.windows:
            if one.start < leading_end(stated):
                continue
            if one.last and one.window == "1W" and not stated.days:
                self._based = True
                back = dt.timedelta(self._memory.report.weekday() + 3)
                self._memory.base = self._book.sessions.on_or_before(self._memory.report - back)
                return
