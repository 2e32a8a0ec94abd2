"""What is written has the permissions that the umask gives, and keeps those that somebody set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.batch.helpers import write_plan
from tests.conftest import panel_of
from tests.market.test_identity import chain
from tests.workbook.books import make_book
from xlrotation.cli import main
from xlrotation.files import replacing, write_whole
from xlrotation.fronts.excel import macros
from xlrotation.market.store.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o027, 0o077], ids="{:03o}".format)
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777 for path in sorted(folder.rglob("*"))}


def check(folder: Path, mask: int, *names: str) -> None:
    found = modes(folder)
    assert set(names) <= set(found)
    for name, mode in found.items():
        assert mode == (0o777 if (folder / name).is_dir() else 0o666) & ~mask, f"{name} {mode:o}"


def test_exports(tmp_path: Path, mask: int) -> None:
    book = make_book(tmp_path / "book.xlsx", {"S": {"A1": '=PX_CLOSE("XLK")'}}, {"level": "=S!$A$1:$A$1"})
    out = tmp_path / "out"
    assert main(["export", str(book), "-o", str(out), "--csv", "--json"]) == 0
    check(out, mask, "book.xlsx", "book.json", "book-csv", "book-csv/S.csv", "book-csv/names")


def test_batches(tmp_path: Path, mask: int) -> None:
    assert main(["batch", str(write_plan(tmp_path, 1, 'formats = ["csv"]')), "--workers", "1"]) == 0
    check(tmp_path / "out", mask, "newest/b00.xlsx", "newest/b00.report.json")


def test_stores(tmp_path: Path, mask: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    store = Store("desk")
    store.write(panel_of({"XLK": np.linspace(90, 100, 30)}))
    store.write_together(chains=[chain()], series={"UNRATE": (store.read().days, np.ones(30))})
    check(tmp_path / "home", mask, "desk", "desk/current.json", "desk/journal.jsonl", "desk/writer.lock")


def test_templates_and_addins(tmp_path: Path, mask: int) -> None:
    assert main(["templates", "build", "market_breadth", "-o", str(tmp_path / "out")]) == 0
    macros.build_addin(tmp_path / "out")
    assert main(["templates", "build", "market_breadth", "--officejs", "-o", str(tmp_path / "out")]) == 0
    check(tmp_path / "out", mask, "market_breadth.xlsx", macros.ADDIN)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o666, 0o444])
@pytest.mark.usefixtures("mask")
def test_a_file_that_is_replaced_keeps_its_own(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    with replacing(path) as file:
        (temporary,) = (found for found in tmp_path.iterdir() if found != path)
        assert temporary.stat().st_mode & 0o777 & ~mode == 0  # never open to more, not even while it is written
        file.write(b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", mode)


@pytest.mark.usefixtures("mask")
def test_a_workbook_that_is_refreshed_keeps_its_own(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book.xlsx", {"S": {"A1": '=PX_CLOSE("XLK")'}})
    book.chmod(0o640)
    assert main(["refresh-book", str(book)]) == 0
    assert book.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")
    write_whole(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_bytes() == b"x"
