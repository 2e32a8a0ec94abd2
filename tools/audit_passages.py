"""How strictly the audit binds the figures of passages: subject, measure, window and session, and the sign, all right.

    python tools/audit_passages.py [FILE] [--misses]

FILE holds passages in the form of ``tests/functions/audit_passages.txt``: «printed|formula|sign» is a figure with the
formula that it means. Only the first reading counts, and nothing is computed: no data are needed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xlrotation.functions.auditing import binding
from xlrotation.functions.auditing.bound import Book, Bound
from xlrotation.functions.auditing.sessions import Sessions

PASSAGES = Path(__file__).parents[1] / "tests" / "functions" / "audit_passages.txt"
_FIGURE = re.compile(r"«([^|»]*)\|([^|»]*)(?:\|([+-]))?»")
_CLOSED = (
    "2024-09-02 2024-11-28 2024-12-25 2025-01-01 2025-01-09 2025-01-20 2025-02-17 2025-04-18 2025-05-26 2025-06-19 "
    "2025-07-04 2025-09-01 2025-11-27 2025-12-25 2026-01-01 2026-01-19 2026-02-16"
).split()
"""Days on which the New York Stock Exchange was closed, as it published them."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text with the figures that are known: first place, the place behind, formula, sign."""

    name: str
    lang: str
    date: str
    text: str
    figures: tuple[tuple[int, int, str, str], ...]


def passages(file: Path = PASSAGES) -> Iterator[Passage]:
    """The passages of a file."""
    for block in re.split(r"(?m)^## ", file.read_text("utf-8"))[1:]:
        head, _, body = block.partition("\n")
        name, lang, date = head.split()
        parts: list[str] = []
        figures = []
        length = place = 0
        body = body.strip()
        for match in _FIGURE.finditer(body):
            before = body[place : match.start()]
            parts += [before, match[1]]
            start = length + len(before)
            length = start + len(match[1])
            figures.append((start, length, match[2], match[3] or ""))
            place = match.end()
        parts.append(body[place:])
        yield Passage(name, lang, date, "".join(parts), tuple(figures))


def book() -> Book:
    """The sessions of the passages' years, and no names but those that every source has."""
    first = dt.date(2024, 1, 2)
    days = (first + dt.timedelta(place) for place in range(800))
    return Book.of({}, frozenset(), Sessions([day for day in days if day.weekday() < 5 and str(day) not in _CLOSED]))


def plain(formula: str) -> str:
    """A formula without what says the same otherwise."""
    return formula.removeprefix("=").replace("ROT_SECTOR_RET", "PX_RET")


def right(one: Bound, formula: str, sign: str) -> bool:
    """Whether the first reading is the formula, and the sign the one that is meant."""
    if not one.readings or plain(one.readings[0].formula) != formula:
        return False
    return not sign or not one.signs or one.figure.value == 0 or (one.figure.value < 0) == (sign == "-")


def count(file: Path = PASSAGES) -> tuple[dict[tuple[str, str], Counter[str]], list[str]]:
    """Figures, found and bound by language and by function; and what was missed."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    missed = []
    known = book()
    for one in passages(file):
        read = binding.read(one.text, known)
        for start, end, formula, sign in one.figures:
            hits = [hit for hit in read.bound if hit.figure.start < end and hit.figure.end > start]
            measured = [hit for hit in hits if hit.figure.kind == "measurement"]
            bound = any(right(hit, formula, sign) for hit in measured)
            for key in ((one.lang, ""), ("", formula.partition("(")[0])):
                counts.setdefault(key, Counter()).update(figures=1, found=bool(measured), bound=bound)
            if not bound:
                got = measured[0].readings[0].formula if measured and measured[0].readings else ""
                missed.append(f"{one.name}: {one.text[max(0, start - 30) : end + 12]!r}: {formula} <- {got}")
    return counts, missed


def table(counts: Mapping[tuple[str, str], Counter[str]]) -> list[str]:
    """The counts in Markdown."""
    lines = ["| of | figures | found | all four parts and the sign right |", "| --- | --- | --- | --- |"]
    total = sum((found for (lang, _), found in counts.items() if lang), Counter[str]())
    rows = [(lang or name, found) for (lang, name), found in sorted(counts.items())]
    for name, found in [*rows, ("all", total)]:
        n = found["figures"]
        lines.append(f"| {name} | {n} | {100 * found['found'] / n:.1f} % | {100 * found['bound'] / n:.1f} % |")
    return lines


def main() -> None:
    """Print the table, and what was missed where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=PASSAGES)
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    counts, missed = count(options.file)
    print("\n".join([*table(counts), *(missed if options.misses else [])]))


if __name__ == "__main__":
    main()
