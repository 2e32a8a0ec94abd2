"""The plan of a batch: a TOML file, read into single jobs."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from xlrotation import files, tomltext
from xlrotation.batch.entries import PlanError, check_path, known, listed, one, path_in
from xlrotation.batch.expected import Expectation
from xlrotation.batch.naming import check_name
from xlrotation.batch.settings import SETTINGS, Settings, expectations, read_settings, source_of
from xlrotation.errors import BadArgument, RotationError
from xlrotation.languages import spoken
from xlrotation.market.calendar import XNYS, CalendarEnds, Days
from xlrotation.market.dates import read_date
from xlrotation.market.listing import Listing, chosen

_LARGEST = 2**24
"""Bytes of the largest plan that is read."""

FORMATS = ("pdf", "pdf=all", "html", "csv", "json")
_COMMON = ("source", "lang", "formats", "keep_formulas", "recalc_on_open", "asof", "inputs", "name")
_SHARED = frozenset((*_COMMON, *SETTINGS, "expected", "output", "job"))
_OWN = frozenset((*_COMMON, "expected", "books"))
_NO_PART = ("book", "subject", "expected", "trouble")
"""What of a job does not decide its result."""

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
        subject: What it is about, the same on every date: its name without the as-of date.
        expected: Errors that its workbook may show.
        trouble: Why it cannot be begun; empty where it can.
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
    subject: str = ""
    expected: tuple[Expectation, ...] = ()
    trouble: str = ""

    def described(self) -> str:
        """Everything that decides the result, but for the data and the workbook's content."""
        return _ENCODED({name: getattr(self, name) for name in _DECIDING})


_DECIDING = tuple(sorted(each.name for each in fields(Job) if each.name not in _NO_PART))
_ENCODED = json.JSONEncoder(default=str, ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Plan:
    """The jobs of a file, and where their results go.

    Attributes:
        output: A folder or an address.
        jobs: The jobs.
        name: The file's name, as a part of the names of what is written beside the results.
        settings: What it says beside its jobs.
    """

    output: str
    jobs: tuple[Job, ...]
    name: str = "plan"
    settings: Settings = field(default_factory=Settings)

    @property
    def written(self) -> tuple[str, ...]:
        """Names, without their last suffix where they have one, of what stands beside the results."""
        return (f"{self.name}-memory", f"{self.name}.mail")


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        RotationError: The file cannot be read or does not say what to do; the message names the entry.
    """
    try:
        data = tomltext.read(files.read_regular(path, _LARGEST).decode("utf-8-sig"))
    except FileNotFoundError:
        raise RotationError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise RotationError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        return _plan(data, path.resolve().parent, files.safe_name(path.stem))
    except PlanError as mistake:
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
        return _plan(data, folder, "plan")
    except PlanError as mistake:
        raise BadArgument(f"the plan: {mistake}") from None


def _plan(data: Mapping[str, Any], folder: Path, plan_name: str) -> Plan:
    known(data, _SHARED, "the file")
    output = path_in(data, "output")
    if not output:
        raise PlanError("lacks output, the folder (or address such as s3://bucket/reports) of the results")
    entries = data.get("job")
    if not isinstance(entries, list) or not entries:
        raise PlanError("lacks [[job]] entries")
    common = {key: value for key, value in data.items() if key in _COMMON}
    shared = expectations(data.get("expected"))
    jobs: list[Job] = []
    for number, entry in enumerate(entries, 1):
        try:
            known(entry, _OWN, f"[[job]] {number}")
            jobs += _jobs({**common, **entry}, folder, number, (*shared, *expectations(entry.get("expected"))))
        except PlanError as mistake:
            raise PlanError(f"[[job]] {number}: {mistake}") from None
    if all(job.trouble for job in jobs):
        raise PlanError(jobs[0].trouble)
    settings = read_settings(data, folder, common, _day)
    plan = Plan(output if "://" in output else str(folder / output), tuple(jobs), plan_name, settings)
    _tell_apart(plan)
    return plan


def _tell_apart(plan: Plan) -> None:
    """Refuse jobs that would write the same files.

    Two names that differ by case alone are one file on Windows and macOS; beside NAME stands NAME.report.json.
    """
    begun = [job.name for job in plan.jobs if not job.trouble]
    every = [*(name for job in begun for name in (job, f"{job}.report")), *plan.written]
    same = [list(names) for _, names in itertools.groupby(sorted(every, key=str.casefold), str.casefold)]
    if twice := [names for names in same if len(names) > 1]:
        shown = " and ".join(dict.fromkeys(twice[0]))
        raise PlanError(f"several jobs would write {shown}; tell them apart with name = '...{{asof}}...{{book}}...'")


def _jobs(entry: Mapping[str, Any], folder: Path, number: int, expected: tuple[Expectation, ...]) -> list[Job]:
    books, missing = _books(entry, folder)
    days = _days(entry.get("asof"))
    languages = _languages(entry.get("lang"))
    formats = tuple(dict.fromkeys(listed(entry.get("formats"), "formats", str)))
    if wrong := set(formats) - {*FORMATS, "xlsx"}:
        raise PlanError(f"formats has {wrong.pop()!r}; there are xlsx, {', '.join(FORMATS)}")
    inputs = entry.get("inputs", {})
    if not isinstance(inputs, dict):
        raise PlanError("inputs is a table of cells and values")
    choices = {str(key): listed(value, f"inputs.{key}", _VALUES) for key, value in inputs.items()}
    pattern = one(entry, "name", str, None) or _pattern(languages, choices)
    # a path that leads nowhere is one failed job, and keeps no other from being done
    made = [
        Job(str(folder / path), f"[[job]] {number}, {path}", trouble=f"[[job]] {number}: {why}")
        for path, why in missing.items()
    ]
    # by date first: books of the same date share what is computed of it
    for day, lang, book in itertools.product(days, languages, books):
        for values in itertools.product(*choices.values()):
            chosen = tuple(zip(choices, values, strict=True))
            made.append(
                Job(
                    str(book),
                    _name(pattern, book, day, lang, dict(chosen)),
                    source_of(entry, folder),
                    day,
                    lang,
                    chosen,
                    tuple(f for f in FORMATS if f in formats),
                    one(entry, "keep_formulas", bool, False),
                    one(entry, "recalc_on_open", bool, False),
                    _name(pattern, book, "asof", lang, dict(chosen)),
                    expected,
                )
            )
    return made


_VALUES: Any = (bool, int, float, str, dt.date)


def _books(entry: Mapping[str, Any], folder: Path) -> tuple[list[Path], dict[str, str]]:
    """The workbooks that an entry names, and what names none, with the reason."""
    found: list[Path] = []
    missing: dict[str, str] = {}
    for pattern in listed(entry.get("books"), "books", str):
        check_path(pattern, "books")
        root, tail = _split(folder / pattern)
        matches = sorted(root.glob(tail)) if tail else [root]
        books = [
            path
            for path in matches
            if path.is_file() and path.suffix.lower() in (".xlsx", ".xlsm") and path.name[:2] != "~$"
        ]
        if not books:
            missing[pattern] = f"books: nothing matches {pattern!r} in {folder}"
        found += books
    if not found and not missing:
        raise PlanError("lacks books, the workbooks to fill")
    return list(dict.fromkeys(found)), missing


def _split(path: Path) -> tuple[Path, str]:
    """A path as the part before its first pattern, and the pattern."""
    parts = path.parts
    first = next((i for i, part in enumerate(parts) if any(mark in part for mark in "*?[")), len(parts))
    return Path(*parts[:first]), "/".join(parts[first:])


def _days(given: Any) -> list[str | None]:
    """As-of dates: none, one, a list, or the sessions of a span."""
    if isinstance(given, dict):
        known(given, frozenset(("from", "to", "every")), "asof")
        first, last = _day(given.get("from")), _day(given.get("to"))
        every = given.get("every", "day")
        if first is None or last is None or every not in _EVERY:
            raise PlanError('asof is a date, a list of dates, or { from = ..., to = ..., every = "day|week|month" }')
        span = _sessions(first, last)
        shifted = span + np.timedelta64(3, "D") if every == "week" else span  # weeks of NumPy begin on a Thursday
        period = shifted.astype(f"datetime64[{_EVERY[every]}]")
        ends = np.append(period[1:] != period[:-1], True) if len(span) else np.zeros(0, bool)
        days = [str(day) for day in span[ends]]
        if not days:
            raise PlanError(f"asof: no session from {first} to {last}")
        return list(days)
    return [_day(value) for value in listed(given, "asof", (str, dt.date))] or [None]


def _sessions(first: str, last: str) -> Days:
    """The sessions of the home exchange: the one that the environment chooses, else New York."""
    home = chosen(Listing()).home or XNYS
    try:
        return home.sessions_between(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    except CalendarEnds as error:
        raise PlanError(f"asof: {error.message}") from None


def _day(value: object) -> str | None:
    if value is None:
        return None
    try:
        return str(read_date(value if isinstance(value, dt.date) else str(value)))
    except RotationError as error:
        raise PlanError(f"asof: {error.message}") from None


def _languages(given: object) -> list[str | None]:
    """The codes of the languages that an entry names; None, the default, where it names none."""
    try:
        return [*dict.fromkeys(spoken(name) for name in listed(given, "lang", str))] or [None]
    except BadArgument as error:
        raise PlanError(f"lang: {error}") from None


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
        raise PlanError(f"name {pattern!r} has a field that is not there; there are {', '.join(values)}")
    try:
        return check_name("/".join(map(files.safe_name, check_name(name).split("/"))))
    except RotationError as error:
        raise PlanError(f"name {pattern!r} gives {name!r}, which is no name below the output") from error


def _value(text: str) -> str:
    """A value as a part of a file name."""
    return files.safe_name(text.translate({ord(c): "_" for c in "{}"}))
