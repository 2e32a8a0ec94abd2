"""Of large files nothing is held beside the panel, and nothing is lost by that."""

from __future__ import annotations

import datetime as dt
import os

import numpy as np
import pytest

from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.folder import assembling, kept, source
from xlrotation.market.sources import FolderSource

DAYS = [str(day) for day in XNYS.sessions_between(dt.date(2024, 1, 2), dt.date(2026, 2, 13))]


@pytest.fixture(autouse=True)
def _every_file_is_large(monkeypatch, tmp_path):
    monkeypatch.setattr(source, "_LARGE", 0)
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))


def write(folder, newest_first=False):
    folder.mkdir()
    lines = [f"{day},{10 + n / 100:.2f},{90 - n / 100:.2f},{500 + n}" for n, day in enumerate(DAYS)]
    body = lines[::-1] if newest_first else lines
    (folder / "wide.csv").write_text("\n".join(["Date,AAA,BBB,CCC", *body]) + "\n", "utf-8")
    (folder / "EEE.csv").write_text("Date,Close\n" + "".join(f"{day},5\n" for day in DAYS), "utf-8")


@pytest.mark.parametrize("keeping", ["", "off"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_another_file_may_change(tmp_path, monkeypatch, keeping, newest_first):
    monkeypatch.setenv(kept.VARIABLE, keeping)
    write(tmp_path / "data", newest_first)
    opened = FolderSource(str(tmp_path / "data"))
    before = opened.panel()
    file = tmp_path / "data" / "EEE.csv"
    file.write_text(file.read_text("utf-8").replace(",5\n", ",6\n"), "utf-8")
    after = opened.panel()
    assert float(after.fields["close"][-1, after.columns["EEE"]]) == 6.0
    for symbol in ("AAA", "BBB", "CCC"):
        np.testing.assert_array_equal(
            before.fields["close"][:, before.columns[symbol]], after.fields["close"][:, after.columns[symbol]]
        )
    np.testing.assert_allclose(after.fields["close"][:, after.columns["CCC"]], np.arange(len(DAYS)) + 500.0)


@pytest.mark.parametrize("keeping", ["", "off"])
def test_a_file_that_is_damaged_keeps_what_was_read_of_it(tmp_path, monkeypatch, keeping):
    monkeypatch.setenv(kept.VARIABLE, keeping)
    write(tmp_path / "data")
    opened = FolderSource(str(tmp_path / "data"))
    before = opened.panel()
    (tmp_path / "data" / "wide.csv").write_bytes(os.urandom(20_000))
    after = opened.panel()
    assert any(
        "what was read of it before stays" in told or "cannot be read any more" in told for told in after.remarks
    )
    assert after.columns.keys() == before.columns.keys()
    np.testing.assert_array_equal(after.fields["close"], before.fields["close"])


def test_rows_behind_the_newest_session_are_cut_in_their_own_memory():
    values = np.asfortranarray(np.arange(60.0).reshape(12, 5))
    expected = values[:7].copy()
    found = assembling._cut(values, 7)
    np.testing.assert_array_equal(found, expected)
    assert found.flags.f_contiguous
    assert np.shares_memory(found, values)
