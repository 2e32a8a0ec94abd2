"""The command ``nightly``: refresh the data, check them, do what a plan says, look at its watch rules, sum it up."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from xlrotation.commands.planning import add_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlrotation.batch.log import Log
    from xlrotation.batch.plan import Plan
    from xlrotation.market.refresh.report import RefreshReport


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_plan(parser, "text")
    parser.add_argument("--no-refresh", action="store_true", help="take the data as they are stored")
    parser.set_defaults(dry_run=False)


def run(options: argparse.Namespace) -> int:
    """Do it; returns the exit status."""
    from xlrotation.batch.command import run as work

    if options.json:
        options.summary = "json"
    return work(options, _nothing if options.no_refresh else _refresh)


def _nothing(_plan: Plan, _log: Log) -> tuple[list[str], dict[str, str]]:
    return [], {}


def _refresh(plan: Plan, log: Log) -> tuple[list[str], dict[str, str]]:
    """Refresh what the plan reads and can be fetched; what fails is told, and the jobs go on with what is stored."""
    from xlrotation.ending import to_be_told
    from xlrotation.functions.boundary.reasons import told_in
    from xlrotation.languages import language
    from xlrotation.market.refresh import extras
    from xlrotation.market.refresh import run as prices
    from xlrotation.market.sources import chosen

    sources = [job.source for job in plan.jobs] + [rule.source for rule in plan.settings.rules]
    work: dict[str, Callable[[], RefreshReport]] = {}
    if "yahoo" in map(chosen, sources):
        work["refresh yahoo"] = lambda: prices.refresh("yahoo")
        if plan.settings.options:
            work["refresh option chains"] = extras.refresh_options
        if plan.settings.macro:
            work["refresh series"] = extras.refresh_macro
    said: list[str] = []
    lang = language()
    failed: dict[str, str] = {}
    for what, piece in work.items():
        try:
            report = piece()
        except Exception as error:  # the jobs go on with what is stored
            failed[what] = to_be_told(error)
            log("refresh failed", what=what, reason=failed[what])
            continue
        if report.interrupted:
            raise KeyboardInterrupt
        log("refreshed", what=what, message=report.message, missing=report.missing, newest=report.newest)
        said.append(f"{what}: {told_in(report.message, lang)}")
        said += report.lines(lambda remark: told_in(remark, lang))
        if report.damage:
            failed[what] = "; ".join(report.damage)
        elif report.missing and not report.received and not report.complete:
            failed[what] = f"nothing came of {len(report.missing)} symbols"
    return said, failed
