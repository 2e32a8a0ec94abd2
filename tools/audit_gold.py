"""How well the audit of any report reads: its figures against a gold standard, by language and by measure.

    python tools/audit_gold.py FOLDER --source folder:DATA [--write]

FOLDER holds texts and ``gold.csv``: a row per number with file, lang, start, span, kind, subject, measure, window,
asof, formula, verdict. ``--write`` puts the tables into docs/audit.md, between its marks.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from xlrotation.errors import RotationError
from xlrotation.functions.auditing.audit import Audit, audit
from xlrotation.functions.auditing.verdicts import Judged, Verdict
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.session import Session

PAGE = Path(__file__).parents[1] / "docs" / "audit.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
Row = dict[str, str]


def same(found: Judged, row: Row, session: Session) -> bool:
    """Whether a figure is bound as the gold standard says: by its formula, its fields or its value."""
    for reading in found.bound.readings if found.reading is None else (found.reading,):
        if reading.formula == row["formula"]:
            return True
        fields = (reading.subject, reading.measure, reading.said_window, str(reading.asof))
        if fields == (row["subject"], row["measure"], row["window"], row["asof"]):
            return True
        try:
            mine, theirs = evaluate(reading.formula, session), evaluate(row["formula"], session)
        except RotationError:
            continue
        if isinstance(mine, float) and isinstance(theirs, int | float):
            return abs(abs(mine) - abs(theirs)) <= 1e-6 * max(1.0, abs(theirs))
    return False


def strictly(found: Judged, row: Row, session: Session) -> bool:
    """Whether the first reading is the one of the gold standard in all four parts, and the figure has its sign."""
    if not found.bound.readings:
        return False
    reading, figure = found.bound.readings[0], found.bound.figure
    if not _signs_agree(figure.value, row["value"], found):
        return False
    if reading.formula == row["formula"]:
        return True
    if str(reading.asof) != row["asof"]:
        return False
    try:
        mine, theirs = evaluate(reading.formula, session), evaluate(row["formula"], session)
    except RotationError:
        return False
    return (
        isinstance(mine, float)
        and isinstance(theirs, int | float)
        and abs(mine - theirs) <= 1e-9 * max(1.0, abs(theirs))
    )


def _signs_agree(value: float, told: str, found: Judged) -> bool:
    try:
        gold = float(told)
    except ValueError:
        return True
    return not found.bound.signs or not value * gold < 0


def count(found: Audit, rows: Sequence[Row], session: Session, counts: dict[tuple[str, str], Counter[str]]) -> None:
    """Add one text's figures to the counts, by language and measure."""
    seen: set[int] = set()
    for row in rows:
        start, end = int(row["start"]), int(row["start"]) + len(row["span"])
        hits = [one for one in found.judged if one.bound.figure.start < end and one.bound.figure.end > start]
        measured = [one for one in hits if one.bound.figure.kind == "measurement"]
        seen.update(id(one) for one in hits)
        key = (row["lang"], row["measure"] or "none")
        if row["kind"] != "measurement":
            counts[key]["numbers"] += 1
            counts[key]["mistaken"] += bool(measured) and len(measured) == len(hits)
        elif row["formula"]:
            bound = bool(measured) and any(same(one, row, session) for one in measured if one.bound.readings)
            counts[key]["figures"] += 1
            counts[key]["found"] += bool(measured)
            counts[key]["bound"] += bound
            counts[key]["strict"] += any(strictly(one, row, session) for one in measured)
            counts[key]["differs"] += any(one.verdict is Verdict.DIFFERS for one in measured)
            counts[key]["falsely"] += not bound and any(one.verdict is Verdict.DIFFERS for one in measured)
            counts[key]["verdict"] += any(str(one.verdict) == row["verdict"] for one in measured)
    extra = [one for one in found.measured if id(one) not in seen]
    counts[rows[0]["lang"], "none"]["extra"] += len(extra)


def share(part: int, whole: int) -> str:
    """A share in per cent."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def table(counts: dict[tuple[str, str], Counter[str]]) -> list[str]:
    """The tables in Markdown."""
    lines = [
        "| language | figures | found | bound | strictly bound | verdict as told | said to differ | of these misread |"
    ]
    lines.append("| --- | --- | --- | --- | --- | --- | --- | --- |")
    groups: list[tuple[str, list[Counter[str]]]] = [
        (lang, [one for key, one in counts.items() if key[0] == lang]) for lang in sorted({key[0] for key in counts})
    ]
    groups.append(("all", list(counts.values())))
    for name, group in groups:
        lines.append(_line(name, sum(group, Counter())))
    lines += ["", lines[0].replace("language", "measure"), lines[1]]
    for measure in sorted({key[1] for key in counts} - {"none"}):
        lines.append(_line(measure, sum((one for key, one in counts.items() if key[1] == measure), Counter())))
    lines += [
        "",
        "| language | numbers that are no measurement | taken for one | precision of what is taken for a figure |",
    ]
    lines.append("| --- | --- | --- | --- |")
    for name, group in groups:
        total = sum(group, Counter())
        right = total["found"]
        wrong = total["mistaken"] + total["extra"]
        mistaken = share(total["mistaken"], total["numbers"])
        lines.append(f"| {name} | {total['numbers']} | {mistaken} | {share(right, right + wrong)} |")
    return lines


def _line(name: str, one: Counter[str]) -> str:
    n = one["figures"]
    cells = (share(one["found"], n), share(one["bound"], n), share(one["strict"], n), share(one["verdict"], n))
    return f"| {name} | {n} | {' | '.join(cells)} | {one['differs']} | {one['falsely']} |"


def write_between(begin: str, end: str, lines: Sequence[str]) -> None:
    """Put lines into docs/audit.md, between two marks."""
    page = PAGE.read_text("utf-8")
    inside = f"{begin}\n" + "\n".join(lines) + f"\n{end}"
    PAGE.write_text(re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: inside, page, flags=re.DOTALL), "utf-8")


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", default="sample")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    session = Session(options.source, "en", None).pinned()
    session.market()
    by_file: dict[str, list[Row]] = defaultdict(list)
    with (options.folder / "gold.csv").open(encoding="utf-8", newline="") as gold:
        for row in csv.DictReader(gold):
            by_file[row["file"]].append(row)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, rows in by_file.items():
        text = (options.folder / name).read_text("utf-8")
        count(audit(text, session), rows, session, counts)
    lines = table(counts)
    print("\n".join(lines))
    if options.write:
        write_between(BEGIN, END, lines)


if __name__ == "__main__":
    main()
