"""The process that computes for LibreOffice, handed what it never should be."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys

import pytest

from xlrotation.fronts.libreoffice.worker import serve
from xlrotation.functions.boundary.session import Session

HOSTILE = [
    *(b"", b"{", b"null", b"[]", b"3", b'["PX_RET"]', b'["PX_RET", 3]', b"[1, 2, 3]", b"\xff\xfe", b"[" * 100_000),
    *(
        b'["PX_RET", ["XLK", 1' + b"0" * 400 + b"]]",
        b'["PX_RET", ["XLK", 1' + b"0" * 5000 + b"]]",
        b'["PX_RET", [NaN]]',
    ),
    *(
        b'["PX_RET", [[[[1]]]]]',
        b'["PX_RET", [{}]]',
        b'["PX_RET", [{"error": "#NEW!"}]]',
        b'["PX_RET", [{"error": [1]}]]',
    ),
    *(
        b'["PX_RET", "XLK"]',
        b'["PX_RET", [[[1], [[2]]]]]',
        b'["PX_RET", ["XLK", Infinity]]',
        b'[{"a": 1}, []]',
        b'["PX_RET", {"a": 1}]',
    ),
    *(
        b'["PX_RET", ["XLK"], 1904]',
        b'["PX_RET", ["XLK"], "1900-01-01"]',
        b'["PX_RET", ["XLK"], "", ""]',
        b'["PX_RET", ["XLK"], ["1904-01-01"]]',
    ),
]


@pytest.mark.parametrize("message", HOSTILE, ids=lambda message: message[:30].decode("latin-1"))
def test_a_bad_call_is_an_error_and_the_next_one_is_answered(message: bytes) -> None:
    session = Session("sample")
    good = json.dumps(["PX_CLOSE", ["SPX", "2026-01-16"]]).encode()
    inward = io.BytesIO(b"".join(struct.pack("<I", len(part)) + part for part in (message, good)))
    outward = io.BytesIO()
    serve(inward, outward, session)
    outward.seek(0)
    answers = []
    while head := outward.read(4):
        answers.append(json.loads(outward.read(struct.unpack("<I", head)[0])))
    assert answers[0] in ({"error": "#VALUE!"}, {"error": "#NAME?"}, [[{"error": "#VALUE!"}]])
    assert answers[1] == pytest.approx(6940.01)
    assert not [failure for failure in session.failures if "internal error" in failure.reason]


@pytest.mark.parametrize(
    "source", ["nosuch", "store:", "store:none", "folder:/no/such/folder", "folder:~nobody-here/x"]
)
def test_a_source_that_cannot_be_opened_is_told(source: str) -> None:
    """As a cell shows it: not available, and the reason where it is looked for."""
    calls = [["PX_CLOSE", ["SPX"]], ["XLR_ERRORS", []], ["XLR_VERSION", []]]
    sent = b"".join(struct.pack("<I", len(data)) + data for data in (json.dumps(call).encode() for call in calls))
    done = subprocess.run(
        [sys.executable, "-m", "xlrotation.fronts.libreoffice.worker"],
        input=sent,
        capture_output=True,
        check=True,
        env={**os.environ, "XLROTATION_SOURCE": source},
    )
    answers, rest = [], io.BytesIO(done.stdout)
    while head := rest.read(4):
        answers.append(json.loads(rest.read(struct.unpack("<I", head)[0])))
    assert answers[0] in ({"error": "#N/A"}, {"error": "#VALUE!"})
    assert source.partition(":")[2].removeprefix("~") in json.dumps(answers[1])
    assert "#" not in json.dumps(answers[1][1][-1])
    assert isinstance(answers[2], str)


@pytest.mark.parametrize(
    ("first", "serial"), [("", 46038.0), ("1899-12-30", 46038.0), ("1904-01-01", 44576.0)], ids=lambda value: str(value)
)
def test_dates_count_from_the_first_day_of_the_document(first: str, serial: float) -> None:
    session = Session("sample")
    calls = [["PX_CLOSE", ["SPX", serial], first], ["XLR_ASOF", [serial], first], ["VAL_PE", [40000, 2000], first]]
    sent = [json.dumps(call).encode() for call in calls]
    outward = io.BytesIO()
    serve(io.BytesIO(b"".join(struct.pack("<I", len(data)) + data for data in sent)), outward, session)
    outward.seek(0)
    answers = []
    while head := outward.read(4):
        answers.append(json.loads(outward.read(struct.unpack("<I", head)[0])))
    assert answers == [pytest.approx(6940.01), serial, pytest.approx(20.0)]


def test_a_document_that_counts_from_another_day_is_told_why() -> None:
    outward = io.BytesIO()
    data = json.dumps(["XLR_STATUS", [], "1900-01-01"]).encode()
    serve(io.BytesIO(struct.pack("<I", len(data)) + data), outward, Session("sample"))
    assert "counts its dates from 1900-01-01" in outward.getvalue().decode()
