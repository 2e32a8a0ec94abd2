"""A known panel in many layouts reads as it is or is told of; one slip in a sound file is never a number in silence."""

from __future__ import annotations

import numpy as np
import pytest

from tests.market import layoutcases as cases
from xlrotation.market.providers.folder import clean

CASES, SAMPLE = 2000, 40
"""How many cases there are in all, and of how many each run of the tests takes one."""


def every(first: int, last: int, tmp_path, make, judge) -> list[str]:
    bad = []
    for seed in range(first, last):
        case, held = make(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        bad += [f"{case.what}: {each}" for each in judge(case, held, cases.read(folder, case))[:3]]
    return bad


@pytest.mark.parametrize("first", range(0, CASES, CASES // 10))
def test_a_sample_of_layouts_reads_as_it_is_or_is_told_of(tmp_path, first):
    assert not every(first, first + CASES // 10 // SAMPLE, tmp_path, cases.make, cases.wrong)


@pytest.mark.parametrize("first", range(0, CASES, CASES // 10))
def test_a_sample_of_slips_is_never_a_number_in_silence(tmp_path, first):
    assert not every(first, first + CASES // 10 // SAMPLE, tmp_path, cases.damaged, cases.numbers_in_silence)


@pytest.mark.search
@pytest.mark.timeout(3600)
def test_every_layout_reads_as_it_is_or_is_told_of(tmp_path):
    assert not every(0, CASES, tmp_path, cases.make, cases.wrong)


@pytest.mark.search
@pytest.mark.timeout(3600)
def test_no_slip_is_a_number_in_silence(tmp_path):
    assert not every(0, CASES, tmp_path, cases.damaged, cases.numbers_in_silence)


@pytest.mark.search
@pytest.mark.timeout(3600)
def test_the_quick_reader_keeps_slips_as_little_in_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(clean, "SMALLEST", 0)
    assert not every(0, CASES, tmp_path, cases.damaged, cases.numbers_in_silence)
    assert not every(CASES, CASES + 500, tmp_path, cases.make, cases.wrong)


def test_most_cases_are_read_and_not_refused(tmp_path):
    """A reader that refuses everything would pass the others."""
    read = 0
    for seed in range(60):
        case, held = cases.make(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = cases.read(folder, case)
        if not isinstance(found, str) and set(held) <= set(found.columns):
            known = [np.isfinite(found.fields["close"][:, found.columns[symbol]]).sum() for symbol in held]
            read += min(known) >= len(cases.SESSIONS) - 3
    assert read >= 54


def test_the_judges_see_a_wrong_number(tmp_path):
    for make, judge in ((cases.make, cases.wrong), (cases.sound, cases.numbers_in_silence)):
        case, held = make(2)
        folder = tmp_path / make.__name__
        folder.mkdir()
        found = cases.read(folder, case)
        assert not judge(case, held, found)
        held["MSFT"]["close"][30] *= 1.5
        assert judge(case, held, found)
