"""Regular expressions in texts.

Excel's are PCRE2's. They are computed with an engine that knows the same syntax and can be stopped; where letters
beyond ASCII meet a class that may or may not hold them, such as that of words, both readings must give the same.
The engine takes a third as long to load as all functions, so it is loaded when it is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from xlrotation.errors import CellError
from xlrotation.grid import MAX_TEXT
from xlrotation.workbook.evaluation.machine import LETTERS, Frame, Rows, Unsupported
from xlrotation.workbook.evaluation.values import NA, VALUE, Fault, Value
from xlrotation.workbook.natives.registry import native

_SECONDS = 2.0
"""Time that one search may take; those of a workbook together may take what its budget says."""

_SHORT = 0.01
"""Time of a search that is counted by its steps alone."""

_GROUP = r"\$(?:(\d{1,2})|\{(\w+)\}|(\$))"


def _patterns(pattern: str, text: str, case: int) -> list[Any]:
    """The pattern in each reading that may count for the text."""
    if case not in (0, 1):
        raise Fault(VALUE)
    import regex

    flags = regex.IGNORECASE if case else 0
    readings = [regex.ASCII] if (pattern + text).isascii() else [regex.ASCII, regex.UNICODE]
    try:
        return [regex.compile(pattern, flags | reading) for reading in readings]
    except (regex.error, RecursionError, OverflowError):
        raise Fault(VALUE) from None


def _agreed(found: list[Any]) -> Any:
    if any(other != found[0] for other in found[1:]):
        raise Unsupported("uses a regular expression that letters beyond ASCII meet in one reading only")
    return found[0]


def _timed(frame: Frame, work: Callable[[float], Any]) -> Any:
    """What *work* finds, which is told how long its search may take."""
    budget = frame.machine.budget
    if budget.searching <= 0:
        raise Unsupported("uses a regular expression, where the workbook's have taken too long together")
    start = time.monotonic()
    try:
        return work(min(_SECONDS, budget.searching))
    except TimeoutError:
        raise Unsupported(f"uses a regular expression that takes more than {_SECONDS:g} seconds") from None
    finally:
        took = time.monotonic() - start
        if took > _SHORT:
            budget.searching -= took


def _first(frame: Frame, made: Any, text: str) -> Any:
    """The first match in a text; None where there is none."""
    frame.machine.step(len(text) // LETTERS)
    return _timed(frame, lambda seconds: made.search(text, timeout=seconds))


def _all(frame: Frame, made: Any, text: str) -> list[Any]:
    """All matches in a text."""
    frame.machine.step(len(text) // LETTERS)

    def counted(seconds: float) -> Iterator[Any]:
        for match in made.finditer(text, timeout=seconds):
            frame.machine.step()
            yield match

    return list(_timed(frame, lambda seconds: list(counted(seconds))))


@native("REGEXTEST", "TT?I")
def _regextest(frame: Frame, text: str, pattern: str, case: int = 0) -> Value:
    return bool(_agreed([_first(frame, made, text) is not None for made in _patterns(pattern, text, case)]))


@native("REGEXEXTRACT", "TT?II")
def _regexextract(frame: Frame, text: str, pattern: str, mode: int = 0, case: int = 0) -> Value:
    if mode not in (0, 1, 2):
        return VALUE
    patterns = _patterns(pattern, text, case)
    if mode == 1:
        spans = _agreed([[match.span() for match in _all(frame, made, text)] for made in patterns])
        if len(spans) > 1:
            raise Unsupported("lists all matches of a regular expression, of which it is not told how they lie")
        return text[spans[0][0] : spans[0][1]] if spans else NA
    matches = [_first(frame, made, text) for made in patterns]
    groups = _agreed([None if match is None else (match[0], match.groups()) for match in matches])
    if groups is None:
        return NA
    if mode == 0:
        return str(groups[0])
    if not groups[1]:
        return str(groups[0])
    row: Rows = [["" if part is None else part for part in groups[1]]]
    return row


def _filled(replacement: str, match: Any) -> str:
    def group(reference: Any) -> str:
        if reference[3]:
            return "$"
        name = reference[1] or reference[2]
        try:
            return match[int(name) if name.isdigit() else name] or ""
        except (IndexError, KeyError):
            raise Fault(VALUE) from None

    import regex

    if "$" in regex.sub(_GROUP, "", replacement):
        raise Fault(VALUE)
    return str(regex.sub(_GROUP, group, replacement))


def _replaced(matches: list[Any], text: str, replacement: str, number: int) -> str:
    """A text with its matches replaced, as far as a cell holds it.

    Raises:
        Fault: It is longer.
    """
    if number:
        place = number - 1 if number > 0 else len(matches) + number
        matches = matches[place : place + 1] if 0 <= place < len(matches) else []
    parts: list[str] = []
    position = length = 0
    for match in matches:
        parts += [text[position : match.start()], _filled(replacement, match)]
        length += len(parts[-2]) + len(parts[-1])
        position = match.end()
        if length > MAX_TEXT:
            raise Fault(VALUE)
    return "".join((*parts, text[position:]))


@native("REGEXREPLACE", "TTT?II")
def _regexreplace(frame: Frame, text: str, pattern: str, replacement: str, number: int = 0, case: int = 0) -> Value:
    found = [_all(frame, made, text) for made in _patterns(pattern, text, case)]
    result = str(_agreed([_replaced(matches, text, replacement, number) for matches in found]))
    return result if len(result) <= MAX_TEXT else CellError.VALUE
