"""How well the audit of any report reads the texts of the five reports, against the list of their figures.

    python tools/audit_claims.py FOLDER [--source folder:DATA] [--misses] [--write]

FOLDER holds ``seeds`` with the texts and ``claims.csv`` that says of each figure what the text prints and where. What
each means is in ``xlrotation/functions/published/claims.csv``, row by row of each report. Every place where a figure
is printed counts. ``--write`` puts the tables into docs/audit.md, between its marks; ``--misses`` lists what was not
found or read otherwise.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit_gold import write_between

from xlrotation.errors import RotationError
from xlrotation.functions.auditing.audit import Audit, audit
from xlrotation.functions.auditing.prose import plain
from xlrotation.functions.auditing.reading import Reading
from xlrotation.functions.auditing.verdicts import Judged, Verdict
from xlrotation.functions.boundary.formula import evaluate
from xlrotation.functions.boundary.session import Session

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "xlrotation" / "functions" / "published" / "claims.csv"
BEGIN, END = "<!-- claims: begin -->", "<!-- claims: end -->"
Row = dict[str, str]
_NOT_PRINTED = re.compile(r"\((?:implied|not in doc|cross-document)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NEAR = dt.timedelta(7)
_RULE = re.compile(r"support|threshold|required|rule|forward return|EPS 2026E|EPS growth|terminal|horizon|test zone")
"""What the list computes for the argument's sake, but the text gives as a level to watch, a rule or a forecast."""

_UNITS = (
    ("%", r"\s?%"),
    ("pp", r"\s?(?:%|个?百分点)"),
    ("bp", r"\s?个?基点"),
    ("亿", r"\s?亿"),
    ("sessions", r"\s?(?:个?交易日|连|[日天])"),
    ("years", r"\s?年"),
    ("companies", r"\s?(?:家|起)"),
    ("count", r"\s?(?:个|家|只)"),
    ("x", r"\s?倍"),
    ("z-score", r"(?= (?:到|附近|区间))"),
)


@dataclass(frozen=True)
class Claim:
    """A figure of a report.

    Attributes:
        said: Its row in the list: as_of, metric, window, value, unit, text_zh.
        meant: Its row among the published figures: id, formula, expected, unit.
    """

    said: Row
    meant: Row

    @property
    def computable(self) -> bool:
        """Whether a formula computes it on data, and not from printed figures alone."""
        formula = self.meant["formula"]
        return '"' in formula and "VAL_" not in formula and not _RULE.search(self.said["metric"])

    @property
    def measured(self) -> bool:
        """Whether it is a measurement."""
        return self.meant["expected"] != "not checkable" and not _RULE.search(self.said["metric"])

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """What finds its number in the plain text."""
        value, unit = self.said["value"].strip(), self.said["unit"]
        if "two thirds" in unit:
            return re.compile("三分之二")
        if found := re.fullmatch(r"((?:19|20)\d\d)(?:-(\d\d))?(?:-(\d\d))?", value):
            year, month, day = found.groups()
            end = (rf"{int(month)}月" if month else "") + (rf"{int(day)}日" if day else "")
            return re.compile(rf"{year}年{end}")
        if found := re.fullmatch(r"([+-]?[\d.]+)(?:-| to )(-?[\d.]+)", value):
            return re.compile(
                rf"(?<![\d.]){re.escape(found[1].strip('-'))}%?\s?(?:-|至|到|~)\s?负?-?{found[2].strip('-')}(?![\d.])"
            )
        if re.fullmatch(r"[+-]?[\d.]+", value):
            behind = next((pattern for word, pattern in _UNITS if unit.startswith(word)), "")
            return re.compile(rf"(?<![\d.,])(?<!\d-){re.escape(value.strip('+-'))}(?!\d|\.\d|,\d){behind}")
        return None


def claims_of(folder: Path) -> dict[str, list[Claim]]:
    """The figures of each text, both lists side by side."""
    said: dict[str, list[Row]] = defaultdict(list)
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            said[row["doc"]].append(row)
    meant: dict[str, list[Row]] = defaultdict(list)
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            meant[row["id"].split("-")[0]].append(row)
    return {
        doc: [Claim(*pair) for pair in zip(rows, others, strict=True)]
        for (doc, rows), others in zip(sorted(said.items()), meant.values(), strict=True)
    }


def _pairs(text: str) -> set[str]:
    bare = re.sub(r"[\s,、,。()()*|]", "", plain(text))
    return {bare[k : k + 2] for k in range(len(bare) - 1)}


def places(text: str, claims: Sequence[Claim]) -> list[tuple[int, int, Claim]]:
    """Where the text prints each figure; a number that several share goes to the one whose words stand around."""
    found: dict[tuple[int, int], list[Claim]] = defaultdict(list)
    for one in claims:
        if (pattern := one.pattern) is not None and not _NOT_PRINTED.match(one.said["text_zh"]):
            for match in pattern.finditer(text):
                found[match.span()].append(one)
    kept = []
    for (start, end), some in found.items():
        if any(a <= start and end <= b and (a, b) != (start, end) for a, b in found):
            continue
        near, around = _pairs(text[max(0, start - 12) : end]), _pairs(text[max(0, start - 30) : end + 20])
        said = {id(one): _pairs(one.said["text_zh"]) for one in some}
        best = max(some, key=lambda one: (len(near & said[id(one)]), len(around & said[id(one)])))
        kept.append((start, end, best))
    return sorted(kept, key=lambda one: one[:2])


def _arguments(formula: str) -> tuple[frozenset[str], frozenset[str], set[dt.date]]:
    """The functions, symbols and windows, and days of a formula."""
    functions = frozenset(re.findall(r"[A-Z][A-Z0-9]*_[A-Z_0-9]+", formula))
    texts = re.findall(r'"([^"]*)"', formula) + re.findall(r",(\d+(?:\.\d+)?)(?=[,)])", formula)
    days = {dt.date.fromisoformat(one) for one in texts if _DAY.fullmatch(one)}
    return functions, frozenset(part for one in texts if not _DAY.fullmatch(one) for part in one.split()), days


_WINDOWS = re.compile(r"\d+[DWMY]|YTD|MTD|QTD")


def same(reading: Reading, claim: Claim, text: str, report: dt.date, session: Session) -> bool:
    """Whether a reading is what the list says: by formula, value, or parts.

    A day or a window that the text does not state is free.
    """
    mine, theirs = reading.formula, claim.meant["formula"]
    if not mine:
        return False
    if mine == theirs or _equal(mine, theirs, session):
        return True
    functions, texts, days = _arguments(mine)
    other_functions, other_texts, other_days = _arguments(theirs)
    if months := re.match(r"(\d+) months?\b", claim.said["window"]):
        span = frozenset((f"{months[1]}M",))
        texts, other_texts = texts - span, other_texts - span
    stated = "not stated" not in claim.said["window"] and "not stated" not in claim.meant["note"]
    if not stated:
        texts, other_texts = (
            frozenset(one for one in some if not _WINDOWS.fullmatch(one)) for some in (texts, other_texts)
        )
    if not functions <= _FAMILIES.get(min(other_functions, default=""), other_functions):
        return False
    if texts != other_texts and not (other_functions == {"PX_CLOSE"} and texts >= other_texts):
        return False
    return all(day in other_days or any(_free(day, other, text, report) for other in other_days) for day in days)


_FAMILIES = {
    "PX_CLOSE": frozenset(("PX_CLOSE", "PX_MKTCAP_CHANGE")),
    "PX_MA": frozenset(("PX_MA", "PX_CLOSE")),
}
"""Where the list computes by hand what a function gives at once."""


def _free(mine: dt.date, theirs: dt.date, text: str, report: dt.date) -> bool:
    """Whether the text leaves the day open and mine is one of those before its date."""
    printed = f"{theirs.month}月{theirs.day}日" in text
    return not printed and report - _NEAR <= mine <= report


def _equal(mine: str, theirs: str, session: Session) -> bool:
    try:
        one, two = evaluate(mine, session), evaluate(theirs, session)
    except RotationError:
        return False
    if isinstance(one, float) and isinstance(two, int | float):
        return abs(abs(one) - abs(two)) <= 1e-6 * max(1.0, abs(two))
    return False


def _measure(claim: Claim) -> str:
    """The kind of measure, for the table."""
    metric = claim.said["metric"]
    for word, name in _MEASURES:
        if re.search(word, metric):
            return name
    return "other"


_MEASURES = (
    ("average", "average"),
    ("best minus worst|relative", "spread"),
    ("return", "return"),
    ("flow|issuance", "flow"),
    ("consecutive", "streak"),
    ("longest|largest since", "record"),
    ("market-cap", "market value"),
    ("drawdown", "drawdown"),
    ("share of stocks", "share of members"),
    ("level|close|range|latest|base", "level"),
)


def count(
    text: str, found: Audit, claims: Sequence[Claim], session: Session, counts: dict[str, Counter[str]]
) -> Iterator[str]:
    """Add one text's figures to the counts, by measure; yield what was missed."""
    flat = plain(text)
    report = found.date or dt.date.fromisoformat(claims[1].meant["date"])
    seen: set[int] = set()
    for start, end, claim in places(flat, claims):
        hits = [one for one in found.judged if one.bound.figure.start < end and one.bound.figure.end > start]
        measured = [one for one in hits if one.bound.figure.kind == "measurement"]
        seen.update(id(one) for one in hits)
        key = _measure(claim)
        accused = any(one.verdict is Verdict.DIFFERS for one in measured)
        place = (
            f"{claim.meant['id']} {flat[max(0, start - 24) : end + 10]!r} "
            f"{claim.meant['formula'] or claim.meant['note']}"
        )
        if not claim.measured:
            counts["none"]["numbers"] += 1
            counts["none"]["mistaken"] += bool(measured)
            counts["none"]["falsely"] += accused
            if measured:
                yield f"mistaken {place} <- {_said(measured)}"
            continue
        if not claim.computable:
            counts[key]["others"] += 1
            counts[key]["falsely"] += accused
            if accused:
                yield f"accused  {place} <- {_said(measured)}"
            continue
        right = any(
            same(reading, claim, flat, report, session)
            for one in measured
            for reading in ((one.reading,) if one.reading else ())
        )
        wrong = int(accused and not right)
        counts[key].update(
            figures=1, found=bool(measured), bound=right, differs=int(accused), falsely=wrong, misread=wrong
        )
        if not right:
            yield f"{'bound   ' if measured else 'found   '} {place} <- {_said(measured or hits)}"
    for one in found.measured:
        if id(one) not in seen:
            counts["none"]["extra"] += 1
            counts["none"]["falsely"] += one.verdict is Verdict.DIFFERS
            yield (
                f"extra    {flat[max(0, one.bound.figure.start - 24) : one.bound.figure.end + 10]!r} <- {_said([one])}"
            )
    counts["none"]["asides"] += sum(one.bound.figure.kind != "measurement" for one in found.judged)


def _said(judged: Sequence[Judged]) -> str:
    return "; ".join(
        f"{one.verdict} {one.reading.formula or one.reading.what if one.reading else one.bound.figure.reason}"
        for one in judged
    )


def share(part: int, whole: int) -> str:
    """A share in per cent."""
    return f"{100 * part / whole:.1f} %" if whole else ""


def table(by_report: dict[str, dict[str, Counter[str]]]) -> list[str]:
    """The tables in Markdown."""
    lines = ["| report | figures | found | bound | said to differ | of these misread | of others said to differ |"]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for name, counts in by_report.items():
        lines.append(_line(name, sum(counts.values(), Counter())))
    everything = list(by_report.values())
    total: Counter[str] = sum((one for counts in everything for one in counts.values()), Counter())
    lines.append(_line("all", total))
    lines += ["", lines[0].replace("report", "measure"), lines[1]]
    for measure in sorted({key for counts in everything for key in counts} - {"none"}):
        lines.append(_line(measure, sum((counts[measure] for counts in everything if measure in counts), Counter())))
    asides = total["asides"] + total["mistaken"] + total["extra"]
    wrong = total["mistaken"] + total["extra"]
    lines += [
        "",
        f"Of {asides} numbers that are no measurement, {wrong} are taken for one ({share(wrong, asides)}).",
        f"Of all figures {share(total['falsely'], total['figures'] + total['others'])} are said to differ by a reading "
        "that is not the right one.",
    ]
    return lines


def _line(name: str, one: Counter[str]) -> str:
    n = one["figures"]
    mine = one["differs"]
    return (
        f"| {name} | {n} | {share(one['found'], n)} | {share(one['bound'], n)} | {mine} | {one['misread']} "
        f"| {one['falsely'] - one['misread']} |"
    )


def main() -> int:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--source", default="")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not (options.folder / "claims.csv").is_file() or not (options.folder / "seeds").is_dir():
        print(f"{options.folder} does not hold the reports' texts and the list of their figures: nothing was measured")
        return 2
    session = Session(options.source or f"folder:{options.folder / 'data'}", "en", None).pinned()
    session.market()
    by_report: dict[str, dict[str, Counter[str]]] = {}
    for doc, claims in claims_of(options.folder).items():
        text = (options.folder / "seeds" / doc).read_text("utf-8")
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        date = dt.date(2025, 11, 20) if claims[0].meant["report"] == "liquidity_crossroads" else None
        for miss in count(text, audit(text, session, date), claims, session, counts):
            if options.misses:
                print(miss)
        by_report[claims[0].meant["report"]] = counts
    lines = table(by_report)
    print("\n".join(lines))
    if options.write:
        write_between(BEGIN, END, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
