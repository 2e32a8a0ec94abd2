"""What the README claims about speed: sentences whose figures are those of the benchmarks and no others."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from harness.figures import Findings, digits, shown

WIDTH = 120
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- from the benchmarks: make bench -->", "<!-- to here -->"
CLAIMS = """\
- Speed, in processor time on the computer of [the benchmarks](docs/benchmarks.md) (`make bench` on yours). Within an
  open workbook: a call of `PX_RET` takes {calls|PX_RET, one cell, sample}, and the same written with pandas
  {calls|PX_RET, one cell, sample|pandas} times as long. A workbook of 5,000 formulas is evaluated in
  {headless|a workbook of 5,000 formulas, 1,000 of them ours}; the `formulas` package takes
  {headless|a workbook of 5,000 formulas, 1,000 of them ours|formulas} times as long. Implied volatility: the kernel
  takes {options|implied volatility, the kernel, an option of 100,000} an option, and vollib in a loop
  {options|implied volatility, the kernel, an option of 100,000|vollib in a loop} times as long; as a worksheet function
  over a range {options|VOL_BS_IV, an option of a range of 2,000} an option, vollib
  {options|VOL_BS_IV, an option of a range of 2,000|vollib in a loop} times that. The eight report workbooks are
  exported in {books|all report workbooks, exported in one session for the first time} by a new process, and in
  {books|all report workbooks, exported in one session} by one that has exported them before. From the start of a
  process to its end:
  `xlrotation --help` {commands|xlrotation --help, compiled}, one formula
  {commands|xlrotation eval '=RS_STREAK()', compiled}, of which numpy alone needs
  {commands|xlrotation eval '=RS_STREAK()', compiled||python -c 'import numpy'}. The time grows as the workbook does.
"""
_PLACE = re.compile(r"\{([^|{}]+)\|([^|{}]+)(?:\|([^|{}]+)|\|\|([^|{}]+))?\}")
"""``{script|figure}``: ours; ``{script|figure|other}``: how many times ours another takes; with ``||``: its own."""


def claimed(findings: Findings, template: str = CLAIMS) -> str:
    """The claims with their figures.

    Raises:
        KeyError: There is no such figure, or nothing of that name beside it.
    """

    def filled(place: re.Match[str]) -> str:
        script, what, other, itself = place.groups()
        figure = findings.of(script, what)
        if itself:
            return shown(figure.against[itself], figure.unit)
        return digits(figure.ratios()[other]) if other else shown(figure.ours, figure.unit)

    text = " ".join(_PLACE.sub(filled, template).split())
    return textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False) + "\n"


def readme(findings: Findings) -> dict[Path, str]:
    """The README with the claims in their place.

    Raises:
        ValueError: It has no place for them.
    """
    text = README.read_text("utf-8")
    head, begin, rest = text.partition(BEGIN + "\n")
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md has no place for the claims: {BEGIN} ... {END}")
    return {README: f"{head}{begin}{claimed(findings)}{end}{tail}"}
