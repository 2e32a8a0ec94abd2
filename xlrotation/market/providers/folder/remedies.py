"""What a folder's owner can write into ``folder.toml`` so that nothing of a file is left out: found by trying it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from xlrotation.errors import RotationError
from xlrotation.market.calendar import EXCHANGES
from xlrotation.market.filereadings import Declaration, Refused
from xlrotation.market.providers.folder import headremedies
from xlrotation.market.providers.folder.declared import declaration, fits
from xlrotation.market.providers.folder.headremedies import DIGITS, HEADS, Said
from xlrotation.market.providers.folder.rows import NAMED, rows_in, rows_named

Trial = Callable[[Declaration], Sequence[Refused]]
"""What is left out of a file under a declaration."""

STEPS = 40
"""Refusals of a file that are mended one after the other before the file is given up."""

_ROWS_WITHOUT = re.compile(r"rows without a date left out \(first row (\d+)\)")
_MILD = re.compile(r"columns? not used: |rows without a date left out|counts lots of 100 shares")
_UNUSED = re.compile(r"columns? not used: (.+)$")
_LEFT = re.compile(
    r"left out (?:column|series) ([^:]+?)(?: of [^: ]+)?:|: column (.+?) (?:is .* and is left out|has no head)"
)
_CELL = re.compile(r": '([^']{1,29})' is no number")
_TWICE = re.compile(r"the same day twice and differently, [^,]+, rows ([\d, ]+):")
_LOTS = re.compile(r": column (.+?) counts lots of 100 shares")
_SHEETS = re.compile(r"is hidden and left out; folder.toml can name those to read: (.+)$")
DIFFERS = re.compile(r"^([^ ]+): .+ differs from .+ and is not used for it$")
"""What a remark says of a file whose closes are not those of another one, with the symbol."""

_WORD = re.compile(r": column (.+?) is a word for a field")
_MORE = re.compile(r": (?:\S+ has )?(\d+) more ")
_NO_DATE = re.compile(r"'([^']+)' is no date with the year first")
_EIGHT_DIGITS = re.compile(r"'\d{4}(?:19|20)\d\d' is no day of the calendar")
_WHOLE = {"leave_out": True}


def remedy(
    refused: Sequence[Refused],
    trial: Trial,
    said: Mapping[str, Any],
    steps: int = STEPS,
    heads: Mapping[str, str] = MappingProxyType({}),
    saved: dt.date | None = None,
) -> tuple[Said, list[str]]:
    """What to say of a file, beyond what is *said* already, so that nothing is left out of it unsaid.

    Args:
        refused: What is left out of it now.
        trial: Reads it under another declaration.
        said: What ``folder.toml`` says of it.
        steps: How many refusals are looked at; each costs some readings of the file.
        heads: The heads of its columns and what they mean, where they are known.
        saved: The last session that had ended when it was saved.

    Returns:
        Keys and values, and where there is a choice, what else each may be.
    """
    added: Said = {}
    choices: list[str] = []
    left = list(refused)
    for _ in range(steps):
        if not left:
            return added, choices
        left.sort(key=lambda each: not each.whole)
        best: tuple[int, Said, list[Refused], str] | None = None
        for candidate, choice in _candidates(left[0], added, heads, saved):
            tried = _with(added, candidate)
            now = _tried(trial, _with(said, tried))
            if now is None or not _is_better(now, left):
                continue
            wrong = sum(not _MILD.search(each.reason) for each in now) if left[0].whole else 0
            if best is None or wrong < best[0]:
                best = wrong, tried, now, choice
            if not wrong:
                break
        if best is None:
            break
        _, added, left, choice = best
        choices += [choice] if choice else []
    return dict(_WHOLE), []


def as_toml(name: str, said: Mapping[str, Any], choices: Sequence[str] = (), known: bool = False) -> list[str]:
    """The lines of ``folder.toml`` that say it of the file *name*, whose table is *known* to be there already."""
    head = [] if known else [f"[files.{quoted(name)}]"]
    return [*head, *(f"{key} = {_value(value)}{_or(key, choices)}" for key, value in said.items())]


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def pattern_of(name: str) -> str:
    """A pattern that fits the file of that name and no other."""
    escaped = re.sub(r"([*?[])", r"[\1]", name)
    return escaped if fits(escaped, name) else name


def _or(key: str, choices: Sequence[str]) -> str:
    return next((f"  # {choice}" for choice in choices if choice.startswith(f"{key}: ")), "").replace(f"{key}: ", "")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{quoted(key)} = {quoted(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return quoted(value) if isinstance(value, str) else str(value)


def _with(said: Mapping[str, Any], more: Mapping[str, Any]) -> Said:
    found = dict(said)
    for key, value in more.items():
        old = found.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            found[key] = {**old, **value}
        elif isinstance(value, list) and isinstance(old, list):
            found[key] = [*old, *(each for each in value if each not in old)]
        else:
            found[key] = value
    return _few(found)


def _few(said: Said) -> Said:
    """*said* with many rows in a row written as spans."""
    rows = said.get("leave_out_rows")
    if rows is not None and len(rows) > NAMED:
        spans = rows_in(rows_named(_rows_of(rows))) or [(row, row) for row in _rows_of(rows)]
        said["leave_out_rows"] = [first if first == last else f"{first}-{last}" for first, last in spans]
    return said


def _rows_of(rows: Sequence[int | str]) -> list[int]:
    found: list[int] = []
    for row in rows:
        first, _, last = str(row).partition("-")
        found += range(int(first), int(last or first) + 1)
    return sorted(set(found))


def _tried(trial: Trial, said: Mapping[str, Any]) -> list[Refused] | None:
    try:
        return list(trial(declaration(said)))
    except RotationError:
        return None


def _is_better(now: Sequence[Refused], before: Sequence[Refused]) -> bool:
    """Whether the first refusal is gone, and no other one came instead that is as bad."""
    reasons = {each.reason for each in now}
    if before[0].reason in reasons:
        return False
    if sum(map(_things, now)) < sum(map(_things, before)):
        return True
    if any(each.whole for each in before) and not any(each.whole for each in now):
        return True  # the table is understood
    if before[0].whole and now[0].whole and _parts(now[0].reason) > _parts(before[0].reason) > 0:
        return True  # its cells are parted
    new = reasons - {each.reason for each in before}
    if all(map(_MILD.search, new)) and not _MILD.search(before[0].reason):
        return True
    return any(each.row is not None and (before[0].row is None or each.row > before[0].row) for each in now[:1]) or (
        len(now) == len(before) == 1 and bool(_ROWS_WITHOUT.search(now[0].reason))
    )


def _things(refused: Refused) -> int:
    """How many things a refusal tells of, as far as it counts those that are not told one by one."""
    more = _MORE.search(refused.reason)
    return int(more[1]) if more is not None else 1


def _parts(reason: str) -> int:
    """How many heads a refused table has, as its reason says; 0 where it says nothing."""
    match = HEADS.search(reason)
    return len(match[1].split(", ")) if match is not None else 0


def _candidates(
    refused: Refused, added: Said, heads: Mapping[str, str], saved: dt.date | None
) -> Iterator[tuple[Said, str]]:
    """What may mend a refusal, the likeliest first, and what else may be meant."""
    reason = refused.reason
    yield from _of_dates(reason)
    yield from _of_files(reason, saved)
    yield from _of_closes(reason, heads)
    yield from _of_days(reason)
    yield from headremedies.of_separators(reason)
    if match := _LOTS.search(reason):
        yield {"columns": {match[1].strip(): ""}}, ""
    if match := _UNUSED.search(reason):
        yield {"columns": dict.fromkeys(match[1].split(", "), "")}, ""
    if match := _WORD.search(reason):
        yield {"columns": {match[1].strip(): "close"}}, "columns: correct what is wrong"
    if match := _LEFT.search(reason):
        head = (match[1] or match[2]).strip()
        yield {"columns": {f"#{head}" if "has no head" in reason else head: ""}}, ""
    yield from headremedies.of_heads(reason, added, heads)
    if refused.column is not None and refused.row is None:
        yield {"columns": {refused.column: ""}}, ""
    yield from _of_rows(refused)
    if refused.column is not None:
        yield {"columns": {refused.column: ""}}, ""


def _of_files(reason: str, saved: dt.date | None) -> Iterator[tuple[Said, str]]:
    """What may be said of the whole of a file."""
    if "may mean" in reason or "may part" in reason:
        yield {"decimal": ","}, 'decimal: or "."'
        yield {"decimal": "."}, 'decimal: or ","'
    if (other := re.search("from 1900 or from (1904|1970)", reason)) is not None:
        yield {"date_format": f"serial {other[1]}"}, 'date_format: or "serial 1900"'
    if "say the session" in reason and saved is not None:
        yield {"session": saved.isoformat()}, "session: the last one before it was saved; write that of its quotes"
    if sheets := _SHEETS.search(reason):
        yield {"sheet": sheets[1].split("; ")}, ""
    if "whose prices they are" in reason:
        yield {"symbol": "TICKER"}, "symbol: write whose prices they are"


def _of_days(reason: str) -> Iterator[tuple[Said, str]]:
    if "no session" in reason or "does not trade" in reason:
        for exchange in EXCHANGES.values():
            yield {"exchange": exchange.code}, "exchange: where they trade, as their days suggest"
    if (twice := _TWICE.search(reason)) is not None:
        same = [int(row) for row in twice[1].split(",")]
        yield {"leave_out_rows": same[1:]}, f"leave_out_rows: or {same[:-1]}; look which is right"
    if (cell := _CELL.search(reason)) and "; a gap" in reason:
        yield {"gaps": [cell[1]]}, "gaps: if that says that there is no value; else correct the cell"


def _meaning(heads: Mapping[str, str], meaning: str) -> dict[str, str]:
    """The columns of a meaning, to be left out."""
    return {head: "" for head, each in heads.items() if each == meaning}


def _of_rows(refused: Refused) -> Iterator[tuple[Said, str]]:
    """The rows that a reason names."""
    reason = refused.reason
    if spans := rows_in(reason):
        yield {"leave_out_rows": [row for first, last in spans for row in range(first, last + 1)]}, ""
    if rows := _ROWS_WITHOUT.search(reason):
        yield {"leave_out_rows": [int(rows[1])]}, ""
    elif refused.row is not None:
        yield {"leave_out_rows": [refused.row]}, ""


_OF_MONTHS = {
    "YYYY-MM": r"\d{4}-\d\d",
    "YYYY/MM": r"\d{4}/\d\d",
    "MM/YYYY": r"\d\d/\d{4}",
    "YYYYMM": r"(?:19|20)\d{4}",
    "MMM YYYY": r"[A-Z][a-z]{2,8} \d{4}",
    "MMM-YYYY": r"[A-Z][a-z]{2,8}-\d{4}",
    "MMM-YY": r"[A-Z][a-z]{2}-\d\d",
}
"""Forms of months without a day, as series have them."""


def _of_dates(reason: str) -> Iterator[tuple[Said, str]]:
    if _EIGHT_DIGITS.search(reason):
        yield {"date_format": "DDMMYYYY"}, 'date_format: or "MMDDYYYY"'
        yield {"date_format": "MMDDYYYY"}, 'date_format: or "DDMMYYYY"'
    if (cell := _NO_DATE.search(reason)) is not None:
        for form, pattern in _OF_MONTHS.items():
            if re.fullmatch(pattern, cell[1]):
                yield {"layout": "series", "date_format": form}, "layout: of months, each dated by its first day"
    match = DIGITS.search(reason)
    if match is None:
        return
    mark, year = match[2], "Y" * len(match[4])
    day, month = (mark.join((*parts, year)) for parts in (("DD", "MM"), ("MM", "DD")))
    yield {"date_format": day}, f"date_format: or {quoted(month)}"
    yield {"date_format": month}, f"date_format: or {quoted(day)}"
    if len(match[4]) == 2:
        yield {"date_format": mark.join(("YY", "MM", "DD"))}, f"date_format: or {quoted(day)} or {quoted(month)}"


def _of_closes(reason: str, heads: Mapping[str, str]) -> Iterator[tuple[Said, str]]:
    if "held back" in reason:
        yield {"trusted": True}, "trusted: if the moves are real; else correct the file"
    if "per share of then or of now" in reason:
        yield {"columns": _meaning(heads, "dividend")}, ""
    if match := DIFFERS.match(reason):
        yield {"columns": {match[1]: ""}}, ""
    if "not applied" in reason or "adjusted at others" in reason or "its closes are adjusted" in reason:
        yield {"closes": "as traded"}, 'closes: or "split-adjusted" or "fully adjusted"'
        yield {"closes": "split-adjusted"}, 'closes: or "as traded" or "fully adjusted"'
        yield {"closes": "fully adjusted"}, 'closes: or "as traded" or "split-adjusted"'
    if "dividends are not applied" in reason:
        yield {"columns": _meaning(heads, "dividend")}, ""
