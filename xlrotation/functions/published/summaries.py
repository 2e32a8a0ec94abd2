"""The key sentences of each report, written from the numbers that the data give."""

from __future__ import annotations

import datetime as dt

from xlrotation.errors import CellError
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.scope import Evaluator
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.published.reports import Report
from xlrotation.languages import Text, listed
from xlrotation.market.sources import Pinned

_HEAD = Text("{title}, as of {day}")
_LEFT_OUT = Text("Left out for want of data: {subjects}.")
_NOTICE = Text("{notice}", "as a sentence")


def write(report: Report, session: Evaluator, lang: str, asof: dt.date) -> list[str]:
    """The sentences of *report* as of *asof*, under a line that says so.

    Raises:
        RotationError: The data do not cover that date.
    """
    quiet = Session(Pinned.of(session.source), lang, asof)
    lines = [_HEAD.into(lang, title=report.title, day=quiet.market().asof)]
    missing = []
    for sentence in report.sentences:
        values = {name: evaluate(formula, quiet) for name, formula in sentence.formulas.items()}
        if any(value is None or isinstance(value, CellError | list) for value in values.values()):
            missing.append(sentence.about)
        elif not sentence.unless(values):
            lines.append(sentence.text.into(lang, **values))
    if missing:
        lines.append(_LEFT_OUT.into(lang, subjects=listed(missing)))
    if notice := quiet.panel.notice:
        told = Text(notice).into(lang)
        lines.append(_NOTICE.into(lang, notice=told[:1].upper() + told[1:]))
    return lines
