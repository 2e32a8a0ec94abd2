"""What the commands ``batch`` and ``nightly`` do with a plan."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Mapping

from xlrotation.addresses import without_keys
from xlrotation.batch import mail
from xlrotation.batch import run as batch
from xlrotation.batch.lock import alone
from xlrotation.batch.log import LOGS, Log, silent
from xlrotation.batch.outcome import CANNOT_START, FINE, NEW, Outcome, outcome_of
from xlrotation.batch.places import open_place
from xlrotation.batch.plan import Plan, read_plan
from xlrotation.batch.run import Data, Summary
from xlrotation.batch.watch import Rule, Watched, look, unlooked
from xlrotation.batch.work import Task
from xlrotation.errors import RotationError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.sources import open_source
from xlrotation.outside import reason
from xlrotation.progress import steps

Before = Callable[[Plan, Log], tuple[list[str], dict[str, str]]]
"""What is done before the jobs are planned: gives what it said, and what of it failed."""


def run(options: argparse.Namespace, before: Before | None = None) -> int:
    """Run a plan; returns the exit status.

    Args:
        options: Of the command line.
        before: Work before the jobs are planned, such as a refresh; the summary is then written beside the results.
    """
    log = LOGS[options.log]
    if log is silent:
        return _run(options, before, log)
    try:
        return _run(options, before, log)
    except KeyboardInterrupt:
        log("stopped")
        raise
    except Exception as error:  # every line of the error stream is JSON
        log("could not start or go on", reason=reason(error), status=CANNOT_START)
        return CANNOT_START


def _run(options: argparse.Namespace, before: Before | None, log: Log) -> int:
    began = time.monotonic()
    plan = read_plan(options.plan)
    if options.dry_run:
        tasks, summary = batch.missing(plan, options.again, options.accept_errors)
        for task in tasks:
            print(task.job.name)
        print(f"{len(tasks)} jobs missing, {len(summary.present)} there already", file=sys.stderr)
        return _complain(summary.failed)
    with alone(plan):
        log("started", plan=str(options.plan), output=plan.output)
        said, failed = ([], {}) if before is None else before(plan, log)
        tasks, summary = batch.missing(plan, options.again, options.accept_errors)
        _log_sources(summary, log)
        if not _do(options, tasks, summary, log):
            return NEW
        try:
            batch.remember(plan, summary, options.accept_errors)
        except RotationError as error:  # what became of the jobs is told all the same
            failed["memory"] = reason(error)
        watched = [_looked(rule, plan, summary, options.accept_errors) for rule in plan.settings.rules]
        outcome = outcome_of(plan, without_keys(plan.output), summary, watched, options.accept_errors)
        outcome.refreshed += said
        outcome.failed |= failed
        _log_outcome(outcome, log)
        if before is not None:
            try:
                _write_mail(plan, outcome)
            except RotationError as error:
                outcome.failed["mail"] = reason(error)
                log("mail not written", reason=reason(error))
    if options.summary is not None:
        print(mail.render(outcome, options.summary, plan.settings), end="")
    elif options.json:
        done = {name: report.as_dict() for name, report in summary.done.items()}
        print(without_keys(json.dumps(outcome.as_dict() | {"done": done}, ensure_ascii=False, indent=1)))
    else:
        _print(summary, outcome, time.monotonic() - began, log)
    return outcome.status


def _do(options: argparse.Namespace, tasks: list[Task], summary: Summary, log: Log) -> bool:
    """Do the jobs; gives whether nobody stopped it."""

    def ended(name: str) -> None:
        if name in summary.failed:
            log("job failed", job=name, reason=summary.failed[name])
        else:
            report = summary.done[name]
            log("job done", job=name, cells=report.cells, errors=len(report.errors), seconds=report.seconds)

    try:
        with steps("exporting", 0 if log is not silent else len(tasks)) as step:

            def told(name: str) -> None:
                ended(name)
                step(name)

            batch.run(tasks, summary, max(1, options.workers), options.scheduler, options.timeout, told)
    except KeyboardInterrupt:
        if log is not silent:
            raise
        print("stopped; the same command does what is missing", file=sys.stderr)
        return False
    return True


def _looked(rule: Rule, plan: Plan, summary: Summary, accept: bool) -> Watched:
    """What comes of a rule, on the data that the jobs saw."""
    try:
        data = batch.data_of(rule.source, summary, plan.settings.bounds, accept)
        return look(rule, Session(open_source(rule.source, data.state), None, _day(rule.asof)))
    except RotationError as error:
        return unlooked(rule, error)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _log_sources(summary: Summary, log: Log) -> None:
    for name, job in summary.failed.items():
        log("job failed", job=name, reason=job)
    for source, data in summary.data.items():
        if isinstance(data, Data):
            log("source", source=source, state=data.state, **data.condition.as_dict(), lost=list(data.loss.told))
        else:
            log("source", source=source, failed=reason(data))


def _log_outcome(outcome: Outcome, log: Log) -> None:
    for job, items in outcome.new.items():
        for item in items:
            log("new error", job=job, cell=item.place, error=item.error, reason=item.reason)
    for watched in outcome.watched:
        log("watch", **watched.as_dict())
    log(
        "finished",
        status=outcome.status,
        subject=mail.subject(outcome),
        done=len(outcome.done),
        present=len(outcome.present),
        failed=len(outcome.failed),
        new=outcome.many_new,
        known=outcome.known,
    )


def _write_mail(plan: Plan, outcome: Outcome) -> None:
    """Write the summary as a mail beside the results: what a terminal says at night nobody reads."""
    open_place(plan.output).write(f"{plan.name}.mail.eml", mail.message(outcome, plan.settings).encode("ascii"))


def _print(summary: Summary, outcome: Outcome, seconds: float, log: Log) -> None:
    for notice in dict.fromkeys(report.notice for report in summary.done.values() if report.notice):
        print(notice)
    cells = sum(report.cells for report in summary.done.values())
    print(
        f"{outcome.output}: {len(summary.done)} jobs done, {len(summary.present)} there already, "
        f"{len(summary.failed)} failed; {cells:,} cells computed in {seconds:.1f} s"
    )
    for name, items in outcome.new.items():
        print(f"  {name}: {len(items)} cells show errors or could not be computed; see {name}.report.json")
    if outcome.known:
        print(f"  {outcome.known:,} errors are known")
    for text in outcome.gone:
        print(without_keys(f"  expected, and not there any more: {text}"))
    for source, lost in outcome.lost.items():
        for line in lost:
            print(without_keys(f"  {source}: {line}"))
    for text in outcome.lacking:
        print(without_keys(f"  {text}"))
    for watched in outcome.watched:
        if watched.fired or watched.failed:
            print(without_keys(f"  watch {'fired' if watched.fired else 'failed'}: {watched.told}"))
    if log is silent:
        _complain(outcome.failed)


def _complain(failed: Mapping[str, str]) -> int:
    for name, why in failed.items():
        print(f"  {name}: failed: {why}", file=sys.stderr)
    return NEW if failed else FINE
