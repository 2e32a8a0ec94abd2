"""Many users of one server at once: processor time of the server a call, beside that of one user who asks alone.

The clients are threads of this process, over plain HTTP on the loopback address; each answer is compared. Linux alone:
the server's time is read from /proc.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from harness import Bench, main, part

from tests.fronts.serving import Server, running
from xlrotation.functions.boundary.session import Session

CLIENTS, CALLS, CELLS, RANGES = 200, 10, 10_000, 4
SECTORS = ["XLK", "XLE", "XLF", "XLV", "XLI", "XLB", "XLU", "XLP", "XLY"]


def spent(server: Server) -> float:
    """The processor time of the server so far, in seconds."""
    words = Path(f"/proc/{server.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def asked(server: Server, name: str, *arguments: object) -> object:
    """What the cells show; who is told to come again does, as Excel."""
    while True:
        status, _, body = server.call(name, *arguments, Authorization=server.token)
        if status != 503:
            assert status == 200, body
            return json.loads(body)["result"]
        time.sleep(0.05)


def at_once(server: Server, clients: int, work: Callable[[int], None]) -> float:
    """Have clients do their work at the same time; the server's processor time."""
    start = threading.Barrier(clients)

    def client(number: int) -> None:
        start.wait(60)
        work(number)

    before = spent(server)
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for each in [pool.submit(client, number) for number in range(clients)]:
            each.result(300)
    return spent(server) - before


@part(long=True)
def clients(bench: Bench) -> None:
    here = Session("sample")
    short = [(sector, f"{day}D") for sector in SECTORS for day in range(1, 21)]
    answers = {each: here.call("PX_RET", *each) for each in short}
    column = [[SECTORS[i % len(SECTORS)]] for i in range(CELLS)]
    whole = here.call("PX_RET", column, "5D")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "project") as server:

        def calls(turns: Sequence[int]) -> None:
            for turn in turns:
                sector, day = short[turn % len(short)]
                assert asked(server, "PX_RET", [[sector]], [[day]]) == [[answers[sector, day]]]

        def ranges(_: int) -> None:
            assert asked(server, "PX_RET", column, [["5D"]]) == whole

        calls(range(len(short)))
        ranges(0)
        alone = at_once(server, 1, lambda _: calls(range(CLIENTS * CALLS)))
        crowd = at_once(server, CLIENTS, lambda number: calls(range(number * CALLS, (number + 1) * CALLS)))
        bench.figure(
            f"a call of the server, {CLIENTS} clients at once",
            crowd / (CLIENTS * CALLS),
            against={"one client": alone / (CLIENTS * CALLS)},
            note="processor time of the server",
        )
        alone = at_once(server, 1, lambda _: [ranges(0) for _ in range(RANGES)] and None)
        crowd = at_once(server, RANGES, ranges)
        bench.figure(
            f"a range of {CELLS:,} cells from the server, {RANGES} clients at once",
            crowd / RANGES,
            against={"one client": alone / RANGES},
            note="processor time of the server",
        )


if __name__ == "__main__":
    main()
