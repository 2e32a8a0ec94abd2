"""The plan of a batch: a TOML file, read into single jobs."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation import files
from xlrotation.batch.naming import check_name
from xlrotation.errors import BadArgument, RotationError
from xlrotation.languages import spoken
from xlrotation.market.calendar import XNYS, CalendarEnds, Days
from xlrotation.market.dates import read_date
from xlrotation.market.listing import Listing, chosen

_LARGEST = 2**24
"""Bytes of the largest plan that is read."""

FORMATS = ("pdf", "pdf=all", "html", "csv", "json")
_COMMON = ("source", "lang", "formats", "keep_formulas", "recalc_on_open", "asof", "inputs", "name")
_SHARED = frozenset((*_COMMON, "output", "job"))
_OWN = frozenset((*_COMMON, "books"))
_EVERY = {"day": "D", "week": "W", "month": "M"}

Value = None | bool | float | str | dt.date


@dataclass(frozen=True, slots=True)
class Job:
    """One export.

    Attributes:
        book: The workbook's path.
        name: Where the results go, below the output and without suffix.
        source: Where the data come from; None: the default.
        asof: The as-of date; None: the newest session.
        lang: The language of words; None: the default.
        inputs: Cells to set, by defined name or as ``Sheet!A1``.
        formats: What is written besides the workbook: ``pdf`` or ``pdf=all``, ``html``, ``csv``, ``json``.
        keep_formulas: Keep the formulas, with their values stored.
        recalc_on_open: With formulas kept: recalculate when the copy opens.
    """

    book: str
    name: str
    source: str | None = None
    asof: str | None = None
    lang: str | None = None
    inputs: tuple[tuple[str, Value], ...] = ()
    formats: tuple[str, ...] = ()
    keep_formulas: bool = False
    recalc_on_open: bool = False

    def described(self) -> str:
        """Everything that decides the result, but for the data and the workbook's content."""
        return _ENCODED({name: getattr(self, name) for name in _DECIDING})


_DECIDING = tuple(sorted(field.name for field in fields(Job) if field.name != "book"))
_ENCODED = json.JSONEncoder(default=str, ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs of a file, and where their results go."""

    output: str
    jobs: tuple[Job, ...]


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        RotationError: The file cannot be read or does not say what to do; the message names the entry.
    """
    try:
        data = tomllib.loads(files.read_regular(path, _LARGEST).decode("utf-8"))
    except FileNotFoundError:
        raise RotationError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RotationError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        return _plan(data, path.resolve().parent)
    except _PlanError as mistake:
        raise RotationError(f"{path}: {mistake}") from None


def plan_of(data: Mapping[str, Any], folder: Path) -> Plan:
    """A plan from what its file would say.

    Args:
        data: As a TOML file has it.
        folder: What paths are relative to.

    Raises:
        RotationError: It does not say what to do; the message names the entry.
    """
    try:
        return _plan(data, folder)
    except _PlanError as mistake:
        raise BadArgument(f"the plan: {mistake}") from None


class _PlanError(Exception):
    """What is wrong in a plan."""


def _plan(data: Mapping[str, Any], folder: Path) -> Plan:
    _known(data, _SHARED, "the file")
    output = _one(data, "output", str, None)
    if not output:
        raise _PlanError("lacks output, the folder (or address such as s3://bucket/reports) of the results")
    entries = data.get("job")
    if not isinstance(entries, list) or not entries:
        raise _PlanError("lacks [[job]] entries")
    common = {key: value for key, value in data.items() if key in _COMMON}
    jobs: list[Job] = []
    for number, entry in enumerate(entries, 1):
        try:
            _known(entry, _OWN, f"[[job]] {number}")
            jobs += _jobs({**common, **entry}, folder)
        except _PlanError as mistake:
            raise _PlanError(f"[[job]] {number}: {mistake}") from None
    # two names that differ by case alone are one file on Windows and macOS; beside NAME stands NAME.report.json
    written = sorted((name for job in jobs for name in (job.name, f"{job.name}.report")), key=str.casefold)
    same = [list(names) for _, names in itertools.groupby(written, str.casefold)]
    if twice := [names for names in same if len(names) > 1]:
        shown = " and ".join(dict.fromkeys(twice[0]))
        raise _PlanError(f"several jobs would write {shown}; tell them apart with name = '...{{asof}}...{{book}}...'")
    return Plan(output if "://" in output else str(folder / output), tuple(jobs))


def _jobs(entry: Mapping[str, Any], folder: Path) -> list[Job]:
    books = _books(entry, folder)
    days = _days(entry.get("asof"))
    languages = _languages(entry.get("lang"))
    formats = tuple(dict.fromkeys(_listed(entry.get("formats"), "formats", str)))
    if wrong := set(formats) - {*FORMATS, "xlsx"}:
        raise _PlanError(f"formats has {wrong.pop()!r}; there are xlsx, {', '.join(FORMATS)}")
    inputs = entry.get("inputs", {})
    if not isinstance(inputs, dict):
        raise _PlanError("inputs is a table of cells and values")
    choices = {str(key): _listed(value, f"inputs.{key}", _VALUES) for key, value in inputs.items()}
    pattern = _one(entry, "name", str, None) or _pattern(languages, choices)
    made = []
    # by date first: books of the same date share what is computed of it
    for day, lang, book in itertools.product(days, languages, books):
        for values in itertools.product(*choices.values()):
            chosen = tuple(zip(choices, values, strict=True))
            made.append(
                Job(
                    str(book),
                    _name(pattern, book, day, lang, dict(chosen)),
                    _one(entry, "source", str, None),
                    day,
                    lang,
                    chosen,
                    tuple(f for f in FORMATS if f in formats),
                    _one(entry, "keep_formulas", bool, False),
                    _one(entry, "recalc_on_open", bool, False),
                )
            )
    return made


_VALUES: Any = (bool, int, float, str, dt.date)


def _books(entry: Mapping[str, Any], folder: Path) -> list[Path]:
    found: list[Path] = []
    for pattern in _listed(entry.get("books"), "books", str):
        root, tail = _split(folder / pattern)
        matches = sorted(root.glob(tail)) if tail else [root]
        books = [
            path
            for path in matches
            if path.is_file() and path.suffix.lower() in (".xlsx", ".xlsm") and path.name[:2] != "~$"
        ]
        if not books:
            raise _PlanError(f"books: nothing matches {pattern!r} in {folder}")
        found += books
    if not found:
        raise _PlanError("lacks books, the workbooks to fill")
    return list(dict.fromkeys(found))


def _split(path: Path) -> tuple[Path, str]:
    """A path as the part before its first pattern, and the pattern."""
    parts = path.parts
    first = next((i for i, part in enumerate(parts) if any(mark in part for mark in "*?[")), len(parts))
    return Path(*parts[:first]), "/".join(parts[first:])


def _days(given: Any) -> list[str | None]:
    """As-of dates: none, one, a list, or the sessions of a span."""
    if isinstance(given, dict):
        _known(given, frozenset(("from", "to", "every")), "asof")
        first, last = _day(given.get("from")), _day(given.get("to"))
        every = given.get("every", "day")
        if first is None or last is None or every not in _EVERY:
            raise _PlanError('asof is a date, a list of dates, or { from = ..., to = ..., every = "day|week|month" }')
        span = _sessions(first, last)
        shifted = span + np.timedelta64(3, "D") if every == "week" else span  # weeks of NumPy begin on a Thursday
        period = shifted.astype(f"datetime64[{_EVERY[every]}]")
        ends = np.append(period[1:] != period[:-1], True) if len(span) else np.zeros(0, bool)
        days = [str(day) for day in span[ends]]
        if not days:
            raise _PlanError(f"asof: no session from {first} to {last}")
        return list(days)
    return [_day(value) for value in _listed(given, "asof", (str, dt.date))] or [None]


def _sessions(first: str, last: str) -> Days:
    """The sessions of the home exchange: the one that the environment chooses, else New York."""
    home = chosen(Listing()).home or XNYS
    try:
        return home.sessions_between(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except CalendarEnds as error:
        raise _PlanError(f"asof: {error.message}") from None


def _day(value: object) -> str | None:
    if value is None:
        return None
    try:
        return str(read_date(value if isinstance(value, dt.date) else str(value)))
    except RotationError as error:
        raise _PlanError(f"asof: {error.message}") from None


def _languages(given: object) -> list[str | None]:
    """The codes of the languages that an entry names; None, the default, where it names none."""
    try:
        return [*dict.fromkeys(spoken(name) for name in _listed(given, "lang", str))] or [None]
    except BadArgument as error:
        raise _PlanError(f"lang: {error}") from None


def _pattern(languages: Sequence[object], choices: Mapping[str, Sequence[object]]) -> str:
    """Names that tell apart what differs."""
    varied = ["{lang}"] if len(languages) > 1 else []
    varied += [f"{{{key}}}" for key, values in choices.items() if len(values) > 1]
    return "-".join(("{asof}/{book}", *varied))


def _name(pattern: str, book: Path, day: str | None, lang: str | None, inputs: Mapping[str, object]) -> str:
    values = {"asof": day or "newest", "book": book.stem, "lang": lang or "default", **inputs}
    name = pattern
    for key, value in values.items():
        name = name.replace(f"{{{key}}}", _value(str(value)))
    if "{" in name or "}" in name:
        raise _PlanError(f"name {pattern!r} has a field that is not there; there are {', '.join(values)}")
    try:
        return check_name("/".join(map(files.safe_name, check_name(name).split("/"))))
    except RotationError as error:
        raise _PlanError(f"name {pattern!r} gives {name!r}, which is no name below the output") from error


def _value(text: str) -> str:
    """A value as a part of a file name."""
    return files.safe_name(text.translate({ord(c): "_" for c in "{}"}))


def _known(table: Any, keys: frozenset[str], where: str) -> None:
    if not isinstance(table, dict):
        raise _PlanError(f"{where} is no table")
    if unknown := [key for key in table if key not in keys]:
        raise _PlanError(f"{where} has {unknown[0]!r}; there are {', '.join(sorted(keys))}")


def _one(table: Mapping[str, Any], key: str, kind: Callable[..., Any], default: Any) -> Any:
    value = table.get(key, default)
    if value is not default and not isinstance(value, kind):  # type: ignore[arg-type]
        raise _PlanError(f"{key} is {value!r}, and must be of the kind {kind.__name__}")
    return value


def _listed(value: Any, key: str, kinds: Any) -> list[Any]:
    """A value or a list of them as a list; empty where there is none."""
    values = [] if value is None else value if isinstance(value, list) else [value]
    for item in values:
        if not isinstance(item, kinds):
            raise _PlanError(f"{key} has {item!r}, which is no value for it")
    return values
