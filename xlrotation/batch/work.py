"""One job of a batch: done the same way whether here, in another process or on another machine.

A job is idempotent: the same workbook, data and parameters give the same files under the same names, the report last.
A report with the job's identity therefore says that the job is done.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import xlrotation
from xlrotation import jobs
from xlrotation.batch.places import Folder, Place, open_place
from xlrotation.batch.plan import Job
from xlrotation.errors import RotationError
from xlrotation.functions.session import Session
from xlrotation.market.panel import Panel
from xlrotation.market.sources import Source, open_source

_LOCAL = threading.local()
_KEPT = 4
"""Sessions that a worker keeps: each holds the series that were computed for one date."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job, with what its results depend on.

    Attributes:
        job: The job.
        output: Where the results go.
        identity: Says all that decides the results.
        data: The fingerprint of the data.
        state: Which state of a store they are, so that a refresh meanwhile does not disturb the batch.
        content: The workbook, for workers on other machines; None: read it from its path.
    """

    job: Job
    output: str
    identity: str
    data: str
    state: str = ""
    content: bytes | None = None


def fingerprint(panel: Panel) -> str:
    """Says which data a panel holds."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(panel.days.tobytes())
    digest.update(json.dumps([panel.symbols, panel.source, panel.universes], default=list, sort_keys=True).encode())
    digest.update(str(panel.fetched).encode())
    for name in sorted(panel.fields):
        digest.update(name.encode() + panel.fields[name].tobytes("F"))
    for name in sorted(panel.series):
        days, values = panel.series[name]
        digest.update(name.encode() + days.tobytes() + values.tobytes())
    return digest.hexdigest()


def identity(job: Job, content: bytes, data: str) -> str:
    """The identity of a job's results."""
    parts = (xlrotation.__version__, job.described(), hashlib.sha256(content).hexdigest(), data)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_done(place: Place, job: Job, wanted: str) -> bool:
    """Whether the results are there, all of them, from the same workbook, data and parameters."""
    try:
        report = json.loads(place.read(_report_name(job)) or b"{}")
        return report.get("identity") == wanted and all(map(place.exists, report["files"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def do(task: Task) -> jobs.Report:
    """Do a job and write its results; what goes wrong is in the report, never raised."""
    try:
        place = open_place(task.output)
        try:
            report, names = _export(task, place)
        except RotationError as error:
            report, names = jobs.Report(book=task.job.book, failed=error.message), []
        except Exception as error:  # a fault of ours must not end the batch
            report, names = jobs.Report(book=task.job.book, failed=f"{type(error).__name__}: {error}"), []
        noted = {"job": json.loads(task.job.described()), **report.as_dict(), "files": names}
        if not report.failed:
            noted["identity"] = task.identity
        place.write(_report_name(task.job), json.dumps(noted, ensure_ascii=False, indent=1).encode())
    except RotationError as error:
        return jobs.Report(book=task.job.book, failed=error.message)
    return report


def _export(task: Task, place: Place) -> tuple[jobs.Report, list[str]]:
    """Export, and the names of the files in their place."""
    job = task.job
    session = _session(job.source, task.state, job.lang, job.asof).pinned()
    session.market()  # data that cannot be read end the job here, with their reason
    if fingerprint_of(session.source) != task.data:
        raise RotationError(
            f"the data of {session.panel.source} are not those that the batch was planned with; run it again"
        )
    name = PurePosixPath(job.name)
    with contextlib.ExitStack() as stack:
        book = Path(job.book)
        if task.content is not None:
            book = Path(stack.enter_context(_scratch())) / book.name
            book.write_bytes(task.content)
        below = Path(place.path) if isinstance(place, Folder) else Path(stack.enter_context(_scratch()))
        report = jobs.export(
            *(book, below / name.parent, session),
            keep_formulas=job.keep_formulas,
            pdf="pdf" in job.formats,
            asof=job.asof,
            lang=job.lang,
            recalculate_on_open=job.recalc_on_open,
            csv="csv" in job.formats,
            json="json" in job.formats,
            inputs=dict(job.inputs),
            name=name.name,
        )
        report.book = job.book
        names = [Path(path).relative_to(below).as_posix() for path in report.written]
        if not isinstance(place, Folder):
            for written in names:
                place.write(written, (below / written).read_bytes())
        report.written = [place.shown(written) for written in names]
        return report, names


def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="xlrotation-job-", ignore_cleanup_errors=True)


def fingerprint_of(source: Source) -> str:
    """The fingerprint of a source's data as they are now, computed once for each state of them."""
    panel = source.panel()
    known: tuple[Panel, str] | None = getattr(_LOCAL, "fingerprint", None)
    if known is None or known[0] is not panel:
        known = panel, fingerprint(panel)
        _LOCAL.fingerprint = known
    return known[1]


def _session(source: str | None, state: str, lang: str | None, asof: str | None) -> Session:
    """A session of this thread; the data are read once, whatever the dates."""
    if not hasattr(_LOCAL, "sessions"):
        _LOCAL.sources = functools.lru_cache(_KEPT)(open_source)
        _LOCAL.sessions = functools.lru_cache(_KEPT)(_new_session)
    session: Session = _LOCAL.sessions(source, state, lang, asof)
    return session


def _new_session(source: str | None, state: str, lang: str | None, asof: str | None) -> Session:
    return Session(_LOCAL.sources(source, state), lang, asof)


def _report_name(job: Job) -> str:
    return f"{job.name}.report.json"
