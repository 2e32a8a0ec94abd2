"""Where results go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from tests.batch.helpers import write_plan
from xlrotation import files
from xlrotation.batch import run as batch
from xlrotation.batch.places import Folder, Place, Remote, open_place
from xlrotation.batch.plan import read_plan
from xlrotation.errors import RotationError


@pytest.fixture(params=["folder", "file", "memory", "local"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    address = {
        "folder": str(tmp_path / "out"),
        "file": f"file://{tmp_path}/out",
        "memory": "memory://batch/out",
        "local": f"local://{tmp_path}/remote",  # fsspec's own way to the disk: written under another name and renamed
    }
    yield open_place(address[request.param])
    fsspec.filesystem("memory").store.clear()


def test_what_is_written_is_read(place: Place) -> None:
    assert place.read("a/b.txt") is None
    assert not place.exists("a/b.txt")
    for data in (b"one", b"two" * 1000, b""):
        place.write("a/好 b.txt", data)
        assert place.read("a/好 b.txt") == data
        assert place.exists("a/好 b.txt")
    assert place.shown("a/b.txt").endswith("/a/b.txt")


def test_kinds(tmp_path: Path) -> None:
    assert isinstance(open_place(str(tmp_path)), Folder)
    assert isinstance(open_place(f"file://{tmp_path}"), Folder)
    assert isinstance(open_place("memory://x"), Remote)


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = open_place(f"local://{tmp_path}/out")
    place.write("a.txt", b"good")
    monkeypatch.setattr(type(place._files), "mv", lambda *_, **__: (_ for _ in ()).throw(OSError("full")))  # type: ignore[attr-defined]
    with pytest.raises(RotationError, match=r"a\.txt: cannot be written \(OSError: full\)"):
        place.write("a.txt", b"bad")
    assert place.read("a.txt") == b"good"


@pytest.mark.parametrize("address", ["nonsense://x/y", "s3x://bucket"])
def test_unknown_addresses_are_refused(address: str) -> None:
    with pytest.raises(RotationError, match=r"cannot be used"):
        open_place(address)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file in the way")
    with pytest.raises(RotationError, match="cannot be written"):
        open_place(str(tmp_path / "out")).write("a.txt", b"")


def test_a_batch_to_an_address(tmp_path: Path) -> None:
    path = write_plan(tmp_path, 3, 'formats = ["csv", "json"]', output=f"local://{tmp_path}/remote")
    tasks, summary = batch.missing(read_plan(path))
    batch.run(tasks, summary, workers=1)
    assert len(summary.done) == 3
    assert summary.done["newest/b00"].written[0] == f"local://{tmp_path}/remote/newest/b00.xlsx"
    held = {item.name for item in (tmp_path / "remote/newest").iterdir()}
    assert {"b00.xlsx", "b00.json", "b00-csv", "b00.report.json"} <= held
    assert batch.missing(read_plan(path))[1].present == [f"newest/b0{n}" for n in range(3)]


def test_leftovers_of_killed_writers_are_cleared(tmp_path: Path) -> None:
    old, fresh = tmp_path / f"{files.TEMPORARY}1-a.txt", tmp_path / f"{files.TEMPORARY}2-a.txt"
    for left in (old, fresh):
        left.write_text("half")
    os.utime(old, (0, 0))
    files.write_whole(tmp_path / "a.txt", b"whole")
    assert not old.exists()
    assert fresh.exists()  # perhaps somebody is writing it


def test_links_stay_links_and_modes_stay(tmp_path: Path) -> None:
    target = tmp_path / "real.txt"
    target.write_text("old")
    target.chmod(0o600)
    (tmp_path / "link.txt").symlink_to(target)
    files.write_whole(tmp_path / "link.txt", b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o600
    files.write_whole(tmp_path / ("长" * 80 + ".txt"), b"")  # 244 bytes of name


@pytest.mark.long
def test_a_batch_to_object_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The S3 protocol over HTTP, against a server on this machine, from worker processes."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        settings = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        fsspec.filesystem("s3").mkdir("reports")
        path = write_plan(tmp_path, 3, 'formats = ["csv", "json"]', output="s3://reports/daily")
        tasks, summary = batch.missing(read_plan(path))
        batch.run(tasks, summary, workers=2)
        assert not summary.failed
        assert summary.done["newest/b00"].written[0] == "s3://reports/daily/newest/b00.xlsx"
        place = open_place("s3://reports/daily")
        assert (place.read("newest/b00.xlsx") or b"").startswith(b"PK")
        assert batch.missing(read_plan(path))[1].present == [f"newest/b0{n}" for n in range(3)]
        fsspec.filesystem("s3").rm("reports/daily/newest/b01.json")
        assert [task.job.name for task in batch.missing(read_plan(path))[0]] == ["newest/b01"]
    finally:
        server.stop()
        fsspec.filesystem("s3").clear_instance_cache()
    with pytest.raises(RotationError, match=r"s3://reports/daily/newest/b00\.report\.json: cannot be read"):
        batch.missing(read_plan(path))
