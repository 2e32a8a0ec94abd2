"""Regular expressions in texts.

Excel's are PCRE2's. They are computed with an engine that knows the same syntax and can be stopped; where letters
beyond ASCII meet a class that may or may not hold them, such as that of words, both readings must give the same.
"""

from __future__ import annotations

from typing import Any

import regex

from xlrotation.errors import CellError
from xlrotation.grid import MAX_TEXT
from xlrotation.workbook.evaluation.machine import Frame, Rows, Unsupported
from xlrotation.workbook.evaluation.values import NA, VALUE, Fault, Value
from xlrotation.workbook.natives.registry import native

_SECONDS = 2.0
"""Time that one search may take."""

_GROUP = regex.compile(r"\$(?:(\d{1,2})|\{(\w+)\}|(\$))")


def _patterns(pattern: str, text: str, case: int) -> list[Any]:
    """The pattern in each reading that may count for the text."""
    if case not in (0, 1):
        raise Fault(VALUE)
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


def _timed(work: Any) -> Any:
    try:
        return work()
    except TimeoutError:
        raise Unsupported(f"uses a regular expression that takes more than {_SECONDS:g} seconds") from None


@native("REGEXTEST", "TT?I")
def _regextest(_: Frame, text: str, pattern: str, case: int = 0) -> Value:
    found = [
        _timed(lambda made=made: made.search(text, timeout=_SECONDS) is not None)
        for made in _patterns(pattern, text, case)
    ]
    return bool(_agreed(found))


def _spans(made: Any, text: str) -> list[Any]:
    return [match.span() for match in made.finditer(text, timeout=_SECONDS)]


@native("REGEXEXTRACT", "TT?II")
def _regexextract(_: Frame, text: str, pattern: str, mode: int = 0, case: int = 0) -> Value:
    if mode not in (0, 1, 2):
        return VALUE
    patterns = _patterns(pattern, text, case)
    if mode == 1:
        spans = _agreed([_timed(lambda made=made: _spans(made, text)) for made in patterns])
        if len(spans) > 1:
            raise Unsupported("lists all matches of a regular expression, of which it is not told how they lie")
        return text[spans[0][0] : spans[0][1]] if spans else NA
    matches = [_timed(lambda made=made: made.search(text, timeout=_SECONDS)) for made in patterns]
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

    if "$" in _GROUP.sub("", replacement):
        raise Fault(VALUE)
    return str(_GROUP.sub(group, replacement))


def _replaced(made: Any, text: str, replacement: str, number: int) -> str:
    matches = list(made.finditer(text, timeout=_SECONDS))
    if number:
        place = number - 1 if number > 0 else len(matches) + number
        matches = matches[place : place + 1] if 0 <= place < len(matches) else []
    parts, position = [], 0
    for match in matches:
        parts += [text[position : match.start()], _filled(replacement, match)]
        position = match.end()
    return "".join((*parts, text[position:]))


@native("REGEXREPLACE", "TTT?II")
def _regexreplace(_: Frame, text: str, pattern: str, replacement: str, number: int = 0, case: int = 0) -> Value:
    found = [
        _timed(lambda made=made: _replaced(made, text, replacement, number)) for made in _patterns(pattern, text, case)
    ]
    result = str(_agreed(found))
    return result if len(result) <= MAX_TEXT else CellError.VALUE
