"""Names that every system takes as the name of a file."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation import files
from xlrotation.errors import BadArgument
from xlrotation.files import LONGEST_NAME, safe_name, safe_names
from xlrotation.market.store.store import Store

DEVICES = ("CON", "prn", "Aux", "NUL", "COM1", "lpt9", "COM0", "COM\u00b9", "CONIN$", "CLOCK$")


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("after", ["", ".x", ".tar.gz", " ", " .x", "...", "."])
def test_devices_of_windows(name, after):
    found = safe_name(name + after)
    assert found.startswith("_")
    assert found.partition(".")[0].rstrip().upper() not in {each.upper() for each in DEVICES}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("XLK", "XLK"),
        ("^GSPC", "^GSPC"),
        ("BRK.B", "BRK.B"),
        ("CONSUMER", "CONSUMER"),
        ("COM10", "COM10"),
        ("a/b\\c:d", "a_b_c_d"),
        ("end.", "end"),
        ("end. . ", "end"),
        ("..", "_"),
        ("", "_"),
        (" ", "_"),
        (".hidden", "hidden"),
        ("\ud800", "_"),
        ("a\0b\nc\x7f", "a_b_c_"),
        ("行业轮动", "行业轮动"),
    ],
)
def test_what_becomes_of_a_name(text, name):
    assert safe_name(text) == name


def test_long_names_are_cut_and_stay_apart():
    names = [safe_name("行" * 300 + end) for end in "ab"] + [safe_name("x" * 300)]
    assert len(set(names)) == 3
    assert all(len(name.encode()) <= LONGEST_NAME for name in names)


@given(st.text(max_size=300))
def test_a_safe_name_is_safe_and_stays_so(text):
    name = safe_name(text)
    assert safe_name(name) == name
    assert 0 < len(name.encode()) <= LONGEST_NAME
    assert not set(name) & set('<>:"/\\|?*')
    assert name[-1] not in ". "
    assert unicodedata.is_normalized("NFC", name)


def test_names_differ_on_every_system():
    found = safe_names(["a<", "a>", "A_", "CON", "_con", "a_-2"])
    assert len({name.casefold() for name in found.values()}) == 6
    assert list(found) == ["a<", "a>", "A_", "CON", "_con", "a_-2"]


@pytest.mark.parametrize("name", ["CON", "nul", "com1", "LPT9"])
def test_stores_have_names_that_windows_takes(name):
    with pytest.raises(BadArgument, match="no name of a store"):
        Store(name)


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link"):
        with pytest.raises(OSError, match="it is a pipe"):
            files.write_whole(tmp_path / name, b"new")
    assert (tmp_path / "pipe").is_fifo()
    assert {path.name for path in tmp_path.iterdir()} == {"pipe", "link"}
