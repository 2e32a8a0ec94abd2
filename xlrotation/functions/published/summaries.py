"""The summary of a report: its key sentences, written from the numbers that the data give."""

from __future__ import annotations

import datetime as dt
import string

from xlrotation.errors import CellError
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.session import Session
from xlrotation.functions.published.reports import Report
from xlrotation.market.sources import Pinned

_NOTICE = "示例数据:经过已公布数字的合成路径,并非市场数据。"


def write(report: Report, session: Session, lang: str, asof: dt.date) -> list[str]:
    """The sentences of *report* as of *asof*, under a line that says so.

    Raises:
        RotationError: The data do not cover that date.
    """
    zh = lang == "zh"
    quiet = Session(Pinned.of(session.source), lang, asof)
    day = quiet.market().asof
    lines = [f"{report.title[zh]},截至{day}" if zh else f"{report.title[zh]}, as of {day}"]
    missing = []
    for sentence in report.sentences:
        values = [evaluate(formula, quiet) for formula in sentence.formulas]
        if any(value is None or isinstance(value, CellError | list) for value in values):
            missing.append(sentence.about[zh])
        else:
            lines.append(_Words().vformat(sentence.text[zh], values, {}))
    if missing:
        listed = ("、" if zh else ", ").join(missing)
        lines.append(f"缺少数据,未写:{listed}。" if zh else f"Left out for want of data: {listed}.")
    if quiet.panel.notice:
        notice = quiet.panel.notice
        lines.append(_NOTICE if zh else notice[:1].upper() + notice[1:])
    return lines


class _Words(string.Formatter):
    """Formats of numbers in sentences.

    ``%`` is a signed percentage; ``a`` is the size, ``pp`` hundred times the size, ``n`` the size as a whole number;
    ``?a|b`` chooses a where the number is not negative and b where it is; anything else is Python's.
    """

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec.startswith("?"):
            first, _, second = format_spec[1:].partition("|")
            return first if isinstance(value, int | float) and value >= 0 else second
        if isinstance(value, int | float):
            match format_spec:
                case "%":
                    return f"{value:+.2%}"
                case "a":
                    return f"{abs(value):.2f}"
                case "pp":
                    return f"{abs(value) * 100:.2f}"
                case "n":
                    return f"{abs(value):.0f}"
        return str(super().format_field(value, format_spec))
