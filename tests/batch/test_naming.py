"""Names never lead out of their place; addresses lead to storage only."""

from __future__ import annotations

import json
from pathlib import Path

import fsspec
import pytest
from fsspec.registry import known_implementations
from hypothesis import given
from hypothesis import strategies as st

from tests.batch.helpers import write_plan
from xlrotation.batch import run as batch
from xlrotation.batch.naming import STORAGE, BadName, check_address, check_name
from xlrotation.batch.places import open_place
from xlrotation.batch.plan import read_plan
from xlrotation.errors import RotationError

BAD = [
    *(
        "",
        ".",
        "..",
        "../a",
        "a/../../b",
        "/a",
        "//host/share",
        "a//b",
        "a/",
        "./a",
        "a/.",
        "..\\a",
        "a\\..\\b",
        "\\\\h\\s",
    ),
    *("C:/a", "C:a", "c:\\a", "a\0b", "a\nb", "%2e%2e/a", "..%2fa", "%2e%2e%2fa", "%252e%252e%252fa", "..%5ca", "%00a"),
    *(".hidden", "a/.hidden/b", "... ", "a/.. /b", "a/. ./b", ". ", "\udc80", "a%2f%2fb", "file:///a", "%2fa", "\x7f"),
]


@pytest.mark.parametrize("name", BAD)
def test_no_name_leads_out(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "a"
    outside.write_text("not ours")
    for address in (str(tmp_path / "out"), f"local://{tmp_path}/out", "memory://naming/out"):
        place = open_place(address)
        for ask in (place.read, place.exists):
            with pytest.raises(RotationError):
                ask(name)
        with pytest.raises(RotationError):
            place.write(name, b"taken over")
    assert outside.read_text() == "not ours"
    assert {path.name for path in tmp_path.rglob("*")} <= {"a", "out"}
    assert not [path for path in fsspec.filesystem("memory").store if path.startswith("/naming")]


@given(st.text(max_size=30))
def test_a_good_name_stays_below(name: str) -> None:
    try:
        good = check_name(name)
    except BadName as error:
        error.message.encode()
        return
    base = Path("/place/out")
    assert (base / good).is_relative_to(base)
    assert ".." not in (base / good).parts


def test_usual_names_stand() -> None:
    for name in (
        "newest/b00.xlsx",
        "2026-01-16/盘前-zh.report.json",
        "a b/50%.csv",
        "x/100%25.csv",
        "a..b/c...d",
        "a,b;c/d=e&f",
    ):
        assert check_name(name) == name
    for other in (None, 3, ["a"], b"a"):
        with pytest.raises(BadName):
            check_name(other)


def test_every_kind_of_address_was_looked_at() -> None:
    """A kind that fsspec adds is no storage until somebody has looked at it, and named it here."""
    no_storage = {
        *("async_wrapper", "asynclocal", "asyncwrapper", "blockcache", "cached", "dask", "data", "dir", "dvc"),
        *("filecache", "generic", "gist", "git", "github", "hf", "http", "https", "jlab", "jupyter", "libarchive"),
        *("pyscript", "reference", "simplecache", "tar", "wandb", "zip"),
    }
    assert set(known_implementations) <= STORAGE | no_storage
    for kind in no_storage & set(known_implementations):
        with pytest.raises(RotationError, match=f"{kind}:// cannot be used"):
            open_place(f"{kind}://somewhere/reports")
    for chained in ("simplecache::s3://b/x", "zip://a::file:///tmp/x.zip", "s3://b/x::memory://y", "s3://b\0/x"):
        with pytest.raises(RotationError, match="cannot be used"):
            open_place(chained)
    assert check_address("s3://bucket/reports") == "s3://bucket/reports"


@pytest.mark.parametrize("name", ["../{book}", "C:/{book}", "a\\..\\{book}", "%2e%2e/{book}", "/{book}", "{book}/.x"])
def test_a_plan_cannot_name_what_lies_elsewhere(tmp_path: Path, name: str) -> None:
    path = write_plan(tmp_path, 1, f"name = {json.dumps(name)}")
    with pytest.raises(RotationError, match="no name below the output"):
        read_plan(path)


def test_a_report_that_names_what_lies_elsewhere_is_no_report(tmp_path: Path) -> None:
    path = write_plan(tmp_path, 1, 'formats = ["json"]')
    tasks, summary = batch.missing(read_plan(path))
    batch.run(tasks, summary, workers=1)
    assert batch.missing(read_plan(path))[1].present
    (report,) = (item for item in tmp_path.rglob("*.report.json"))
    data = json.loads(report.read_text("utf-8"))
    for hostile in (["../../../etc/passwd"], ["/etc/passwd"], [None], "/etc", {"../x": 1}):
        report.write_text(json.dumps(data | {"files": hostile}), "utf-8")
        assert not batch.missing(read_plan(path))[1].present
