"""The calls themselves: read within bounds, computed in threads, written as Office.js takes them.

xlwings Server computes a function in the loop that also answers everybody else. Here calls with many cells have a few
threads of their own, so that they cannot take those of short ones.
"""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
import functools
import importlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from itertools import chain
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from xlrotation.fronts.excel import calls
from xlrotation.functions.boundary import deadline
from xlrotation.functions.boundary.cells import MAX_CELLS

SHORT_CALLS = 8
"""Calls with a body of at most :data:`SHORT` that are computed at once."""

LONG_CALLS = 2
"""Longer ones that are."""

SHORT = 64 << 10
"""Bytes of a body."""

CALL_SECONDS = 300.0
"""After this time the script in Excel has given up; a range is not gone on with."""

_CALL_MARKS = 4 * MAX_CELLS
"""A cell takes two; the others are for commas in texts."""

_BOOK_MARKS = 16 * MAX_CELLS
_ROWS = 2000
"""Rows that are put into JSON at once; other threads have their turn in between."""


_MAX_ARGUMENTS = 255
_RUNTIME = re.compile(r"\d\.\d{1,2}")
_TEXTS = ("runtime", "date_format", "culture_info_name")
_RESULT: contextvars.ContextVar[object] = contextvars.ContextVar("result")


class Unreadable(ValueError):  # noqa: N818
    """A body that is no call: what is wrong with it."""


class Answering:
    """The endpoints for calls of functions and for the refresh script."""

    def __init__(self) -> None:
        self._short = anyio.CapacityLimiter(SHORT_CALLS)
        self._long = anyio.CapacityLimiter(LONG_CALLS)
        self._refreshing = threading.Lock()

    async def call(self, request: Request) -> Response:
        """Evaluate a worksheet function."""
        body = await request.body()
        limiter = self._short if len(body) <= SHORT else self._long
        return await anyio.to_thread.run_sync(_answered, _evaluate, body, limiter=limiter)

    async def refresh(self, request: Request) -> Response:
        """Run the script that fetches what the data lack; one at a time."""
        body = await request.body()
        if not self._refreshing.acquire(blocking=False):
            return PlainTextResponse("the data are being refreshed already; wait for that", 409)
        try:
            return await anyio.to_thread.run_sync(_answered, _refresh, body, limiter=self._long)
        finally:
            self._refreshing.release()


def _answered(do: Callable[[bytes], bytes], body: bytes) -> Response:
    try:
        return Response(do(body), media_type="application/json")
    except Unreadable as error:
        return PlainTextResponse(str(error), 400)


def _read(body: bytes, marks: int) -> dict[str, Any]:
    """The JSON object in a body.

    Args:
        body: The body.
        marks: Commas and brackets that it may have: they bound the values that reading it makes.

    Raises:
        Unreadable: There is none, or it has too many values.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > marks:
        raise Unreadable("there are too many values; give fewer cells")
    try:
        data = json.loads(body.decode("utf-8"), parse_int=_integer, object_pairs_hook=_object)
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None
    if not isinstance(data, dict):
        raise Unreadable("the body is no JSON object")
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that says two things under one name says nothing."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Unreadable("the body has an object with the same name twice")
    return made


def _integer(digits: str) -> int | float:
    """A whole number; one that no cell holds is infinite, as a number with a large exponent is."""
    return int(digits) if len(digits) < 300 else float(digits)


def _evaluate(body: bytes) -> bytes:
    """The answer to a call as the script of xlwings Server makes it in Excel."""
    data = _read(body, _CALL_MARKS)
    name, given = data.get("func_name"), data.get("args")
    if not isinstance(name, str) or not isinstance(given, list):
        raise Unreadable("a call has func_name, a text, and args, a list")
    if len(given) > _MAX_ARGUMENTS:
        raise Unreadable(f"a call has at most {_MAX_ARGUMENTS} arguments")
    cells = sum(len(row) if isinstance(row, list) else 1 for value in given if isinstance(value, list) for row in value)
    if cells > MAX_CELLS:
        raise Unreadable(f"the call has {cells:,} cells; give at most {MAX_CELLS:,}")
    with deadline.within(CALL_SECONDS):
        result = calls.call(name, *given)
    rows = _written(result if isinstance(result, list) else [[result]], data)
    parts = [_json(rows[start : start + _ROWS])[1:-1] for start in range(0, len(rows), _ROWS)]
    return b'{"result":[' + b",".join(parts) + b"]}"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


def _written(rows: list[list[Any]], data: Mapping[str, Any]) -> list[list[Any]]:
    """A result as xlwings hands it to Office.js: errors and dates are objects; numbers and other texts stay."""
    texts = {name: value for name in _TEXTS if isinstance(value := data.get(name), str) and len(value) < 100}
    if not _RUNTIME.fullmatch(texts.get("runtime", "")):
        texts["runtime"] = "1.4"
    special = list({cell for cell in chain.from_iterable(rows) if _is_special(cell)})
    if not special:
        return rows
    asked = {"client": "Office.js", "version": "", **texts, "func_name": "answer", "args": []}
    _RESULT.set([[cell] for cell in special])
    server: Any = importlib.import_module("xlwings.server")
    objects = asyncio.run(server.custom_functions_call(asked, _writer()))
    known = dict(zip(special, (row[0] for row in objects), strict=True))
    return [[known[cell] if _is_special(cell) else cell for cell in row] for row in rows]


def _is_special(cell: object) -> bool:
    return cell.startswith("#") if isinstance(cell, str) else isinstance(cell, dt.date)


@functools.cache
def _writer() -> SimpleNamespace:
    """A module for xlwings whose one function gives the result at hand, so that xlwings only writes it."""
    server: Any = importlib.import_module("xlwings.server")
    return SimpleNamespace(answer=server.func(lambda: _RESULT.get()))


def _refresh(body: bytes) -> bytes:
    """Run the script on the workbook that Excel sent; what it is to do in it."""
    data = _read(body, _BOOK_MARKS)
    xlwings: Any = importlib.import_module("xlwings")
    scripts = importlib.import_module("custom_scripts")
    try:
        book = xlwings.Book(json=data)
    except Exception:
        raise Unreadable("the body is no workbook as Excel sends it") from None
    try:
        run = xlwings.server.custom_scripts_call(
            scripts, "refresh_market_data", None, typehint_to_value={xlwings.Book: book}, args=[]
        )
        return _json(asyncio.run(run).json())
    finally:
        book.close()
