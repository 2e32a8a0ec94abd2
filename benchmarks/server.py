"""Ranges of 1,000 cells through the server, from the body of a request to that of its answer.

xlwings Server's own way of writing a result looks at each cell for itself; the same result written by it stands beside.
"""

from __future__ import annotations

import asyncio
import json
import os
from types import SimpleNamespace

os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")  # before xlwings is imported

from harness import Bench, main, part
from starlette.requests import Request
from xlwings import server as xlwings_server

from xlrotation.fronts.excel import calls
from xlrotation.fronts.server.answering import Answering
from xlrotation.functions.boundary.session import Session

CELLS, GOAL = 1_000, 0.015
OFFICE = {"client": "Office.js", "version": "1", "runtime": "1.4", "date_format": "yyyy-mm-dd"}


BESIDE = {**OFFICE, "func_name": "answer", "args": []}


def _beside(name: str, given: list[object]) -> SimpleNamespace:
    """A module of one function, as xlwings Server is given them: a call of ours, whose result xlwings alone writes."""
    return SimpleNamespace(answer=xlwings_server.func(lambda: calls.call(name, *given)))


@part
def ranges(bench: Bench) -> None:
    days = [str(day) for day in Session("sample").panel.days[-CELLS // 2 :].tolist()]
    cases = {
        "returns of 2 sectors on 500 dates": ("PX_RET", [["XLK", "XLE"]], "20D", [[day] for day in days]),
        "a table of 500 dates and closes": ("PX_HISTORY", "XLK", days[0], days[-1], "close", False),
    }
    answering = Answering()

    async def asked(body: bytes) -> bytes:
        async def received() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        return bytes((await answering.call(Request({"type": "http", "headers": []}, received))).body)

    for what, (name, *given) in cases.items():
        body = json.dumps({**OFFICE, "func_name": name, "args": given}).encode()
        beside = _beside(name, given)

        def ours(body: bytes = body) -> bytes:
            return asyncio.run(asked(body))

        def theirs(beside: SimpleNamespace = beside) -> object:
            return asyncio.run(xlwings_server.custom_functions_call(BESIDE, beside))

        found, other = json.loads(ours())["result"], theirs()
        assert sum(map(len, found)) == CELLS
        assert found == json.loads(json.dumps(other))
        sides = {"written by xlwings alone": theirs}
        bench.side_by_side(f"{CELLS:,} cells through the server: {what}", ours, sides, repeat=15, at_most=GOAL)


if __name__ == "__main__":
    main()
