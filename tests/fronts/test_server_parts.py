"""The parts of the server's guard, each by itself."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlrotation.cli import main
from xlrotation.errors import RotationError
from xlrotation.fronts.server import command, gate, kept, project
from xlrotation.fronts.server.gate import Gate, Message, Scope
from xlrotation.fronts.server.hosts import Hosts, origins, read_host
from xlrotation.fronts.server.token import VARIABLE, is_token

installed = pytest.mark.skipif(
    importlib.util.find_spec("xlwings_server") is None, reason="needs the extra: pip install xlrotation[server]"
)


def test_hosts_that_were_added() -> None:
    hosts = Hosts("192.0.2.7", 8000, "https", ["desk.example", "proxy.example:9000", "2001:db8::1", "[2001:db8::2]:1"])
    for good in (
        *(
            "192.0.2.7:8000",
            "localhost:8000",
            "desk.example",
            "desk.example:443",
            "DESK.example:8000",
            "desk.example:80",
        ),
        *("proxy.example:9000", "[2001:db8::1]:8000", "[2001:0DB8::2]:1"),
    ):
        assert hosts.known(good), good
    for bad in (
        "192.0.2.7",
        "proxy.example",
        "proxy.example:8000",
        "desk.example:81",
        "[2001:db8::2]",
        "192.0.2.8:8000",
    ):
        assert not hosts.known(bad), bad
    for bad in ("", "a b", "http://x", "x/y", "x:0", "x:70000", "*", "*.example", "x?", "ü.example", "a..b"):
        with pytest.raises(RotationError, match="--allow-host"):
            Hosts("localhost", 8000, "http", [bad])


def test_every_address_in_figures_holds_where_all_are_listened_on() -> None:
    """Such a host cannot be another's name; the connection came in at it."""
    hosts = Hosts("0.0.0.0", 8000, "http")
    assert hosts.known("192.0.2.7:8000", "192.0.2.7")
    assert not hosts.known("192.0.2.8:8000", "192.0.2.7")
    assert not hosts.known("evil.example:8000", "192.0.2.7")
    assert not hosts.known("0.0.0.0:8000", "192.0.2.7")
    assert hosts.known("[fe80::1]:8000", "fe80::1%eth0")


@given(st.text(max_size=40))
def test_any_other_text_is_no_host_of_ours(text: str) -> None:
    hosts = Hosts("127.0.0.1", 8000, "http")
    ours = {f"{name}:8000" for name in ("localhost", "127.0.0.1", "[::1]", "[0:0:0:0:0:0:0:1]")}
    assert not hosts.known(text) or text.lower() in ours
    assert not hosts.own_origin(text)
    read_host(text)


def test_origins_are_named_one_by_one() -> None:
    assert origins(["https://Desk.example"]) == ("https://desk.example",)
    for bad in ("*", "desk.example", "null", "https://", "ftp://x", "https://*.example", ""):
        with pytest.raises(RotationError, match="name each origin"):
            origins([bad])


def test_no_token_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not is_token(b"")
    monkeypatch.setenv(VARIABLE, "right")
    assert is_token(b"right")
    for wrong in (b"", b"righ", b"right ", b"RIGHT", b"\xff\xfe"):
        assert not is_token(wrong)


async def echo(_scope: Scope, receive: gate.Receive, send: gate.Send) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def posted(guard: Gate, messages: list[Message], hold: bool = False) -> tuple[int, bytes]:
    """A call through the gate; with *hold* the client stays silent after its messages."""
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        if hold:
            await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost:8000"), (b"authorization", b"right")]
    scope = {"type": "http", "method": "POST", "path": gate.CALL, "raw_path": gate.CALL.encode(), "headers": headers}
    asyncio.run(guard(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


def part(size: int, more: bool) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


def test_a_body_is_counted_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gate.MAX_BODY, gate.CALL, 100)
    monkeypatch.setattr(gate, "MAX_HELD", 150)
    guard = Gate(echo, Hosts("localhost", 8000, "http"), lambda token: token == b"right")
    assert posted(guard, [part(60, True), part(40, False)]) == (200, b"x" * 100)
    assert posted(guard, [part(60, True), part(41, True), part(1, False)])[0] == 413
    assert posted(guard, [part(60, True)]) == (400, b"the request broke off")
    guard._held = 60  # what others hold
    assert posted(guard, [part(60, True), part(40, False)])[0] == 503
    assert guard._held == 60
    guard._held = 0
    assert posted(guard, [part(100, False)])[0] == 200
    assert guard._held == 0


def test_a_body_that_comes_too_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.05)
    monkeypatch.setattr(gate, "_LINGER_SECONDS", 0.05)
    guard = Gate(echo, Hosts("localhost", 8000, "http"), lambda token: token == b"right")
    assert posted(guard, [part(1, True)], hold=True) == (408, b"the request came too slowly")


def test_sockets_are_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    guard = Gate(echo, Hosts("localhost", 8000, "http"), bool)
    asyncio.run(guard({"type": "websocket", "path": "/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


class Posted:
    """A request, as far as an endpoint asks for it."""

    def __init__(self, name: str, size: int = 0) -> None:
        self._body = json.dumps({"func_name": name, "args": [], "padding": "x" * size}).encode()

    async def body(self) -> bytes:
        return self._body


@installed
def test_long_calls_do_not_hold_up_short_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlrotation.fronts.excel import calls
    from xlrotation.fronts.server import answering

    go, running = threading.Event(), []

    def call(name: str, *_: object) -> object:
        if name == "LONG":
            running.append(name)
            assert go.wait(60)
        return 1.0

    monkeypatch.setattr(calls, "call", call)

    async def several() -> None:
        server = answering.Answering()
        long: Any = [asyncio.create_task(server.call(Posted("LONG", answering.SHORT))) for _ in range(20)]  # type: ignore[arg-type]
        try:
            while len(running) < answering.LONG_CALLS:
                await asyncio.sleep(0.01)
            for _ in range(50):  # all the threads for long calls are taken, and more are waiting
                answer = await asyncio.wait_for(server.call(Posted("SHORT")), 30)  # type: ignore[arg-type]
                assert json.loads(bytes(answer.body)) == {"result": [[1.0]]}
            assert len(running) == answering.LONG_CALLS
            assert not any(task.done() for task in long)
        finally:
            go.set()
        assert {answer.status_code for answer in await asyncio.gather(*long)} == {200}

    asyncio.run(several())


@installed
def test_a_call_ends_when_nobody_waits_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlrotation.errors import BadArgument
    from xlrotation.fronts.excel import calls
    from xlrotation.fronts.server import answering
    from xlrotation.functions.boundary import deadline

    def call(*_: object) -> object:
        try:
            deadline.check()
        except BadArgument as error:
            return error.message
        return 1.0

    monkeypatch.setattr(calls, "call", call)
    for seconds, said in ((-1.0, b"give fewer cells"), (300.0, b"1.0")):
        monkeypatch.setattr(answering, "CALL_SECONDS", seconds)
        assert said in bytes(asyncio.run(answering.Answering().call(Posted("PX_RET"))).body)  # type: ignore[arg-type]
    deadline.check()


@installed
def test_one_refresh_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from xlrotation.fronts.server import answering

    go = threading.Event()

    def refresh(_: bytes) -> bytes:
        assert go.wait(60)
        return b"{}"

    monkeypatch.setattr(answering, "_refresh", refresh)

    async def two() -> None:
        server = answering.Answering()
        first = asyncio.create_task(server.refresh(Posted("")))  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        assert (await server.refresh(Posted(""))).status_code == 409  # type: ignore[arg-type]
        go.set()
        assert (await first).status_code == 200
        assert (await server.refresh(Posted(""))).status_code == 200  # type: ignore[arg-type]

    asyncio.run(two())


@installed
def test_a_head_that_does_not_come_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    from xlrotation.fronts.server import protocol

    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.1)

    async def hello(_scope: Scope, _receive: gate.Receive, send: gate.Send) -> None:
        await asyncio.sleep(1.0)  # longer than a head may take: answering is not waiting
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with served(uvicorn.Config(hello, http=protocol.BoundedProtocol, lifespan="off", log_level="critical")) as port:
        for sent in (b"", b"GET / HTTP/1.1\r\nHost:"):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
                line.sendall(sent)
                with contextlib.suppress(ConnectionResetError):
                    assert line.recv(10) == b""
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 204")


@installed
def test_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    import uvicorn

    from xlrotation.fronts.server import protocol

    monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 3)

    async def hello(_scope: Scope, _receive: gate.Receive, send: gate.Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = uvicorn.Config(hello, http=protocol.BoundedProtocol, lifespan="off", log_level="critical")
    with served(config) as port, contextlib.ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(3)]
        for line in lines:
            line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(100).startswith(b"HTTP/1.1 204")
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as more,
            contextlib.suppress(ConnectionError),
        ):
            more.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert more.recv(100) == b""


@contextlib.contextmanager
def served(config: Any) -> Iterator[int]:
    import uvicorn

    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            thread.join(30)


def test_keys_lie_apart_and_are_private(tmp_path: Path) -> None:
    served, data = tmp_path / "project", tmp_path / "data"
    keys = kept.folder_of(served, data)
    assert not keys.is_relative_to(served)
    assert kept.folder_of(tmp_path / "other", data) != keys
    token = kept.secret(keys, "token")
    assert kept.secret(keys, "token") == token
    assert kept.secret(keys, "secret") != token
    assert kept.secret(keys, "token", new=True) != token
    if os.name == "posix":
        assert stat.S_IMODE((keys / "token").stat().st_mode) == 0o600
        for folder in (keys, keys.parent):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (keys / "token").chmod(0o644)
        with pytest.raises(RotationError, match="others can read it"):
            kept.secret(keys, "token")
        assert kept.secret(keys, "token", new=True)
        assert stat.S_IMODE((keys / "token").stat().st_mode) == 0o600
    for damaged in (b"", b"short", b"\0" * 50, b"a b" * 20):
        (keys / "token").write_bytes(damaged)
        assert len(kept.secret(keys, "token")) >= 40
    with pytest.raises(RotationError, match="a folder that is served"):
        kept.folder_of(served, served / "static")


def test_what_cannot_be_kept_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RotationError, match="cannot be made"):
        kept.folder_of(tmp_path / "project", tmp_path / "file")
    keys = kept.folder_of(tmp_path / "project", tmp_path)
    monkeypatch.setattr(kept.files, "write_whole", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(RotationError, match="token: cannot be kept \\(No space left\\)"):
        kept.secret(keys, "token")


def test_a_project_of_an_earlier_version_is_cleared(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    keys = kept.folder_of(folder, tmp_path)
    (folder / ".token").write_text("known to everybody")
    (folder / ".secret").write_text("known to everybody")
    (folder / ".env").write_text('XLWINGS_LICENSE_KEY="paid"\n')
    told = project.cleared(folder, keys)
    assert len(told) == 3
    assert not list(folder.iterdir())
    assert (keys / kept.SETTINGS).read_text() == 'XLWINGS_LICENSE_KEY="paid"\n'
    if os.name == "posix":
        assert stat.S_IMODE((keys / kept.SETTINGS).stat().st_mode) == 0o600
    assert kept.secret(keys, "token") != "known to everybody"
    assert project.cleared(folder, keys) == []


@installed
@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_project_that_everybody_can_write_is_refused(tmp_path: Path) -> None:
    folder = project.prepare(tmp_path / "project")
    assert not (folder / ".env").exists()
    folder.chmod(0o777)
    with pytest.raises(RotationError, match="everybody can write there"):
        project.prepare(folder)


@installed
@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_a_loose_umask_opens_no_part_of_a_project(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = project.prepare(tmp_path / "project")
    finally:
        os.umask(before)
    for part in ("custom_functions", "custom_scripts/__init__.py", "udfs.py"):
        mode = stat.S_IMODE((folder / part).stat().st_mode)
        (folder / part).chmod(mode | stat.S_IWOTH)
        with pytest.raises(RotationError, match=f"{part}: everybody can write there"):
            project.prepare(folder)
        (folder / part).chmod(mode)
    (folder / "static" / "link.js").symlink_to("js/auth.js")  # its own mode means nothing
    assert project.prepare(folder) == folder


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_keys_do_not_reach_a_served_folder_through_a_link(tmp_path: Path) -> None:
    served, data = tmp_path / "project", tmp_path / "data"
    (served / "static").mkdir(parents=True)
    data.mkdir()
    (data / "server-keys").symlink_to(served / "static")
    with pytest.raises(RotationError, match="a folder that is served"):
        kept.folder_of(served, data)
    assert not list((served / "static").iterdir())
    other = tmp_path / "other"
    other.mkdir()
    (other / "static").symlink_to(tmp_path / "plain")
    with pytest.raises(RotationError, match="a folder that is served"):
        kept.folder_of(other, tmp_path / "plain")


def test_a_licence_key_that_is_none_is_told(tmp_path: Path) -> None:
    keys = kept.folder_of(tmp_path / "project", tmp_path)
    path = keys.parent / kept.LICENCE
    kept.write(path, "\ufeffnoncommercial\n")
    assert kept.licence(keys) == "noncommercial"
    for bad in ("noncommercial".encode("utf-16"), b"a\0b", b"two words", b"\xff\xfe"):
        path.write_bytes(bad)
        with pytest.raises(RotationError, match="holds no licence key"):
            kept.licence(keys)
    if os.name == "posix":
        path.unlink()
        os.mkfifo(path, 0o600)
        with pytest.raises(RotationError, match="no plain file"):
            kept.licence(keys)


def test_a_licence_key_is_read_from_a_private_file(tmp_path: Path) -> None:
    keys = kept.folder_of(tmp_path / "project", tmp_path)
    assert kept.licence(keys) is None
    kept.write(keys.parent / kept.LICENCE, "noncommercial\n")
    assert kept.licence(keys) == "noncommercial"
    if os.name == "posix":
        (keys.parent / kept.LICENCE).chmod(0o640)
        with pytest.raises(RotationError, match="others can read it"):
            kept.licence(keys)


def told(capsys: pytest.CaptureFixture[str], **options: object) -> tuple[str, str]:
    given = {"host": "127.0.0.1", "port": 8000, "certificate": None, "allow_host": [], **options}
    command._tell(argparse.Namespace(**given), "http", "the-token")
    said = capsys.readouterr()
    return said.out, said.err


def test_a_network_is_told_what_it_means(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = told(capsys)
    assert out.rstrip().endswith(": the-token")
    assert "other computers" not in err
    for host in ("localhost", "::1", "127.0.0.2"):
        assert "other computers" not in told(capsys, host=host)[1]
    for host in ("0.0.0.0", "::", "192.0.2.7"):
        out, err = told(capsys, host=host)
        assert "other computers can reach it" in err
        assert "nobody can without it" in err
        assert "in the clear" in err
        assert ("--allow-host" in err) == (host != "192.0.2.7")
        assert "the-token" not in err
    assert "in the clear" not in told(capsys, host="192.0.2.7", certificate=Path("a.pem"))[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "0"], "--port 0"),
        (["--port", "70000"], "--port 70000"),
        (["--allow-host", "http://x"], "--allow-host http://x"),
        (["--key", __file__], "give --certificate, too"),
    ],
)
def test_options_that_cannot_be(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
) -> None:
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XLWINGS_LICENSE_KEY", "noncommercial")
    assert main(["server", "--folder", str(tmp_path / "project"), *options]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "project").exists()


@installed
def test_what_cannot_be_listened_with_is_told(tmp_path: Path) -> None:
    from xlrotation.fronts.server import serving

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RotationError, match=f"cannot listen on 127.0.0.1, port {port}"):
            serving.check("127.0.0.1", port, None, None)
    for host in ("192.0.2.77", "999.1.1.1", "no such host", "a" * 300, "x..y"):
        with pytest.raises(RotationError, match="cannot listen on"):
            serving.check(host, port, None, None)
    serving.check("127.0.0.1", port, None, None)
    serving.check("localhost", port, None, None)
    broken = tmp_path / "broken.pem"
    for text in ("", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        broken.write_text(text)
        with pytest.raises(RotationError, match=r"broken\.pem and .*: no certificate"):
            serving.check("127.0.0.1", port, broken, broken)


def test_settings_that_open_something_do_not_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENVIRONMENT", "STATIC_URL_PATH", "APP_PATH", "PROJECT_DIR", "AUTH_PROVIDERS"):
        monkeypatch.setenv(f"XLWINGS_{name}", "elsewhere")
    for name in ("SOCKETIO", "WASM", "TESTS", "EXAMPLES", "HOTRELOAD"):
        monkeypatch.setenv(f"XLWINGS_ENABLE_{name}", "true")
    monkeypatch.setenv("XLWINGS_PROJECT_NAME", "desk")
    monkeypatch.setenv(VARIABLE, "guessed")
    settings = command._settings(tmp_path, tmp_path, "token", "noncommercial", None)
    assert settings["XLWINGS_PROJECT_NAME"] == "desk"
    assert "elsewhere" not in settings.values()
    assert {value for name, value in settings.items() if name.startswith("XLWINGS_ENABLE_")} == {"false"}
    assert settings[VARIABLE] == "token"
    assert not {"XLROTATION_SOURCE", "XLROTATION_LANG"} & set(settings)  # the environment's stand
    told = command._settings(tmp_path, tmp_path, "token", "noncommercial", "store:desk", "zh")
    assert (told["XLROTATION_SOURCE"], told["XLROTATION_LANG"]) == ("store:desk", "zh")
    for bad in ("*", "https://x", "{}", "[1]"):
        with pytest.raises(RotationError, match="XLWINGS_CORS_ALLOW_ORIGINS"):
            command._listed(bad)


@installed
@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_project_that_is_a_circle_of_links_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from xlrotation.cli import main

    (tmp_path / "circle").symlink_to("circle")
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XLWINGS_LICENSE_KEY", "noncommercial")
    assert main(["server", "--folder", str(tmp_path / "circle")]) == 2
    assert "circle: cannot be" in capsys.readouterr().err


def test_a_signalling_nan_over_com_is_an_error_value() -> None:
    import decimal

    from xlrotation.fronts.excel import calls

    assert "#VALUE!" in str(calls.call("PX_RET", "SPY", decimal.Decimal("sNaN")))
