"""The tools as an assistant sees them: names, what they do, what they take; and the check of what it gives.

Whatever is not declared is refused, not passed over: an assistant that names a source or a file would otherwise believe
that its answer is of that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xlrotation.errors import BadArgument

LONGEST_FORMULA = 8192
"""Characters, as of a cell."""

LONGEST_TEXT = 100_000
"""Characters of a report."""

MOST_READINGS = 100
MOST_FORMULAS = 50
MOST_LISTED = 500

INSTRUCTIONS = (
    "Worksheet functions for market rotation, dispersion, volatility, breadth, flows and macro stress, on one source "
    "of data that whoever started this server chose. A value is what a spreadsheet cell shows for the same formula, "
    "data and as-of date. Quote it with its asof, source and unit, and never fill a gap: gaps say why there is no "
    "value. Where a notice is given, repeat it. Find functions with search_functions; explain one before its first use."
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A tool."""

    name: str
    title: str
    description: str
    takes: Mapping[str, Mapping[str, Any]]
    required: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """What it takes, as JSON Schema."""
        return {
            "type": "object",
            "properties": {name: dict(item) for name, item in self.takes.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }


def _text(longest: int, description: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, "description": description}


def _count(least: int, most: int, default: int, description: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most, "default": default, "description": description}


_ASOF = _text(
    40,
    "As-of date such as 2026-01-16: nothing later is seen. Default: the newest session that the server shows. A date "
    "beyond the data is refused.",
)
_LANG = _text(40, "Language of words: en or zh. Default: the server's.")
_FORMULA = 'A formula as typed in a cell, such as =RS_STREAK("RUT","SPX"); it may use native functions, but no cells.'

_READING: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 1, "description": "Of the figure, as an audit of the text gave it."},
        "subject": _text(80, "A symbol, or symbols joined by - (difference), / (one against another) or + (list)."),
        "measure": _text(30, "Such as return, level, average, spread, drawdown, streak; a wrong one is told all."),
        "window": _text(20, "Such as 1D, 1W, 1M, YTD, 20D."),
        "asof": _text(40, "Session, such as 2026-01-16."),
        "since": _text(40, "First day, in place of a window."),
        "n": {"type": "number", "minimum": 0, "maximum": 1e9, "description": "Sessions of an average, or a level."},
        "side": _text(4, "HIGH, LOW or ABS."),
    },
    "required": ["number", "subject", "measure", "asof"],
    "additionalProperties": False,
}

TOOLS: Mapping[str, Declared] = {
    tool.name: tool
    for tool in (
        Declared(
            "search_functions",
            "Search functions",
            "Worksheet functions by words of their names and summaries, in English or Chinese; all of them without a "
            "query. The answer has signatures, summaries, units.",
            {
                "query": _text(200, "Words, such as: sector breadth"),
                "family": _text(10, "Only this family, such as ROT or VOL."),
                "limit": _count(1, 200, 20, "At most this many."),
                "lang": _LANG,
            },
        ),
        Declared(
            "evaluate",
            "Evaluate formulas",
            "Values of formulas, all on one state of the data. Each comes with its unit, the calls that it is made of, "
            "the as-of date and the definition of each, the reasons of gaps, and remarks.",
            {
                "formulas": {
                    "type": "array",
                    "items": {"type": "string", "maxLength": LONGEST_FORMULA},
                    "minItems": 1,
                    "maxItems": MOST_FORMULAS,
                    "description": _FORMULA,
                },
                "asof": _ASOF,
                "lang": _LANG,
            },
            ("formulas",),
        ),
        Declared(
            "explain",
            "Explain a function or a formula",
            "Of a function: its definition, arguments, unit, source of the definition, an example. Of a formula: the "
            "same of each call in it, with what each argument was given or defaulted to, its as-of date, its value, "
            "the reasons of gaps, and remarks. Give one of the two.",
            {
                "function": _text(60, "The name of a function, such as ROT_MECH_SCORE."),
                "formula": _text(LONGEST_FORMULA, _FORMULA),
                "asof": _ASOF,
                "lang": _LANG,
            },
        ),
        Declared(
            "list_data",
            "List the data",
            "What the data hold: dates, symbols with their names, universes, series, option chains, age, gaps and "
            "remarks.",
            {
                "query": _text(100, "Only symbols whose ticker or name has this text."),
                "offset": _count(0, 10_000_000, 0, "Leave out so many symbols at the beginning."),
                "limit": _count(1, MOST_LISTED, 100, "At most this many symbols."),
                "asof": _ASOF,
                "lang": _LANG,
            },
        ),
        Declared(
            "audit_report",
            "Audit a report",
            "The figures that a market report printed, against the data: computed, difference, verdict, and the "
            "convention that explains a difference. Of any report by its text: every figure with a number, and how the "
            "rules read it; for what they did not read, propose readings in a second call with the same text. A "
            "proposal is checked by the same rules and marked as one. Of a report that is followed by its name; "
            "without either: the reports that are followed.",
            {
                "report": _text(60, "A report that is followed, such as market_breadth."),
                "text": _text(LONGEST_TEXT, "The text of any report."),
                "date": _text(40, "Date of the report, such as 2026-01-16, where its text does not give it."),
                "first": _count(1, 1500, 1, "Number of the first figure to tell, where an answer was cut."),
                "readings": {
                    "type": "array",
                    "maxItems": MOST_READINGS,
                    "description": "Proposed readings of figures of the text.",
                    "items": _READING,
                },
                "lang": _LANG,
            },
        ),
    )
}
"""By name."""


def checked(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call, with defaults.

    Raises:
        BadArgument: There is no such tool, or it does not take them.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    tool = TOOLS.get(name)
    if tool is None:
        raise BadArgument(f"no tool {name[:60]!r}; there are {', '.join(TOOLS)}")
    if unknown := [key for key in given if key not in tool.takes]:
        told = ", ".join(repr(key[:40]) for key in unknown[:5])
        raise BadArgument(f"{name} does not take {told}; it takes {', '.join(tool.takes)}")
    if error := best_match(Draft202012Validator(tool.schema).iter_errors(dict(given))):
        place = ".".join(str(part) for part in error.absolute_path)
        raise BadArgument(f"{name}: {_fault(error.validator, error.validator_value, place)}")
    defaults = {key: item["default"] for key, item in tool.takes.items() if "default" in item}
    return defaults | dict(given)


def _fault(rule: str, bound: object, place: str) -> str:
    """What is wrong, without what was given: it may be of any length."""
    told = {
        "required": f"lacks {', '.join(bound) if isinstance(bound, list) else bound}",
        "type": f"{place} is to be of the type {bound}",
        "maxLength": f"{place} is longer than {bound} characters",
        "maxItems": f"{place} has more than {bound} entries",
        "minItems": f"{place} has less than {bound} entries",
        "minimum": f"{place} is less than {bound}",
        "maximum": f"{place} is more than {bound}",
    }
    return told.get(rule, f"{place} breaks the rule {rule}")
