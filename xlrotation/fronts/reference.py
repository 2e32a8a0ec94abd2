"""Generate the reference in every language: every function with its arguments and an example on the sample data."""

from __future__ import annotations

import datetime as dt

from xlrotation.functions.boundary.cells import Cell
from xlrotation.functions.boundary.registry import FAMILIES, UNITS, Parameter, Spec, functions
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import ENGLISH, Text, known
from xlrotation.workbook.evaluation.evaluate import evaluate_formula

_ROWS_SHOWN = 4
_CHANGING = ("XLR_ERRORS", "XLR_VERSION")
_HEAD = Text(
    """# Function reference

Generated from the registry by `python -m xlrotation.fronts.build`; do not edit. The results shown are those of the
**sample data**, which are synthetic paths through published figures and not market data.

An argument may be left out unless it says *required*. `asof` is the date that the answer is known at; a blank means the
newest session in the data. A range given where one value is expected fills a range of the same shape.
"""
)
_FAMILY = Text("## {family}: {title}")
_COLUMNS = Text("| argument | takes | meaning |")
_REQUIRED = Text("*required*")
_GIVES = Text("Gives: {unit}.")


def render() -> str:
    """The text of the English page; what each function gives is told in the other languages too."""
    session = Session("sample", lang=ENGLISH)
    parts = [str(_HEAD)]
    for family, title in FAMILIES.items():
        specs = [spec for spec in functions().values() if spec.family == family]
        if specs:
            others = ", ".join(title.into(lang) for lang in known() if lang != ENGLISH)
            parts.append(f"{_FAMILY.into(ENGLISH, family=family, title=title)} ({others})\n")
            parts += [_function(spec, session) for spec in specs]
    return "\n".join(parts)


def render_in(lang: str) -> str:
    """The text of the page in a language; the definitions at length stand on the English one."""
    session = Session("sample", lang=lang)
    parts = [_HEAD.into(lang)]
    for family, title in FAMILIES.items():
        parts.append(_FAMILY.into(lang, family=family, title=title) + "\n")
        parts += [_function_in(lang, spec, session) for spec in functions().values() if spec.family == family]
    return "\n".join(parts)


def _function_in(lang: str, spec: Spec, session: Session) -> str:
    lines = [f"### {spec.name}", "", f"`{spec.signature}`", "", spec.gives(lang), ""]
    if spec.parameters:
        lines += [_COLUMNS.into(lang), "| --- | --- | --- |"]
        for parameter in spec.parameters:
            choices = ", ".join(f"`{choice}`" for choice in parameter.kind.choices)
            takes = " ".join(filter(None, (choices, _REQUIRED.into(lang) if parameter.required else "")))
            lines.append(f"| `{parameter.name}` | {takes} | {_cell(parameter.text.into(lang))} |")
        lines.append("")
    lines += [_GIVES.into(lang, unit=UNITS[spec.unit][0]), ""]
    return "\n".join([*lines, *_example(spec, session), ""])


def _function(spec: Spec, session: Session) -> str:
    gives = " ".join(spec.gives(lang) for lang in known())
    lines = [f"### {spec.name}", "", f"`{spec.signature}`", "", gives, ""]
    if spec.description:
        lines += [spec.description, ""]
    if spec.parameters:
        lines += [str(_COLUMNS), "| --- | --- | --- |"]
        lines += [f"| `{p.name}` | {_takes(p)} | {_cell(p.help)} |" for p in spec.parameters]
        lines.append("")
    lines += [f"{_GIVES.into(ENGLISH, unit=UNITS[spec.unit][0])} Source: {spec.source}.", ""]
    return "\n".join([*lines, *_example(spec, session), ""])


def _takes(parameter: Parameter) -> str:
    takes = ", ".join(f"`{choice}`" for choice in parameter.kind.choices) or parameter.kind.takes
    return f"{takes}, {_REQUIRED}" if parameter.required else takes


def _example(spec: Spec, session: Session) -> list[str]:
    lines = ["```text", spec.example]
    if spec.name not in _CHANGING:
        result = evaluate_formula(spec.example, session)
        if isinstance(result, list):
            lines += ["  ".join(_shown(cell) for cell in row) for row in result[:_ROWS_SHOWN]]
            if len(result) > _ROWS_SHOWN:
                lines.append(f"... ({len(result)} rows)")
        else:
            lines.append(_shown(result))
    return [*lines, "```"]


def _shown(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.6g}"
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10]
    return "" if cell is None else str(cell)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
