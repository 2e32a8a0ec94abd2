"""An explanation as a table, and as plain data."""

from __future__ import annotations

import datetime as dt

from xlrotation.errors import CellError
from xlrotation.functions.boundary.cells import Cell, Range
from xlrotation.functions.boundary.failures import described
from xlrotation.functions.boundary.reasons import told_in
from xlrotation.functions.boundary.registry import UNITS, Spec, functions
from xlrotation.functions.boundary.words import word
from xlrotation.functions.explaining.data import Datum
from xlrotation.functions.explaining.explanation import Explanation
from xlrotation.functions.explaining.nativecalls import Called, NativeFormula
from xlrotation.hosts import JSON
from xlrotation.languages import Text
from xlrotation.languages.texts import Items

HEADS = ("item", "symbol", "field", "date", "value", "adjusted_value", "source", "note")

_TABLE = Text("a table of {rows} rows and {columns} columns")
_ALONE = Text("computed from these data alone, with others in the place of everything else: the same")
_EACH = Text("each of them matters, by itself or with its neighbours")
_READ = Text("all that was read is listed; some of it may not matter")
_NOT_ALONE = Text("computed from these data alone it is another: what is listed does not explain it")
_NO_DATA = Text("no data went in: it follows from the arguments alone")
_AGREES = Text("gives the same")
_DIFFERS = Text("gives another value: one of the two is wrong")
_NONE = Text("there is no native formula: {why}")
_MORE = Text("the first {count} cells on the way; more lie behind them")
_ERROR = Text("it has no value; listed is what was read")


def in_words(explanation: Explanation, lang: str) -> str:
    """What the check of the data came to."""
    if not explanation.alone:
        return _NOT_ALONE.into(lang)
    if isinstance(explanation.value, CellError):
        return _ERROR.into(lang)
    if not explanation.data:
        return _NO_DATA.into(lang)
    second = _EACH if explanation.each else _READ
    return f"{_ALONE.into(lang)}; {second.into(lang)}"


def native_in_words(native: NativeFormula, lang: str) -> str:
    """What a native formula came to."""
    if not native.text:
        why = native.lacking
        return _NONE.into(lang, why=why.into(lang) if isinstance(why, Text) else told_in(why, lang))
    return (_AGREES if native.agrees else _DIFFERS).into(lang)


def more_cells(count: int, lang: str) -> str:
    """Said where not all cells on the way are told."""
    return _MORE.into(lang, count=str(count))


def note_of(datum: Datum, lang: str) -> str:
    """What is to be said of a datum."""
    return datum.note.into(lang) if isinstance(datum.note, Text | Items) else str(datum.note)


def rows(explanation: Explanation, lang: str) -> list[list[object]]:
    """The explanation, a row for each thing that is to be said; columns as :data:`HEADS`."""
    formula = ["formula", "", "", explanation.asof, _one(explanation.value, lang), "", explanation.source]
    found: list[list[object]] = [[*formula, _cut(explanation.formula)]]
    for called in explanation.calls:
        spec = functions().get(called.name)
        if spec is not None:
            value = _one(called.result, lang)
            found.append(["call", called.name, "", "", value, "", "", _cut(f"({described(called.arguments)})")])
    specs = (functions().get(name) for name in dict.fromkeys(called.name for called in explanation.calls))
    found += [
        ["convention", spec.name, "", "", "", "", spec.source, _cut(convention(spec, lang))] for spec in specs if spec
    ]
    for datum in explanation.data:
        day = datum.day or ""
        value = "" if datum.value is None else datum.value
        adjusted = "" if datum.adjusted is None else datum.adjusted
        found.append(["datum", datum.symbol, datum.field, day, value, adjusted, datum.source, note_of(datum, lang)])
    found += [["remark", "", "", "", "", "", "", remark] for remark in explanation.remarks]
    found += [["reason", "", "", "", "", "", "", reason] for reason in explanation.reasons]
    found.append(["check", "", "", "", explanation.alone, "", "", in_words(explanation, lang)])
    for called, native in zip(explanation.calls, explanation.natives, strict=True):
        if explanation.native.text and len(explanation.calls) == 1:
            continue  # the whole says it
        value = _one(native.value, lang) if native.text else ""
        found.append(["native", called.name, "", "", value, "", native_in_words(native, lang), native.text])
    native = explanation.native
    if native.text or not explanation.calls:
        found.append(["native", "", "", "", native.value, "", native_in_words(native, lang), native.text])
    if explanation.notice:
        found.append(["notice", "", "", "", "", "", "", told_in(explanation.notice, lang)])
    return [[word(str(row[0]), lang), *row[1:]] for row in found]


def plain(value: Cell | Range) -> object:
    """A value for JSON; an error is its name."""
    return JSON.write(value)


_LONG = 2000


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else text[:_LONG] + "..."


def convention(spec: Spec, lang: str) -> str:
    """What a function computes, as its help says it, with the unit."""
    unit = UNITS[spec.unit][0].into(lang)
    return " ".join(filter(None, (spec.gives(lang), f"[{unit}]", spec.description.replace("\n\n", " "))))


def _one(value: Cell | Range, lang: str) -> Cell:
    if isinstance(value, list):
        return _TABLE.into(lang, rows=str(len(value)), columns=str(len(value[0]) if value else 0))
    return value


def as_dict(explanation: Explanation, lang: str) -> dict[str, object]:
    """The explanation as plain data, for programs."""
    return {
        "formula": explanation.formula,
        "asof": _day(explanation.asof),
        "value": plain(explanation.value),
        "source": explanation.source,
        "state": explanation.state,
        "notice": told_in(explanation.notice, lang),
        "calls": [
            _call(called, lang) | {"native": _native(native, lang)}
            for called, native in zip(explanation.calls, explanation.natives, strict=True)
        ],
        "data": [
            {
                "field": datum.field,
                "symbol": datum.symbol,
                "date": _day(datum.day),
                "value": datum.value,
                "adjusted": datum.adjusted,
                "source": datum.source,
                "note": note_of(datum, lang),
                "count": datum.count,
            }
            for datum in explanation.data
        ],
        "left_off": explanation.left_off,
        "remarks": explanation.remarks,
        "reasons": explanation.reasons,
        "same_from_these_data_alone": explanation.alone,
        "each_matters": explanation.each,
        "check": in_words(explanation, lang),
        "native": _native(explanation.native, lang),
    }


def _native(native: NativeFormula, lang: str) -> dict[str, object]:
    return {
        "formula": native.text,
        "value": plain(native.value),
        "same": native.agrees if native.text else None,
        "told": native_in_words(native, lang),
    }


def _call(called: Called, lang: str) -> dict[str, object]:
    spec = functions().get(called.name)
    return {
        "function": called.name,
        "arguments": described(called.arguments),
        "value": plain(_one(called.result, lang)),
        "convention": "" if spec is None else convention(spec, lang),
        "source": "" if spec is None else spec.source,
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
