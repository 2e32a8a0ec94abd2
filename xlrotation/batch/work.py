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
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import xlrotation
from xlrotation import guard, jobs, outside
from xlrotation.addresses import without_keys
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


@functools.cache
def program() -> str:
    """Says which code and tables of the package compute here; its version alone does not change with every edit."""
    root = Path(xlrotation.__file__).parent
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix not in _COMPILED)
    code: dict[str, object] = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
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


def is_done(place: Place, job: Job, wanted: str) -> bool:
    """Whether the results are there, all of them, from the same workbook, data and parameters."""
    try:
        report = json.loads(place.read(_report_name(job)) or b"{}")
        if report.get("identity") != wanted or report["files"] != list(report["sizes"]):
            return False
        return all(place.size(name) == size for name, size in report["sizes"].items())
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def do(task: Task) -> jobs.Report:
    """Do a job and write its results; what goes wrong is in the report, never raised."""
    try:
        place = open_place(task.output)
        _forget(place, task.job)
        try:
            with home_of_work(task.exchange):
                report, names = _export(task, place)
        except Exception as error:  # a fault of ours, too, must not end the batch
            report, names = jobs.Report(book=task.job.book, failed=outside.reason(error)), []
        noted = {"job": _described(task.job), **report.as_dict(), "files": names}
        if not report.failed:
            noted |= {"sizes": {name: place.size(name) for name in names}, "identity": task.identity}
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


def _forget(place: Place, job: Job) -> None:
    """Take back what an earlier report says before its files are replaced; a job that is killed then counts as missing.

    Raises:
        RotationError: The place cannot be read or written.
    """
    name = _report_name(job)
    if place.exists(name):
        noted = {"job": _described(job), "book": outside.writable(job.book), "failed": "not finished", "files": []}
        place.write(name, json.dumps(noted, ensure_ascii=False, indent=1).encode())


def _export(task: Task, place: Place) -> tuple[jobs.Report, list[str]]:
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
    with contextlib.ExitStack() as stack:
        below = place.path if isinstance(place, Folder) else stack.enter_context(guard.scratch("xlrotation-job-"))
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
        names = [Path(path).relative_to(below).as_posix() for path in report.written]
        if not isinstance(place, Folder):
            for written in names:
                place.write(written, (below / written).read_bytes())
        report.written = [without_keys(place.shown(written)) for written in names]
        return report, names


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
