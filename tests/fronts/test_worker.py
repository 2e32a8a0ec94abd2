"""The process that computes for LibreOffice, handed what it never should be."""

from __future__ import annotations

import io
import json
import struct

import pytest

from xlrotation.fronts.libreoffice.worker import serve
from xlrotation.functions.session import Session

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
