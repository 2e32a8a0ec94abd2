"""Many users at once: 200 clients, and ranges of 10,000 cells among them, each with the answer of a call alone."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import json
import statistics
import threading
import time

import pytest

from tests.fronts.serving import Server, running
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session

if importlib.util.find_spec("xlwings_server") is None:
    pytest.skip("needs the extra: pip install xlrotation[server]", allow_module_level=True)

CLIENTS, ROUNDS, CELLS = 200, 3, 10_000
NOT_AVAILABLE = {"type": "Error", "errorType": "NotAvailable"}
SECTORS = ["XLK", "XLE", "XLF", "XLV", "XLI", "XLB", "XLU", "XLP", "XLY"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("load") / "project") as server:
        yield server


def answered(server: Server, *asked: object) -> tuple[object, float]:
    """The cells, and the seconds that it took; a client that is asked to come again does, as Excel."""
    began = time.perf_counter()
    while True:
        status, _, body = server.call(*asked, Authorization=server.token)
        if status != 503:
            break
        time.sleep(0.05)
    assert status == 200, body
    return json.loads(body)["result"], time.perf_counter() - began


def test_two_hundred_clients_and_long_ranges(server):
    """Every answer is right, whoever else asks; nothing is dropped, and the server goes on."""
    here = Session("sample")
    days = [f"{day}D" for day in range(1, 21)]
    short = [(sector, day) for sector in SECTORS for day in days]
    column = [[SECTORS[i % len(SECTORS)] if i % 10 else "NOSUCH"] for i in range(CELLS)]
    expected = here.call("PX_RET", column, "5D")
    long = [[NOT_AVAILABLE if cell == CellError.NA else cell for cell in row] for row in expected]
    start = threading.Barrier(CLIENTS + 4)

    def client(number: int) -> list[float]:
        start.wait(60)
        took = []
        for turn in range(ROUNDS):
            sector, day = short[(number * 7 + turn * 31) % len(short)]
            cells, seconds = answered(server, "PX_RET", [[sector]], [[day]])
            assert cells == [[here.call("PX_RET", sector, day)]]
            took.append(seconds)
        return took

    def analyst(_: int) -> list[float]:
        start.wait(60)
        cells, seconds = answered(server, "PX_RET", column, [["5D"]])
        assert cells == long
        return [seconds]

    with concurrent.futures.ThreadPoolExecutor(CLIENTS + 4) as pool:
        ranges = [pool.submit(analyst, number) for number in range(4)]
        clients = [pool.submit(client, number) for number in range(CLIENTS)]
        took = sorted(seconds for each in clients for seconds in each.result(240))
        ranged = sorted(seconds for each in ranges for seconds in each.result(240))
    assert len(took) == CLIENTS * ROUNDS
    print(
        f"{len(took)} calls of {CLIENTS} clients: median {statistics.median(took):.2f} s, "
        f"99 of 100 within {took[len(took) * 99 // 100]:.2f} s; {CELLS} cells: up to {ranged[-1]:.2f} s"
    )
    assert answered(server, "XLR_VERSION")[0] == [[here.call("XLR_VERSION")]]
