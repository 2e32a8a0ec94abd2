"""An audit as a page of HTML and as Markdown: the text with its figures marked and numbered, and the table."""

from __future__ import annotations

import html

from xlrotation.functions.auditing import told
from xlrotation.functions.auditing.audit import Audit
from xlrotation.functions.auditing.verdicts import Verdict
from xlrotation.functions.boundary.words import word
from xlrotation.languages import Text

TITLE = Text("Audit of a report")
NOT_UNDERSTOOD = Text("What was not understood")
ARITHMETIC = Text("Arithmetic inside the text")
_COLOURS = {
    Verdict.AGREES: "#d7efdc",
    Verdict.CONVENTION: "#d9e6f7",
    Verdict.DIFFERS: "#f7d2cf",
    Verdict.AMBIGUOUS: "#fbecc8",
    Verdict.NEEDS_DATA: "#e8e8ea",
    Verdict.NOT_CHECKABLE: "#f1f1f2",
}
_STYLE = (
    'body{font:15px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;max-width:68rem;margin:2rem auto;padding:0 1rem}'
    "mark{border-radius:3px;padding:0 2px}mark a{color:inherit;text-decoration:none}sup{font-size:.65em;color:#556}"
    "table{border-collapse:collapse;font-size:13px;width:100%}td.n{text-align:right;white-space:nowrap}"
    "th,td{border-bottom:1px solid #ddd;padding:4px 6px;text-align:left;vertical-align:top}"
    "code{font-size:12px}.text{white-space:pre-wrap;overflow-wrap:anywhere}"
)


def as_html(found: Audit, lang: str) -> str:
    """The page."""
    esc = html.escape
    head = "".join(f"<th>{esc(word(key, lang))}</th>" for key in told.HEADS)
    body = []
    for row, one in zip(told.rows(found, lang), found.measured, strict=True):
        cells = [
            f'<td class="n">{esc(_cell(cell))}</td>' if isinstance(cell, float) else f"<td>{esc(_cell(cell))}</td>"
            for cell in row
        ]
        cells[8] = f"<td><code>{esc(_cell(row[8]))}</code></td>"
        body.append(f'<tr id="f{row[0]}" style="background:{_COLOURS[one.verdict]}">{"".join(cells)}</tr>')
    title = esc(TITLE.into(lang))
    summary = "".join(f"<p>{esc(line)}</p>" for line in told.summary(found, lang))
    return (
        f'<!DOCTYPE html><html lang="{esc(lang)}"><head><meta'
        f' charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>'
        f'<body><h1>{title}</h1>{summary}<div class="text" dir="auto">{_marked(found, lang)}</div>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        f"{_lists(found, lang)}</body></html>\n"
    )


def _marked(found: Audit, lang: str) -> str:
    """The text with each measured figure marked, numbered and linked to its row."""
    parts, place = [], 0
    for number, one in enumerate(found.measured, 1):
        figure = one.bound.figure
        if figure.start < place:
            continue
        parts.append(html.escape(found.text[place : figure.start]))
        verdict = html.escape(word(one.verdict, lang))
        printed = html.escape(found.text[figure.start : figure.end])
        parts.append(
            f'<mark style="background:{_COLOURS[one.verdict]}" title="{verdict}"><a'
            f' href="#f{number}">{printed}</a></mark><sup>{number}</sup>'
        )
        place = figure.end
    parts.append(html.escape(found.text[place:]))
    return "".join(parts)


def not_understood(found: Audit) -> list[str]:
    """The figures that no reading was found for, with what stands around them."""
    lines = []
    for number, one in enumerate(found.measured, 1):
        if one.reading is None:
            figure = one.bound.figure
            around = found.text[max(0, figure.start - 30) : figure.end + 20].replace("\n", " ")
            lines.append(f"{number}: … {around} …")
    return lines


def _lists(found: Audit, lang: str) -> str:
    lines = ""
    if left := not_understood(found):
        items = "".join(f"<li>{html.escape(line)}</li>" for line in left)
        lines += f"<h2>{html.escape(NOT_UNDERSTOOD.into(lang))}</h2><ul>{items}</ul>"
    if found.checks:
        items = "".join(f"<li><code>{html.escape(line)}</code></li>" for line in arithmetic(found, lang))
        lines += f"<h2>{html.escape(ARITHMETIC.into(lang))}</h2><ul>{items}</ul>"
    return lines


def arithmetic(found: Audit, lang: str) -> list[str]:
    """The checks of arithmetic, a line each."""
    return [
        f"{one.formula} = {one.computed:.6g}; {one.published:g}: {word('agrees' if one.agrees else 'differs', lang)}"
        for one in found.checks
    ]


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def as_markdown(found: Audit, lang: str) -> str:
    """The audit as Markdown."""
    lines = [f"# {TITLE.into(lang)}", "", *told.summary(found, lang), ""]
    lines.append("| " + " | ".join(word(key, lang) for key in told.HEADS) + " |")
    lines.append("| " + " | ".join("---" for _ in told.HEADS) + " |")
    for row in told.rows(found, lang):
        cells = [_cell(cell).replace("|", "\\|").replace("\n", " ") for cell in row]
        cells[8] = f"`{cells[8]}`" if cells[8] else ""
        lines.append("| " + " | ".join(cells) + " |")
    for title, items in ((NOT_UNDERSTOOD, not_understood(found)), (ARITHMETIC, arithmetic(found, lang))):
        if items:
            lines += ["", f"## {title.into(lang)}", "", *(f"- {item}" for item in items)]
    return "\n".join(lines) + "\n"
