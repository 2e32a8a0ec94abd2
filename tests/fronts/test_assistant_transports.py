"""The tools through the SDK's own client, over standard input and over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.fronts.serving import free_port, signals_as_usual
from xlrotation.cli import main
from xlrotation.fronts.assistant.declared import TOOLS

FORMULAS = [
    '=RS_STREAK("RUT","SPX","2026-01-14")',
    '=ROT_SECTOR_RET(,"5D")',
    '=PX_RET("XLKK")',
    '=IF(RS_STREAK()>=9,"historic","normal")',
]
Ask = Callable[[Client], Awaitable[Any]]


def environment(home: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("XLROTATION_")}
    return kept | {"XLROTATION_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}


def over_stdio(home: Path, ask: Ask, *options: str) -> Any:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "xlrotation", "mcp", *options], env=environment(home), cwd=home
    )

    async def talk() -> Any:
        with anyio.fail_after(120):
            async with Client(command) as client:
                return await ask(client)

    return anyio.run(talk)


class Served:
    """The server over HTTP."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "xlrotation", "mcp", "--http", "--port", str(self.port), "--seconds", "5"],
            env=environment(home),
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self.token = self.process.stdout.readline().split()[-1]
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                self.post(b"{}")
            except OSError:
                assert self.process.poll() is None
                anyio.run(anyio.sleep, 0.1)
            else:
                return
        raise AssertionError("it does not answer")

    def talk(self, ask: Ask, token: str | None = None) -> Any:
        async def talk() -> Any:
            heads = {"Authorization": f"Bearer {self.token if token is None else token}"}
            async with httpx2.AsyncClient(headers=heads, timeout=60) as http_client:
                with anyio.fail_after(120):
                    async with Client(streamable_http_client(self.address, http_client=http_client)) as client:
                        return await ask(client)

        return anyio.run(talk)

    def post(self, body: bytes, method: str = "POST", path: str = "/mcp", **heads: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            given = {name.replace("_", "-"): text for name, text in heads.items()}
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("assistant"))
    yield made
    made.process.terminate()
    made.process.wait(30)
    assert made.process.stdout is not None
    made.process.stdout.close()


async def evaluated(client: Client) -> Any:
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == list(TOOLS)
    assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools)
    answer = await client.call_tool("evaluate", {"formulas": FORMULAS})
    assert not answer.is_error
    assert json.loads(answer.content[0].text) == answer.structured_content
    return answer.structured_content


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    main(["eval", "--source", "sample", "--lang", "en", "--json", *FORMULAS])
    return json.loads(capsys.readouterr().out)


def test_over_standard_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = over_stdio(tmp_path, evaluated)
    assert [found["value"] for found in answer["results"]] == printed(capsys)
    assert (answer["source"], answer["asof"]) == ("sample", "2026-02-13")
    assert list(tmp_path.rglob("*")) == []  # it wrote nothing


def test_over_http(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    answer = served.talk(evaluated)
    assert [found["value"] for found in answer["results"]] == printed(capsys)


async def hostile(client: Client) -> list[Any]:
    deep: Any = "=1"
    for _ in range(50):
        deep = [deep]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("evaluate", {"formulas": ["=1"], "source": "folder:/etc"}),
        ("evaluate", {"formulas": deep}),
        ("evaluate", {"formulas": ["=" + "1+" * 50_000 + "1"]}),
        ("evaluate", {"formulas": ["=1"], "asof": "2031-01-01"}),
        ("explain", {"function": "../../etc/passwd"}),
        ("audit_report", {"report": "\x00"}),
        ("no_such_tool", {}),
    ]
    answers = [await client.call_tool(name, given) for name, given in asked]
    answers.append(await client.call_tool("evaluate", {"formulas": ["=RS_STREAK()"]}))
    return answers


def check_hostile(answers: list[Any]) -> None:
    *refused, last = answers
    for answer in refused:
        assert answer.is_error
        assert 0 < len(answer.content[0].text) < 2500
    assert last.structured_content["results"][0]["value"] == 1


def test_hostile_arguments_over_standard_input(tmp_path: Path) -> None:
    check_hostile(over_stdio(tmp_path, hostile, "--seconds", "5"))


def test_lines_that_are_no_messages_are_passed_over(tmp_path: Path) -> None:
    call = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"evaluate","arguments":%s}}'
    hello = (
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
        '"clientInfo":{"name":"x","version":"1"}}}'
    )
    lines = [
        *(hello, '{"jsonrpc":"2.0","method":"notifications/initialized"}'),
        *("", "{", "\x00", "[" * 100_000, call % ("[" * 5000 + "]" * 5000), "x" * (8 << 20)),
        call % '{"formulas":["=RS_STREAK()"]}',
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "xlrotation", "mcp"],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            message = json.loads(line)  # nothing else is ever written there
            if message.get("id") == 7 and "result" in message:
                break
        assert message["result"]["structuredContent"]["results"][0]["value"] == 1
        process.stdin.close()
        assert process.wait(60) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("name", "status"), [("SIGTERM", 143), ("SIGINT", 1), ("SIGHUP", 129), ("SIGKILL", -9)])
def test_a_signal_ends_it_with_its_process(tmp_path: Path, name: str, status: int) -> None:
    lines = [
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},'
        '"clientInfo":{"name":"x","version":"1"}}}',
        '{"jsonrpc":"2.0","method":"notifications/initialized"}',
        '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"evaluate","arguments":{"formulas":["=1"]}}}',
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "xlrotation", "mcp"],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=signals_as_usual,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        assert [json.loads(process.stdout.readline())["id"] for _ in range(2)] == [1, 2]
        process.send_signal(getattr(signal, name))
        assert process.wait(60) == status
        process.stderr.read()  # ends when the last process that holds it does


def test_hostile_arguments_over_http(served: Served) -> None:
    check_hostile(served.talk(hostile))


def test_several_clients_at_once(served: Served) -> None:
    async def both(client: Client) -> list[Any]:
        found: list[Any] = []

        async def one(day: str) -> None:
            answer = await client.call_tool("evaluate", {"formulas": ["=RS_STREAK()"], "asof": day})
            found.append((day, answer.structured_content["results"][0]["value"]))

        async with anyio.create_task_group() as group:
            for day in ("2026-01-14", "2026-01-16", "2026-02-13"):
                group.start_soon(one, day)
        return found

    assert sorted(served.talk(both)) == [("2026-01-14", 9), ("2026-01-16", 11), ("2026-02-13", 1)]


def good(served: Served) -> dict[str, str]:
    return {"Authorization": f"Bearer {served.token}", "Content_Type": "application/json", "Accept": "application/json"}


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer ", "Bearer x", "Basic {}", "{}", "bearer{}", "Bearer {}x"])
def test_without_the_token_nothing_is_answered(served: Served, token: str) -> None:
    status, text = served.post(b"{}", **good(served) | {"Authorization": token.format(served.token)})
    assert status == 401
    assert served.token not in text


def test_pages_of_the_web_are_turned_away(served: Served) -> None:
    assert served.post(b"{}", **good(served), Host="evil.example")[0] == 421
    assert served.post(b"{}", **good(served), Host=f"evil.example:{served.port}")[0] == 421
    assert served.post(b"{}", **good(served), Origin="https://evil.example")[0] == 403


def test_nothing_else_is_there(served: Served) -> None:
    heads = good(served)
    for path in ("/", "/mcp/", "/static/x", "/manifest", "/%6dcp", "/mcp/../mcp", "/xlwings/custom-functions-meta"):
        assert served.post(b"{}", path=path, **heads)[0] == 404, path
    for method in ("GET", "DELETE", "PUT", "OPTIONS"):
        assert served.post(b"", method=method, **heads)[0] == 405, method
    assert served.post(b" " * (2 << 20), **heads)[0] == 413
    for body in (b"", b"{", b"[" * 100_000, b"\xff\xfe"):
        assert 400 <= served.post(body, **heads)[0] < 500, body[:20]
    assert '"error"' in served.post(b'{"jsonrpc":"2.0","id":1,"method":"tools/call"}', **heads)[1]


def test_it_listens_on_this_computer_alone() -> None:
    with pytest.raises(SystemExit):
        main(["mcp", "--http", "--host", "0.0.0.0"])


@pytest.mark.parametrize("options", [["--seconds", "0"], ["--seconds", "nan"], ["--port", "70000"], ["--new-token"]])
def test_what_cannot_be_meant_is_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", *options]) == 2
    assert capsys.readouterr().err


def test_without_the_sdk_it_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from xlrotation.cli import main; sys.exit(main(['mcp']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'xlrotation[mcp]'" in done.stderr
