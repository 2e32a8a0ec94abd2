"""What a run came to: what is new, what failed, what is stale, which watch rule fired, and the exit status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlrotation.batch.expected import Shown, sort
from xlrotation.batch.plan import Plan
from xlrotation.batch.run import Data, Summary, errors_of
from xlrotation.batch.watch import Watched
from xlrotation.outside import reason

FINE, NEW, CANNOT_START, FIRED = 0, 1, 2, 3
"""Exit status: nothing new; errors, failures or losses that nobody expects; could not start; a watch rule fired."""


@dataclass(slots=True)
class Outcome:
    """What a run came to.

    Attributes:
        plan: The plan's name.
        output: Where the results are.
        done: Names of the jobs that were done now.
        present: Names of those whose results were there already.
        failed: Jobs, and pieces of a refresh, that could not be done, with the reason.
        new: Errors that nobody expects, by job.
        known: How many errors are expected or accepted.
        gone: What was expected and is not there any more, in words.
        data: The condition of each source.
        lost: What a source has lost, by its text; beyond the bounds its jobs are among the failed ones.
        watched: What came of the watch rules.
        files: The files that stand there, by job.
        refreshed: What a refresh said.
        notices: What must be said of the data.
        lacking: What this machine lacks to show the results as they are meant.
    """

    plan: str
    output: str
    done: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    new: dict[str, list[Shown]] = field(default_factory=dict)
    known: int = 0
    gone: list[str] = field(default_factory=list)
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    watched: list[Watched] = field(default_factory=list)
    files: dict[str, list[str]] = field(default_factory=dict)
    refreshed: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)

    @property
    def fired(self) -> list[Watched]:
        """The watch rules that fired."""
        return [watched for watched in self.watched if watched.fired]

    @property
    def unlooked(self) -> list[Watched]:
        """The watch rules that could not be looked at."""
        return [watched for watched in self.watched if watched.failed]

    @property
    def many_new(self) -> int:
        """How many errors nobody expects."""
        return sum(map(len, self.new.values()))

    @property
    def status(self) -> int:
        """The exit status; where several apply, the highest."""
        if self.fired:
            return FIRED
        troubles = (self.failed, self.new, self.lost, self.unlooked, self.lacking)
        return NEW if any(troubles) else FINE

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "plan": self.plan,
            "status": self.status,
            "output": self.output,
            "done": self.done,
            "present": self.present,
            "failed": self.failed,
            "new": {job: [_plain(item) for item in items] for job, items in self.new.items()},
            "known": self.known,
            "gone": self.gone,
            "data": self.data,
            "lost": self.lost,
            "watch": [watched.as_dict() for watched in self.watched],
            "files": self.files,
            "refresh": self.refreshed,
            "notices": self.notices,
            "lacking": self.lacking,
        }


def _plain(item: Shown) -> dict[str, str]:
    return {"sheet": item.sheet, "cell": item.cell, "error": item.error, "reason": item.reason}


def outcome_of(plan: Plan, output: str, summary: Summary, watched: Sequence[Watched], accept: bool) -> Outcome:
    """What a batch came to.

    Args:
        plan: The plan.
        output: Where the results are, as it may be shown.
        summary: What the jobs came to.
        watched: What the watch rules came to.
        accept: Whether all errors that are there are known from now on.
    """
    found = Outcome(plan.name, output, list(summary.done), list(summary.present), dict(summary.failed))
    found.watched = list(watched)
    wanted: dict[str, None] = {}
    met: set[str] = set()
    gone: dict[str, list[str]] = {}
    for job in plan.jobs:
        errors = errors_of(job.name, summary)
        if errors is None:
            met.update(each.text for each in job.expected)  # nobody knows what it would have shown
            continue
        parted = sort(errors, job.expected, summary.memory.accepted.get(job.subject, ()))
        wanted |= dict.fromkeys(each.text for each in job.expected)
        met |= parted.met
        if parted.new and not accept:
            found.new[job.name] = list(parted.new)
        found.known += len(parted.known) + (len(parted.new) if accept else 0)
        if parted.gone:
            gone[job.name] = list(parted.gone)
        found.files[job.name] = _files(job.name, summary)
    found.gone = [text for text in wanted if text not in met]
    found.gone += [f"{name}: {text}" for name, texts in gone.items() for text in texts]
    for source, data in summary.data.items():
        if isinstance(data, Data):
            found.data[source] = data.condition.as_dict()
            if data.loss.told:
                found.lost[source] = list(data.loss.told)
        else:
            found.data[source] = {"failed": reason(data)}
    reports: list[Mapping[str, Any]] = [report.as_dict() for report in summary.done.values()]
    reports += list(summary.stored.values())
    found.notices = list(dict.fromkeys(str(report["notice"]) for report in reports if report.get("notice")))
    found.lacking = list(dict.fromkeys(str(item) for report in reports for item in report.get("lacking") or ()))
    return found


def _files(name: str, summary: Summary) -> list[str]:
    if name in summary.done:
        return list(summary.done[name].written)
    return [str(path) for path in summary.stored[name].get("written", [])]
