"""The page from a claim to a test: its numbers are those of its commands, and its formulas give what they promise."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.oneformula import evaluate_formula

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {name: (DOCS / name).read_text("utf-8") for name in ("signals.md", "zh/signals.md")}
pages = pytest.mark.parametrize("name", PAGES)

SAID = {"2025", "20", "35", "500", "4", "365", "251"}
"""Numbers of the text that no command shows: the claim's, a name's, a bound that is checked here, days of a year."""

_NUMBER = re.compile(r"(?<![A-Za-z0-9_.,])[+-]?\d[\d,]*(?:\.\d+)?")
_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def numbers(text: str) -> set[str]:
    return {found.lstrip("+").rstrip(",") for found in _NUMBER.findall(text)}


@pages
def test_every_number_of_the_text_is_one_of_the_commands_on_it(name: str) -> None:
    page = PAGES[name]
    blocks = "\n".join(re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    typed = set(re.findall(r"\d+", "\n".join(re.findall(r"^\$ .*$", blocks, re.MULTILINE))))
    shown = numbers(blocks) | typed
    text = re.sub(r"\]\([^)]*\)", "]", _BLOCK.sub("", page))
    told = numbers(text)
    assert len(told) > 15
    assert told - shown - SAID == set()


def test_what_the_text_works_out() -> None:
    session = Session("sample", lang="en")
    rows = evaluate_formula('=EVT_STUDY(EVT_SIGNALS("VVIX",">",110,5,,FALSE),"SPX","252D")', session)
    assert isinstance(rows, list)
    after, usual = float(rows[1][3]), float(rows[1][10])  # type: ignore[arg-type]
    assert 0.20 < after < 0.35
    assert 0.03 < after - usual < 0.04
    signals = evaluate_formula('=ROWS(EVT_SIGNALS("VVIX",">",110,5,,FALSE))', session)
    assert (signals, len(rows) - 1, rows[1][1]) == (3, 1, 1)
    assert 5 * 4 * 4 == 80  # thresholds, runs, horizons: the trials of the backtest
    assert 252 - 1 == 251


@pages
def test_every_formula_of_the_page_gives_an_answer(name: str) -> None:
    page = PAGES[name]
    formulas = [
        *(
            formula
            for line in re.findall(r"^xlrotation eval .*$", page, re.MULTILINE)
            for formula in shlex.split(line)[4:]
        ),
        *re.findall(r"^=.*$", page, re.MULTILINE),
        *re.findall(r"`(=[^`]*)`", page),
    ]
    assert len(formulas) >= 3
    session = Session("sample", lang="en")
    for formula in formulas:
        assert isinstance(evaluate_formula(formula, session), bool | list), formula
    assert not session.failures


def test_both_languages_show_the_same_commands_and_answers() -> None:
    def commands(page: str) -> list[str]:
        return [
            line.replace("--lang zh ", "") for line in re.findall(r"^\$ .*$|^xlrotation .*$|^=.*$", page, re.MULTILINE)
        ]

    def answers(page: str) -> list[list[str]]:
        blocks = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines() if not line.startswith("$")]
        return [sorted(re.findall(r"#N/A|TRUE|-?\d[\d,]*(?:\.\d+)?", line)) for line in lines]

    assert commands(PAGES["signals.md"]) == commands(PAGES["zh/signals.md"])
    assert answers(PAGES["signals.md"]) == answers(PAGES["zh/signals.md"])
