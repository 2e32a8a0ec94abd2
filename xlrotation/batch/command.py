"""The command ``xlrotation batch``."""

from __future__ import annotations

import argparse
import json
import sys
import time

from xlrotation.addresses import without_keys
from xlrotation.batch import run as batch
from xlrotation.batch.plan import read_plan
from xlrotation.batch.run import Summary
from xlrotation.progress import steps

FINE, PROBLEMS = 0, 1


def run(options: argparse.Namespace) -> int:
    """Run the command; returns the exit status."""
    began = time.monotonic()
    plan = read_plan(options.plan)
    tasks, summary = batch.missing(plan, options.again)
    if options.dry_run:
        for task in tasks:
            print(task.job.name)
        print(f"{len(tasks)} jobs missing, {len(summary.present)} there already", file=sys.stderr)
        return _complain(summary)
    try:
        with steps("exporting", len(tasks)) as step:
            batch.run(tasks, summary, max(1, options.workers), options.scheduler, options.timeout, step)
    except KeyboardInterrupt:
        print("stopped; the same command does what is missing", file=sys.stderr)
        return PROBLEMS
    if options.json:
        print(json.dumps(_plain(summary), ensure_ascii=False, indent=1))
        return PROBLEMS if summary.troubled else FINE
    _print(summary, without_keys(plan.output), time.monotonic() - began)
    return PROBLEMS if summary.troubled else FINE


def _plain(summary: Summary) -> dict[str, object]:
    done = {name: report.as_dict() for name, report in summary.done.items()}
    return {"done": done, "present": summary.present, "failed": summary.failed}


def _print(summary: Summary, output: str, seconds: float) -> None:
    notices = dict.fromkeys(report.notice for report in summary.done.values() if report.notice)
    for notice in notices:
        print(notice)
    cells = sum(report.cells for report in summary.done.values())
    print(
        f"{output}: {len(summary.done)} jobs done, {len(summary.present)} there already, {len(summary.failed)} failed; "
        f"{cells:,} cells computed in {seconds:.1f} s"
    )
    for name, report in summary.done.items():
        if report.troubled:
            many = len(report.errors) + len(report.problems)
            print(f"  {name}: {many} cells show errors or could not be computed; see {name}.report.json")
    _complain(summary)


def _complain(summary: Summary) -> int:
    for name, reason in summary.failed.items():
        print(f"  {name}: failed: {reason}", file=sys.stderr)
    return PROBLEMS if summary.failed else FINE
