"""Readings that another proposes, such as an assistant: taken by their fields only, and checked before they are used.

A proposal never accuses: a figure that differs by a proposed reading is ambiguous, and where the rules read a figure
themselves, a proposal that fits is only told.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xlrotation.errors import BadArgument, RotationError
from xlrotation.functions.auditing.audit import MOST_OF_ONE
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.reading import FORMULAS, PROPOSED, Reading
from xlrotation.market.dates import read_date
from xlrotation.market.windows import parse_window

MOST = 100
"""Proposals that are taken of one call."""

FIELDS = ("number", "subject", "measure", "window", "asof", "since", "n", "side")
"""What a proposal has."""

_SUBJECT = re.compile(r"[\w^.=]{1,12}(?:-[\w^.=]{1,12})?(?:[-/+][\w^.=]{1,12}(?:-[A-Z])?){0,6}", re.ASCII)
_RUNS = frozenset(("D", "W", "M"))
_NUMBER = 1e9


def reading_of(given: Mapping[str, Any]) -> Reading:
    """A reading from the fields of a proposal.

    Args:
        given: ``subject``, ``measure`` (a key of ``reading.FORMULAS``), ``asof``; and as the measure needs them
            ``window``, ``since``, ``n``, ``side``.

    Raises:
        BadArgument: A field is missing, unknown, or of no use.
    """
    if unknown := sorted(str(key)[:40] for key in given if key not in FIELDS):
        raise BadArgument(f"a proposed reading has no field {unknown[0]!r}; it has {', '.join(FIELDS)}")
    subject, measure = _text(given, "subject"), _text(given, "measure")
    if _SUBJECT.fullmatch(subject) is None:
        raise BadArgument(f"{subject[:40]!r} is no symbol, nor symbols joined by - / or +")
    if measure not in FORMULAS:
        raise BadArgument(f"no measure {measure[:40]!r}; there are {', '.join(FORMULAS)}")
    side = _text(given, "side")
    if side not in ("", "HIGH", "LOW", "ABS"):
        raise BadArgument(f"side {side[:40]!r} is none of HIGH, LOW, ABS")
    asof = _day(given, "asof")
    if asof is None:
        raise BadArgument("a proposed reading needs its asof")
    n = given.get("n", 0)
    if isinstance(n, bool) or not isinstance(n, int | float) or not 0 <= n <= _NUMBER:
        raise BadArgument("n of a proposed reading is no number from 0 on")
    reading = Reading(
        subject, measure, _window(given), asof, _day(given, "since"), n=float(n), side=side, doubts=(PROPOSED,)
    )
    try:
        made = reading.formula
    except (IndexError, ValueError):
        made = ""
    if not made:
        raise BadArgument(f"no formula gives {measure} of {subject}")
    return reading


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key, "")
    if not isinstance(value, str):
        raise BadArgument(f"{key} of a proposed reading is no text")
    return value.strip()


def _day(given: Mapping[str, Any], key: str) -> dt.date | None:
    text = _text(given, key)
    try:
        return read_date(text[:40]) if text else None
    except RotationError:
        raise BadArgument(f"{key} {text[:40]!r} of a proposed reading is no date") from None


def _window(given: Mapping[str, Any]) -> str:
    text = _text(given, "window").upper()
    if text in _RUNS or not text:
        return text
    try:
        parse_window(text[:40])
    except RotationError:
        raise BadArgument(f"window {text[:40]!r} of a proposed reading is none") from None
    return text


def by_number(proposals: Sequence[Mapping[str, Any]]) -> Callable[[Figure, str, int], Sequence[Reading]]:
    """What proposes the readings of figures by the numbers that an audit gave them.

    Raises:
        BadArgument: They are too many, or one of them is of no use.
    """
    if len(proposals) > MOST:
        raise BadArgument(f"more than {MOST} proposed readings")
    found: dict[int, list[Reading]] = defaultdict(list)
    for given in proposals:
        number = given.get("number")
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise BadArgument("a proposed reading needs the number of its figure")
        if len(found[number]) < MOST_OF_ONE:
            found[number].append(reading_of(given))
    return lambda _figure, _sentence, number: found.get(number, ())
