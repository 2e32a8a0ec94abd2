"""The page of the benchmarks: docs/benchmarks.md, and the same in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from harness.figures import GROWTH, PROCESS, WARM, Figure, Findings, digits, shown
from xlrotation.languages import po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = Path(__file__).parents[1] / "zh.po"
PAGES = {"en": ROOT / "docs" / "benchmarks.md", "zh": ROOT / "docs" / "zh" / "benchmarks.md"}

TITLE = "Benchmarks"
INTRODUCTION = (
    "What `make bench` found: the scripts of `benchmarks/`, each run on its own. The page is written by it, and the "
    "README takes its figures from it.",
    "All times are processor time of one run, the sides in turn, the median of some repeats, unless a note says "
    "otherwise. A ratio says how many times as long the other takes for the same, so more is better for this library. "
    "On another computer the times differ; the ratios differ less. Other work on the computer makes the times "
    "longer, up to twice where it shares the cores, so a goal in seconds may be missed by that alone; this page was "
    "made with nothing beside it.",
)
SECTIONS = {
    WARM: (
        "Warm",
        "Within a process that is open, after the first time: what a cell costs while somebody works.",
    ),
    PROCESS: (
        "Whole processes",
        "From the start of a process to its end: start of Python, imports and reading of the data included.",
    ),
    GROWTH: (
        "Growth",
        "By which power of the size the time grows: 1 means as the size does, 2 as its square. The goal is 1.1, but "
        "where what is asked for grows as the square itself, which is said.",
    ),
}
COLUMNS = {
    WARM: ("what", "xlrotation", "others", "goal", "note"),
    PROCESS: ("what", "xlrotation", "others", "goal", "note"),
    GROWTH: ("what", "exponent", "goal", "measured"),
}
MACHINE = {"processor": "Processor", "cores": "Cores", "memory": "Memory", "system": "System"}
VERSIONS, MEASURED = "Versions", "Measured"
COLON, COMMA, RATIO = ": ", ", ", "{} ({})"
TIMES, AT_MOST, AT_LEAST = "{} times", "at most {}", "at least {} times"
NO_SLOWER = "at most {} times as long as the others"
MET, MISSED, BY_DEFINITION = "met", "**missed**", "none: the square by definition"
TEXTS = [
    *(TITLE, *INTRODUCTION, *(text for pair in SECTIONS.values() for text in pair)),
    *dict.fromkeys(name for columns in COLUMNS.values() for name in columns),
    *(*MACHINE.values(), VERSIONS, MEASURED, TIMES, AT_MOST, AT_LEAST, NO_SLOWER, MET, MISSED, BY_DEFINITION),
]
"""Every text of the page but those of the figures; each has its translation."""

Said = Callable[[str], str]


def translations() -> dict[str, str]:
    """What the page says in Chinese, by the English."""
    return {
        entry.text: entry.translation
        for entry in po.read(TRANSLATIONS.read_text("utf-8"))
        if entry.text and entry.translation
    }


def pages(findings: Findings) -> dict[Path, str]:
    """The pages by their paths."""
    chinese = translations()
    said: dict[str, Said] = {"en": lambda text: text, "zh": lambda text: chinese.get(text, text)}
    return {path: page(findings, said[lang]) for lang, path in PAGES.items()}


def page(findings: Findings, said: Said) -> str:
    """The page in the language that *said* speaks."""
    lines = [f"# {said(TITLE)}", ""]
    for text in INTRODUCTION:
        lines += [said(text), ""]
    for key, name in MACHINE.items():
        lines.append(f"- {said(name)}{said(COLON)}{findings.machine[key]}")
    lines.append(
        f"- {said(VERSIONS)}{said(COLON)}{', '.join(f'{name} {which}' for name, which in findings.versions.items())}"
    )
    days = sorted(set(findings.scripts.values()))
    lines.append(f"- {said(MEASURED)}{said(COLON)}{' … '.join(dict.fromkeys((days[0], days[-1])))}")
    for kind, (title, text) in SECTIONS.items():
        of_kind = [figure for figure in findings.figures if figure.kind == kind]
        if not of_kind:
            continue
        lines += ["", f"## {said(title)}", "", said(text)]
        for script in dict.fromkeys(figure.script for figure in of_kind):
            rows = [_row(figure, said) for figure in of_kind if figure.script == script]
            lines += ["", f"### `{script}.py`", "", *_table([said(name) for name in COLUMNS[kind]], rows)]
    return "\n".join(lines) + "\n"


def _row(figure: Figure, said: Said) -> list[str]:
    ours = shown(figure.ours, figure.unit)
    if figure.kind == GROWTH:
        goal = BY_DEFINITION if figure.at_most is None else ""
        return [said(figure.what), ours, said(goal) if goal else _goal(figure, said), said(figure.note)]
    others = said(COMMA).join(
        said(RATIO).format(f"{name} {shown(other, figure.unit)}", said(TIMES).format(digits(ratio)))
        for (name, other), ratio in zip(figure.against.items(), figure.ratios().values(), strict=True)
    )
    return [said(figure.what), ours, others, _goal(figure, said), said(figure.note)]


def _goal(figure: Figure, said: Said) -> str:
    if figure.met is None:
        return ""
    goals = []
    if figure.at_most is not None:
        limit = shown(figure.at_most, figure.unit)
        goals.append(said(AT_MOST).format(limit))
    if figure.times is not None:
        slower = figure.times < 1
        goals.append(
            said(NO_SLOWER if slower else AT_LEAST).format(f"{1 / figure.times if slower else figure.times:g}")
        )
    return f"{said(COMMA).join(goals)}{said(COLON)}{said(MET if figure.met else MISSED)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table without the columns that are empty all the way down."""
    held = list(rows)
    used = [place for place in range(len(heads)) if any(row[place] for row in held)]
    yield f"| {' | '.join(heads[place] for place in used)} |"
    yield f"| {' | '.join('---' for _ in used)} |"
    for row in held:
        yield f"| {' | '.join(row[place].replace('|', chr(92) + '|') for place in used)} |"
