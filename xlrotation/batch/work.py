"""One job of a batch: done the same way whether here, in another process or on another machine.

A job is idempotent: the same workbook, data and parameters give the same files under the same names, the report last.
A report with the job's identity therefore says that the job is done.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import xlrotation
from xlrotation import files, guard, jobs, outside
from xlrotation.addresses import without_keys
from xlrotation.batch.content import FEW, Bounds, Refused
from xlrotation.batch.expected import Shown, shown, sort
from xlrotation.batch.places import Folder, Place, open_place
from xlrotation.batch.plan import Job
from xlrotation.entrypoints import PLUGINS
from xlrotation.errors import RotationError
from xlrotation.functions.boundary.session import Session
from xlrotation.jobs import read_book
from xlrotation.languages import language
from xlrotation.market.identity import identity_of
from xlrotation.market.lazyfields import LazyFields
from xlrotation.market.listing import chosen_home, home_of_work
from xlrotation.market.sources import Source, open_source

_LOCAL = threading.local()
KEPT = 4
"""Sessions that a worker keeps: each holds the series that were computed for one date."""

_NOT_FINISHED = "not finished"
"""What a report says while its job is at work, and ever after where that was killed."""
WARM = "_XLROTATION_WARM"
"""The variable of the environment that tells a process from which workers are forked what data they will need."""

_COMPILED = frozenset({".pyc", ".pyo"})


@dataclass(frozen=True, slots=True)
class Task:
    """A job, with what its results depend on.

    Attributes:
        job: The job.
        output: Where the results go.
        identity: Says all that decides the results.
        data: The identity of the data.
        state: Which state of a store they are, so that a refresh meanwhile does not disturb the batch.
        content: The workbook; None: read it from its path.
        digest: SHA-256 of the workbook's bytes; None: whatever they are.
        lang: The language of words where neither the job nor the workbook says; None: the worker's default.
        exchange: The home exchange that was chosen where the batch was planned, empty where nobody chose; None: the
            worker's.
        program: Says which code is to compute; None: the worker's, whatever it is.
        bounds: How much worse the result may be than the last good one; None: whatever it is.
        accepted: Errors that somebody accepted, by their keys.
    """

    job: Job
    output: str
    identity: str
    data: str
    state: str = ""
    content: bytes | None = None
    digest: bytes | None = None
    lang: str | None = None
    program: str | None = None
    exchange: str | None = None
    bounds: Bounds | None = None
    accepted: tuple[tuple[str, str, str, str], ...] = ()


@functools.cache
def program() -> str:
    """Says which code and tables of the package compute here; its version alone does not change with every edit."""
    root = Path(xlrotation.__file__).parent
    found = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix not in _COMPILED)
    code: dict[str, object] = {path.relative_to(root).as_posix(): path.read_bytes() for path in found}
    return identity_of({**code, **({"plug-ins": plugins} if (plugins := PLUGINS.identity()) else {})})


def identity(job: Job, content: bytes, data: str, lang: str | None = None) -> str:
    """The identity of a job's results.

    Args:
        job: The job.
        content: The workbook's bytes, or their digest.
        data: The identity of the data.
        lang: The language of words where neither the job nor the workbook says.
    """
    shared = _shared_identity(program(), content, data, lang or language(job.lang))
    return hashlib.sha256(f"{shared} {job.described()}".encode("utf-8", "surrogatepass")).hexdigest()


@functools.lru_cache(KEPT)
def _shared_identity(program: str, content: bytes, data: str, lang: str) -> str:
    """What the identities of many jobs have in common."""
    return identity_of((xlrotation.__version__, program, content, data, lang))


def stored(place: Place, noted: Mapping[str, Any], wanted: str) -> Mapping[str, Any] | None:
    """The report of a job whose results are there, all of them, from the same workbook, data and parameters.

    Args:
        place: Where they are.
        noted: What stands beside them.
        wanted: The identity of the results.
    """
    report: Any = noted
    if report.get("begun") is False:
        report = report.get("kept")  # what could not be begun has left them as they were
    whole = isinstance(report, dict) and report.get("identity") == wanted and _is_whole(place, report)
    return report if whole else None


def note(place: Place, job: Job, failed: str, data: Mapping[str, object]) -> None:
    """Note beside the results of a job that it could not be begun, and what stands there.

    Args:
        place: Where its results are.
        job: The job.
        failed: Why it could not be begun.
        data: The condition of its data.

    Raises:
        RotationError: It cannot be written; what was there stands.
    """
    if noted_of(place, job).get("failed") == _NOT_FINISHED:
        return  # nobody knows what stands there
    report = jobs.Report(book=job.book, failed=failed, data=dict(data))
    noted = {"job": _described(job), **report.as_dict(), "begun": False, "files": []}
    if (before := _last_good(place, job)) is not None:
        noted["kept"] = before
    _rewrite(place, job, noted)


def settle(place: Place, job: Job, report: Mapping[str, Any]) -> None:
    """Let the report beside the results of a job be that of what stands there.

    Raises:
        RotationError: It cannot be written; what was there stands.
    """
    _rewrite(place, job, report)


def _rewrite(place: Place, job: Job, report: Mapping[str, Any]) -> None:
    data = json.dumps(report, ensure_ascii=False, indent=1).encode()
    if place.read(_report_name(job)) != data:
        place.write(_report_name(job), data)


def noted_of(place: Place, job: Job) -> Mapping[str, Any]:
    """What stands beside the results of a job; nothing where that is no report.

    Raises:
        RotationError: The place cannot be read.
    """
    try:
        report = json.loads(place.read(_report_name(job)) or b"{}")
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _is_whole(place: Place, report: Mapping[str, Any]) -> bool:
    """Whether the files of a report are there as it says, and it says what a reader of it asks for."""
    try:
        shown(report)
        sizes = report["sizes"]
        return report["files"] == list(sizes) and all(place.size(name) == size for name, size in sizes.items())
    except (KeyError, TypeError, AttributeError, ValueError, RotationError):
        return False


def _last_good(place: Place, job: Job) -> Mapping[str, Any] | None:
    """The report of the results that stand there, whatever became of runs since."""
    report: Any = noted_of(place, job)
    report = report.get("kept", report)
    return report if isinstance(report, dict) and not report.get("failed") and _is_whole(place, report) else None


def do(task: Task) -> jobs.Report:
    """Do a job and write its results; what goes wrong is in the report, never raised.

    A job that fails leaves the results that stand there, and its report says what they are (``kept``).
    """
    try:
        place = open_place(task.output)
        before = _last_good(place, task.job)
        _forget(place, task.job, before)
        try:
            with home_of_work(task.exchange):
                report, names = _export(task, place, before)
        except Exception as error:  # a fault of ours, too, must not end the batch
            report, names = jobs.Report(book=task.job.book, failed=outside.reason(error)), []
        noted = {"job": _described(task.job), **report.as_dict(), "files": names}
        if not report.failed:
            noted |= {"sizes": {name: place.size(name) for name in names}, "identity": task.identity}
        elif before is not None and _is_whole(place, before):
            noted["kept"] = before
        place.write(_report_name(task.job), json.dumps(noted, ensure_ascii=False, indent=1).encode())
    except Exception as error:
        return jobs.Report(book=task.job.book, failed=outside.reason(error))
    return report


def warm(source: str | None, state: str, exchange: str | None) -> None:
    """Read of a source what jobs on it share, in the process that their workers are forked from."""
    with contextlib.suppress(Exception), home_of_work(exchange):  # a job that cannot have it says why
        panel = _source(source, state).panel()
        if isinstance(panel.fields, LazyFields):
            panel.fields.prepare()
        _ = panel.identity
        _LOCAL.surroundings = _surroundings()


def check_surroundings() -> None:
    """Forget what was read in other surroundings: a source's text may mean other data here."""
    if getattr(_LOCAL, "surroundings", None) not in (None, _surroundings()):
        _LOCAL.__dict__.clear()


def _surroundings() -> tuple[object, ...]:
    return Path.cwd(), dict(os.environ)


def _described(job: Job) -> object:
    """What a report says of its job: all but the keys of addresses that it may name."""
    return json.loads(without_keys(job.described()))


def _forget(place: Place, job: Job, before: Mapping[str, Any] | None) -> None:
    """Take back what an earlier report says before its files are replaced; a job that is killed then counts as missing.

    Raises:
        RotationError: The place cannot be read or written.
    """
    name = _report_name(job)
    if place.exists(name):
        noted = {"job": _described(job), "book": outside.writable(job.book), "failed": _NOT_FINISHED, "files": []}
        kept = {} if before is None else {"kept": before}
        place.write(name, json.dumps(noted | kept, ensure_ascii=False, indent=1).encode())


def _export(task: Task, place: Place, before: Mapping[str, Any] | None) -> tuple[jobs.Report, list[str]]:
    """Export, and the names of the files in their place."""
    job = task.job
    if task.program not in (None, program()):
        raise RotationError("another version of xlrotation is installed here than where the batch was planned")
    content = read_book(job.book) if task.content is None else task.content
    if task.digest not in (None, hashlib.sha256(content).digest()):
        raise RotationError(f"{job.book}: was changed after the batch was planned; run it again")
    session = _session(job.source, task.state, task.lang or language(job.lang), job.asof).pinned()
    session.market()  # data that cannot be read end the job here, with their reason
    if session.panel.identity != task.data:
        raise RotationError(
            f"the data of {session.panel.source} are not those that the batch was planned with; run it again"
        )
    name = PurePosixPath(job.name)
    with guard.scratch("xlrotation-job-") as below:  # until all are there, and no worse than what stands there
        report = jobs.export(
            *(Path(job.book), below / name.parent, session),
            keep_formulas=job.keep_formulas,
            pdf="all" if "pdf=all" in job.formats else "pdf" in job.formats,
            asof=job.asof,
            lang=job.lang,
            recalculate_on_open=job.recalc_on_open,
            csv="csv" in job.formats,
            json="json" in job.formats,
            html="html" in job.formats,
            inputs=dict(job.inputs),
            name=name.name,
            content=content,
        )
        if before is not None and task.bounds is not None:
            _compare(report, before, task, task.bounds)
        names = [Path(path).relative_to(below).as_posix() for path in report.written]
        if isinstance(place, Folder):
            files.put_together([(below / written, place.path / written) for written in names])
        else:
            for written in names:
                place.write(written, (below / written).read_bytes())
        report.written = [without_keys(place.shown(written)) for written in names]
        return report, names


def _compare(report: jobs.Report, before: Mapping[str, Any], task: Task, bounds: Bounds) -> None:
    """Refuse a report that shows errors in a great share of the cells that showed values in the last good one.

    Raises:
        Refused: It does.
    """
    had = {(item.sheet, item.cell) for item in shown(before)}
    found = sort(shown(report.as_dict()), task.job.expected, task.accepted).new
    worse: list[Shown] = [item for item in found if (item.sheet, item.cell) not in had]
    if len(worse) >= FEW and len(worse) > bounds.errors * report.cells:
        first = worse[0]
        raise Refused(
            f"{len(worse):,} of {report.cells:,} cells would show errors that the last good report does not, such as "
            f"{first.place} {first.error} ({first.reason}); the last good report stays. Where that is meant: "
            "--accept-errors"
        )


def _session(source: str | None, state: str, lang: str | None, asof: str | None) -> Session:
    """A session of this thread; the data are read once, whatever the dates."""
    if not hasattr(_LOCAL, "sessions"):
        _LOCAL.sessions = functools.lru_cache(KEPT)(_new_session)
    session: Session = _LOCAL.sessions(source, state, lang, asof, chosen_home())
    return session


def _source(source: str | None, state: str) -> Source:
    """A source of this thread."""
    if not hasattr(_LOCAL, "sources"):
        _LOCAL.sources = functools.lru_cache(KEPT)(_new_source)
    found: Source = _LOCAL.sources(source, state, chosen_home())
    return found


def _new_source(source: str | None, state: str, _home: str) -> Source:
    """A source for each home exchange: its panels are cut by the closing bell there."""
    return open_source(source, state)


def _new_session(source: str | None, state: str, lang: str | None, asof: str | None, home: str) -> Session:
    assert home == chosen_home()
    return Session(_source(source, state), lang, asof)


def _report_name(job: Job) -> str:
    return f"{job.name}.report.json"
