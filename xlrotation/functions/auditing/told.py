"""An audit in words: the rows of its table, how a figure is read, what the whole came to."""

from __future__ import annotations

import datetime as dt

from xlrotation.functions.auditing.audit import Audit
from xlrotation.functions.auditing.figures import Figure
from xlrotation.functions.auditing.reading import Reading
from xlrotation.functions.auditing.verdicts import Judged, Verdict
from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.words import word
from xlrotation.languages import Text, remarks
from xlrotation.market.symbols import display_name

HEADS = ("id", "figure", "reading", "published", "computed", "difference", "verdict", "convention", "formula", "note")
"""Keys of the table's heads."""

KINDS: dict[str, Text] = {
    "name": Text("a name", "what a number is"),
    "date": Text("a date", "what a number is"),
    "parameter": Text("a length", "what a number is"),
    "threshold": Text("a threshold", "what a number is"),
    "target": Text("a target", "what a number is"),
    "forecast": Text("a forecast", "what a number is"),
    "list number": Text("the number of a list", "what a number is"),
    "page": Text("a page", "what a number is"),
    "ticker": Text("a ticker", "what a number is"),
    "other": Text("no market measure", "what a number is"),
}
"""What numbers are that are no measurement."""

MEASURES: dict[str, Text] = {
    "return": Text("return"),
    "mean return": Text("mean return of the members"),
    "high return": Text("return to the day's high"),
    "low return": Text("return to the day's low"),
    "total return": Text("return with dividends"),
    "level": Text("level"),
    "volatility level": Text("level"),
    "start level": Text("level at the start"),
    "open": Text("open"),
    "high": Text("high"),
    "highest": Text("highest close"),
    "low": Text("low"),
    "change": Text("change in points"),
    "average": Text("average of {n} sessions"),
    "against average": Text("against the average of {n} sessions"),
    "drawdown": Text("below the highest close"),
    "spread": Text("difference of returns"),
    "sector spread": Text("best minus worst sector"),
    "range": Text("best minus worst member"),
    "equal weight": Text("equal weight minus cap weight"),
    "realised": Text("realised volatility"),
    "realised spread": Text("difference of realised volatilities"),
    "streak": Text("sessions ahead in a row"),
    "streak since": Text("longest run since"),
    "volatility streak": Text("closes above {n} in a row"),
    "own streak": Text("gains or losses in a row"),
    "since": Text("highest or lowest since"),
    "return since": Text("largest move since"),
    "records": Text("record closes"),
    "above average": Text("share of members above the average of {n} sessions"),
    "outperform": Text("share of members ahead of the index"),
    "weight": Text("weight of the {n} largest"),
    "advancers": Text("members that rose"),
    "share advancing": Text("share of members that rose"),
    "new highs": Text("new highs"),
    "new lows": Text("new lows"),
    "share of new highs": Text("share of members at a new high"),
    "sectors up": Text("sectors that rose"),
    "sectors down": Text("sectors that fell"),
    "hit rate": Text("share of sessions ahead"),
    "hits": Text("sessions ahead"),
    "percentile": Text("percentile"),
    "rank": Text("place in the range"),
    "distance": Text("distance to {n}"),
    "value change": Text("change of market value"),
    "market value": Text("market value"),
    "rate": Text("rate"),
    "members up": Text("members that rose or fell"),
    "flow": Text("flow"),
}
"""What measures are called."""

_READ = Text("{subject}: {measure}{window}, {day}")
_FROM_OPEN = Text("{reading}, from the open")
_SINCE = Text(" since {day}")
_TRIED = Text("{n} conventions tried; by chance one fits in {chance:n} of 100 cases")
_NOT_READ = Text("not read")
_SUMMARY = Text("{measured} figures measured, {other} numbers that are no measurement.")
_NO_DATE = Text("The text gives no date, and none was named: nothing was compared.")
_SHIFTED = Text("The figures are those of the session before the report's date.")
_CUT = Text("The text is longer than what is read of it.")


def figure_text(found: Audit, one: Judged) -> str:
    """A figure as printed."""
    return found.text[one.bound.figure.start : one.bound.figure.end].strip()


def reading_text(reading: Reading | None, lang: str) -> str:
    """How a figure is read, in words."""
    if reading is None:
        return ""
    subject = " / ".join(display_name(part, lang) for part in _parts(reading))
    measure = MEASURES.get(reading.what, KINDS["other"]).of(n=f"{reading.n:g}")
    since = (
        _SINCE.of(day=str(reading.since))
        if reading.since and reading.what in ("return", "mean return", "spread", "change")
        else None
    )
    window: object = since if since else f" {reading.window}" if reading.window else ""
    told = _READ.of(subject=subject, measure=measure, window=window, day=str(reading.asof or "?"))
    return (_FROM_OPEN.of(reading=told) if reading.anchor else told).into(lang)


def _parts(reading: Reading) -> tuple[str, ...]:
    text = reading.subject
    if "/" in text or text.count("-") > text.startswith("BRK-"):
        return reading.subject_pair
    return tuple(text.split("+"))


def note_text(one: Judged, lang: str) -> str:
    """What there is to say of a verdict."""
    parts = list(one.notes)
    figure = one.bound.figure
    if figure.kind != "measurement":
        parts.append(KINDS.get(figure.kind, KINDS["other"]))
    if one.tried and one.verdict in (Verdict.CONVENTION, Verdict.AMBIGUOUS, Verdict.DIFFERS):
        parts.append(_TRIED.of(n=one.tried, chance=100 * one.chance))
    return remarks(parts).into(lang)


def published(figure: Figure) -> Cell:
    """The printed value as a cell: a number in the printed unit, or a range as text."""
    if figure.value != figure.value:
        return ""
    if figure.relation == "range":
        return f"{figure.value:g}-{figure.high:g}"
    return figure.value


def computed(one: Judged) -> Cell:
    """The computed value as a cell."""
    value = one.computed
    return value if isinstance(value, dt.date) else "" if value is None else float(f"{value:.10g}")


def rows(found: Audit, lang: str) -> list[list[Cell]]:
    """The rows of the table, one for each measurement."""
    table: list[list[Cell]] = []
    for place, one in enumerate(found.measured, 1):
        difference = one.difference
        table.append(
            [
                *(place, figure_text(found, one), reading_text(one.reading, lang) or _NOT_READ.into(lang)),
                *(
                    published(one.bound.figure),
                    computed(one),
                    "" if difference is None else float(f"{difference:.10g}"),
                ),
                *(word(one.verdict, lang), one.convention.into(lang) if one.convention else ""),
                *(one.formula.removeprefix("="), note_text(one, lang)),
            ]
        )
    return table


def formulas(found: Audit) -> list[str]:
    """The formulas of the figures that have one, in order."""
    return [one.reading.formula for one in found.measured if one.reading and one.reading.formula]


def summary(found: Audit, lang: str) -> list[str]:
    """What the audit came to, in sentences."""
    measured = found.measured
    lines = [_SUMMARY.of(measured=len(measured), other=len(found.judged) - len(measured)).into(lang)]
    lines.append(
        remarks(f"{word(verdict, lang)} {count}" for verdict, count in found.counts.items() if count).into(lang)
    )
    for holds, text in ((found.date is None, _NO_DATE), (found.shifted, _SHIFTED), (found.cut, _CUT)):
        if holds:
            lines.append(text.into(lang))
    return [line for line in lines if line]


def as_dict(found: Audit, lang: str) -> dict[str, object]:
    """The audit as plain data, for programs."""
    return {
        "date": str(found.date) if found.date else None,
        "summary": summary(found, lang),
        "counts": {str(verdict): count for verdict, count in found.counts.items()},
        "figures": [_figure(found, one, lang) for one in found.judged],
        "arithmetic": [
            {
                "kind": check.kind,
                "formula": check.formula,
                "published": check.published,
                "computed": check.computed,
                "agrees": check.agrees,
                "start": check.start,
                "end": check.end,
            }
            for check in found.checks
        ],
    }


def figures(found: Audit, lang: str) -> list[dict[str, object]]:
    """The measurements as plain data, in their order; their numbers are those of the table."""
    return [_figure(found, one, lang) for one in found.measured]


def _figure(found: Audit, one: Judged, lang: str) -> dict[str, object]:
    figure, reading = one.bound.figure, one.reading
    value = None if figure.value != figure.value else figure.value
    return {
        "start": figure.start,
        "end": figure.end,
        "span": figure_text(found, one),
        "kind": figure.kind,
        "value": value,
        "high": figure.high if figure.relation == "range" else None,
        "unit": figure.unit,
        "relation": figure.relation,
        "subject": reading.subject if reading else "",
        "measure": reading.measure if reading else "",
        "window": reading.said_window if reading else "",
        "asof": str(reading.asof) if reading and reading.asof else "",
        "reading": reading_text(reading, lang),
        "readings": [other.formula for other in one.bound.readings if other.formula],
        "formula": reading.formula if reading else "",
        "computed": str(one.computed) if isinstance(one.computed, dt.date) else one.computed,
        "difference": one.difference,
        "verdict": str(one.verdict),
        "convention": one.convention.into(lang) if one.convention else "",
        "convention_formula": one.formula if one.convention else "",
        "tried": one.tried,
        "chance": one.chance,
        "note": note_text(one, lang),
        "reason": figure.reason,
    }
