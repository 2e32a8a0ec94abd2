"""What was read of a folder is kept on disk, and never trusted where it may be old, damaged or somebody else's."""

from __future__ import annotations

import dataclasses
import datetime as dt
import multiprocessing
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from xlrotation.errors import NoData
from xlrotation.market.calendar import XNYS
from xlrotation.market.providers.folder import kept, packing, source, tables

DAYS = [str(day) for day in XNYS.sessions_between(dt.date(2022, 1, 3), dt.date(2026, 2, 13))]
LONG_AGO = 1_750_000_000


def bars(start: float = 10.0) -> str:
    return "Date,Open,High,Low,Close,Volume\n" + "".join(
        f"{day},{start + n / 100:.2f},{start + n / 100 + 1:.2f},{start + n / 100 - 1:.2f},{start + n / 100:.2f},{n}\n"
        for n, day in enumerate(DAYS)
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that is worth keeping, its files long settled."""
    monkeypatch.setenv(kept.VARIABLE, "")
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    inside = tmp_path / "data"
    inside.mkdir()
    for n in range(6):
        put(inside / f"S{n}.csv", bars(10.0 + n))
    return inside


def put(path: Path, text: str, when: float | None = LONG_AGO) -> None:
    path.write_text(text, "utf-8")
    if when is not None:
        os.utime(path, (when, when))


@pytest.fixture
def _settled(monkeypatch):
    """Files count as left alone: the system's own clock of changes cannot be set back."""
    monkeypatch.setattr(kept, "_SETTLED", -(10**12))


def last(panel, symbol):
    return float(panel.fields["close"][-1, panel.columns[symbol]])


@pytest.fixture
def parsed(monkeypatch):
    """The files that were read, not taken from what is kept."""
    names: list[str] = []
    real = tables.read_tables
    monkeypatch.setattr(tables, "read_tables", lambda file, name, *said: names.append(name) or real(file, name, *said))
    return names


def test_what_is_kept_gives_the_same_and_reads_nothing(folder, parsed):
    first = source.load(folder)
    assert len(parsed) == 6
    parsed.clear()
    again = source.load(folder)
    assert not parsed
    assert again.identity == first.identity
    assert again.state == first.state
    assert (again.remarks, again.readings) == (first.remarks, first.readings)
    assert again.provenance == first.provenance


@pytest.mark.usefixtures("_settled")
def test_only_what_changed_is_read_again(folder, parsed):
    source.load(folder)
    parsed.clear()
    put(folder / "S3.csv", bars(50.0), None)
    panel = source.load(folder)
    assert parsed == ["S3.csv"]
    assert last(panel, "S3") == pytest.approx(50.0 + (len(DAYS) - 1) / 100)
    assert last(panel, "S2") == pytest.approx(12.0 + (len(DAYS) - 1) / 100)


@pytest.mark.parametrize("how", ["in place", "replaced", "as on Windows"])
@pytest.mark.usefixtures("_settled")
def test_a_change_that_keeps_size_and_time_is_seen(folder, monkeypatch, how):
    if how == "as on Windows":  # which does not tell when a file was touched
        monkeypatch.setattr(kept, "TELLS_CHANGE", False)
        plain = kept.Status.of
        monkeypatch.setattr(kept.Status, "of", lambda status: dataclasses.replace(plain(status), touched=0))
    before = last(source.load(folder), "S1")
    path = folder / "S1.csv"
    text = path.read_text("utf-8")
    status = path.stat()
    changed = text[:-12] + text[-12:].replace("1", "2")
    assert len(changed) == len(text)
    assert changed != text
    if how == "replaced":
        path.unlink()
    path.write_text(changed, "utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    shutil.rmtree(folder.parent / "plain", ignore_errors=True)
    expected = shutil.copytree(folder, folder.parent / "plain", ignore=shutil.ignore_patterns(kept.FOLDER))
    mine, theirs = source.load(folder), source.load(expected)
    np.testing.assert_array_equal(mine.fields["volume"], theirs.fields["volume"])
    assert last(mine, "S1") == last(theirs, "S1")
    assert before


def test_a_copy_with_new_times_is_the_same_by_its_content(folder, parsed):
    source.load(folder)
    parsed.clear()
    for file in folder.glob("*.csv"):
        os.utime(file, (time.time() - 100, time.time() - 100))
    source.load(folder)
    assert not parsed


def test_another_reader_declaration_or_exchange_reads_anew(folder, parsed, monkeypatch):
    source.load(folder)
    parsed.clear()
    (folder / "folder.toml").write_text('[files."S1.csv"]\ncloses = "as traded"\n', "utf-8")
    source.load(folder)
    assert parsed == ["S1.csv"]
    parsed.clear()
    monkeypatch.setattr(kept, "reader", lambda: "another")
    source.load(folder)
    assert len(parsed) == 6


DAMAGES = {
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "a bit": lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
    "its seal": lambda data: bytes(32) + data[32:],
    "garbage": lambda _: os.urandom(4096),
    "longer": lambda data: data + b"x",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_counts_for_nothing(folder, parsed, damage):
    first = source.load(folder)
    parsed.clear()
    for entry in (folder / kept.FOLDER).iterdir():
        entry.write_bytes(DAMAGES[damage](entry.read_bytes()))
    assert source.load(folder).identity == first.identity
    assert len(parsed) == 6


def test_entries_that_change_places_count_for_nothing(folder, parsed):
    first = source.load(folder)
    parsed.clear()
    entries = sorted((folder / kept.FOLDER).iterdir())
    contents = [entry.read_bytes() for entry in entries]
    for entry, content in zip(entries, contents[1:] + contents[:1], strict=True):
        entry.write_bytes(content)
    assert source.load(folder).identity == first.identity
    assert len(parsed) == 6


def test_entries_of_somebody_else_are_not_looked_at(folder, parsed, monkeypatch, tmp_path):
    """A folder may be sent with entries whose numbers are not those of its files."""
    source.load(folder)
    parsed.clear()
    mine = {entry.name: entry.read_bytes() for entry in (folder / kept.FOLDER).iterdir()}
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "other"))
    source.load(folder)
    assert len(parsed) == 6
    theirs = {entry.name for entry in (folder / kept.FOLDER).iterdir()} - mine.keys()
    assert len(theirs) == len(mine)  # both keep their own


@pytest.mark.parametrize("what", ["pipe", "folder", "link", "socket name"])
def test_what_is_no_entry_is_neither_waited_for_nor_followed(folder, parsed, what, tmp_path):
    first = source.load(folder)
    parsed.clear()
    for entry in (folder / kept.FOLDER).iterdir():
        entry.unlink()
        if what == "pipe":
            os.mkfifo(entry)
        elif what == "folder":
            entry.mkdir()
        elif what == "link":
            entry.symlink_to(tmp_path / "nowhere")
        else:
            entry.symlink_to(entry)
    assert source.load(folder).identity == first.identity
    assert len(parsed) == 6


def test_a_place_that_is_a_link_is_not_written_to(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / kept.FOLDER).symlink_to(elsewhere)
    source.load(folder)
    assert not list(elsewhere.iterdir())


def test_a_folder_that_cannot_be_written_is_kept_in_the_users_cache(folder, parsed, monkeypatch, tmp_path):
    real = Path.mkdir

    def refused(self, *given, **named):
        if self.name == kept.FOLDER:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *given, **named)

    monkeypatch.setattr(Path, "mkdir", refused)
    first = source.load(folder)
    assert not (folder / kept.FOLDER).exists()
    assert list((tmp_path / "home" / "folders.cache").rglob("*.parsed"))
    parsed.clear()
    assert source.load(folder).identity == first.identity
    assert not parsed


def test_where_no_key_can_be_kept_nothing_is(folder, monkeypatch, parsed):
    monkeypatch.setattr(kept, "_own_key", lambda: None)
    source.load(folder)
    source.load(folder)
    assert len(parsed) == 12
    assert not (folder / kept.FOLDER).exists()


def test_a_small_folder_is_left_as_it_is(folder):
    for file in folder.iterdir():
        file.write_text("Date,AAA\n2026-02-13,1\n", "utf-8")
    source.load(folder)
    assert sorted(file.suffix for file in folder.iterdir()) == [".csv"] * 6


def test_entries_of_files_that_are_gone_are_cleared(folder):
    source.load(folder)
    before = len(list((folder / kept.FOLDER).iterdir()))
    (folder / "S5.csv").unlink()
    source.load(folder)
    assert len(list((folder / kept.FOLDER).iterdir())) == before - 1


@pytest.mark.usefixtures("_settled")
def test_a_file_that_went_bad_keeps_what_an_earlier_process_read_of_it(folder):
    source.load(folder)
    reader = source.Reader(folder)
    before = last(reader.load(), "S1")
    (folder / "S1.csv").write_bytes(b"\x00\x01")
    panel = reader.load()
    assert last(panel, "S1") == before
    assert any("what was read of it before stays" in remark for remark in panel.remarks)


def test_a_session_that_ends_is_taken_in_although_the_files_stay(folder):
    text = bars()
    for n in range(6):
        put(folder / f"S{n}.csv", text)
    before = dt.datetime(2026, 2, 13, 12, tzinfo=dt.UTC)
    after = dt.datetime(2026, 2, 14, 12, tzinfo=dt.UTC)
    assert str(source.Reader(folder, lambda: before).load().last) == "2026-02-12"
    assert str(source.Reader(folder, lambda: before).load().last) == "2026-02-12"
    assert str(source.Reader(folder, lambda: after).load().last) == "2026-02-13"


def _load(path: str) -> str:
    return source.load(Path(path)).identity


def test_processes_that_read_together_agree(folder):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(_load, [str(folder)] * 6)
    assert len(set(found)) == 1
    assert set(found) == {source.load(folder).identity}
    left = [entry.name for entry in (folder / kept.FOLDER).iterdir() if not entry.name.endswith(".parsed")]
    assert not left


def test_packing_gives_back_every_bit():
    values = {
        "cents": np.array([1.01, np.nan, 2.5, 1e6]),
        "whole": np.array([1.0, 2.0, np.nan]),
        "odd": np.array([0.1 + 0.2, np.nan, np.inf, -0.0]),
        "zero": np.array([-0.0, 0.0]),
        "table": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "days": np.array(["2026-02-13", "NaT"], "datetime64[D]"),
        "flags": np.array([True, False]),
        "nothing": np.empty(0),
        ("key", dt.date(2026, 2, 13)): [None, True, 1, 1.5, "text", dt.datetime(2026, 2, 13, tzinfo=dt.UTC), XNYS],
    }
    pieces = []
    packing.pack(values, (), lambda piece: pieces.append(bytes(piece)))
    again = packing.unpack(memoryview(b"".join(pieces)), ())
    assert again.keys() == values.keys()
    for key, value in values.items():
        if isinstance(value, np.ndarray):
            assert again[key].dtype == value.dtype
            assert again[key].tobytes() == value.tobytes()
        else:
            assert again[key] == value
    with pytest.raises(TypeError):
        packing.pack({"x": object()}, (), pieces.append)
    with pytest.raises(TypeError):
        packing.pack(np.array([object()]), (), pieces.append)


def test_settings_that_cannot_be_read_are_an_error_however_much_is_kept(folder):
    source.load(folder)
    (folder / "folder.toml").write_text("x = 1", "utf-8")
    with pytest.raises(NoData, match="has 'x'"):
        source.load(folder)
