"""The server against those who want in: paths, hosts, origins, routes, bodies, over raw sockets on loopback."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fronts.serving import ROOT, Server, running

if importlib.util.find_spec("xlwings_server") is None:
    pytest.skip("needs the extra: pip install xlrotation[server]", allow_module_level=True)

from xlrotation.fronts.server import gate
from xlrotation.fronts.server.application import ContainedFiles

MARK = b"only-for-the-owner-of-this-computer"
OPEN = [path for path, methods in gate.ROUTES.items() if "GET" in methods]
CALLS = [gate.CALL, gate.SCRIPT]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("guarded") / "project"
    with running(folder) as started:
        static = folder / "static"
        for path in (folder / ".env", folder / ".token", folder / "outside.txt", folder.parent / "beside.txt"):
            path.write_bytes(MARK)
        for path in (static / ".dot", static / ".dot.js", static / "..dots", static / ".git" / "config"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(MARK)
        (static / "seen.txt").write_bytes(b"for everybody")
        for name, target in {
            "link.txt": folder / "outside.txt",
            "relative.txt": Path("../outside.txt"),
            "dotted.txt": static / ".dot",
            "folder": folder.parent,
            "hidden": static / ".git",
            "root": Path("/"),
            "keys": started.keys,
            "inside.txt": static / "seen.txt",
        }.items():
            (static / name).symlink_to(target)
        yield started


def raw(server: Server, head: bytes, body: bytes = b"", wait: float = 30.0) -> bytes:
    """What comes back for bytes sent as they are."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as line:
        line.sendall(head + body)
        answer = b""
        while part := line.recv(65536):
            answer += part
    return answer


def ask(server: Server, target: str | bytes, method: str = "GET", host: str | None = None, *headers: str) -> bytes:
    target = target if isinstance(target, bytes) else target.encode("latin-1")
    named = f"127.0.0.1:{server.port}" if host is None else host
    lines = [f"Host: {named}", "Connection: close", *headers]
    return raw(server, method.encode() + b" " + target + b" HTTP/1.1\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n")


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


UP = [
    *(
        "../",
        "..%2f",
        "..%2F",
        "%2e%2e/",
        "%2e%2e%2f",
        "%2E%2E%2F",
        ".%2e/",
        "%2e./",
        "..//",
        ".././",
        "..;/",
        "....//",
    ),
    *("..%252f", "%252e%252e%252f", "%252e%252e/", "..%25252f", "..\\", "..%5c", "..%5C", "%2e%2e%5c", "..%255c"),
    *("..%c0%af", "%c0%ae%c0%ae/", "%c0%ae%c0%ae%c0%af", "..%e0%80%af", "%f0%80%80%ae%f0%80%80%ae/", "..%c1%9c"),
    *("..%u2215", "..%uff0f", "..%ef%bc%8f", "%ef%bc%8e%ef%bc%8e/", "..%00/", "..%0a/", "..%09/", "..%20/", "../\t"),
]


def hostile(server: Server, base: str) -> Iterator[str]:
    """Targets below *base* that could reach what is not for everybody."""
    outside = str(server.folder / "outside.txt")
    for up in UP:
        for depth in (1, 2, 3, 12):
            yield f"{base}{up * depth}outside.txt"
            yield f"{base}{up * depth}.token"
        yield f"{base}js/{up * 2}outside.txt"
        yield f"{base}{up * 12}{outside.lstrip('/')}"
        yield f"{base}{up * 12}{server.keys.as_posix().lstrip('/')}/token"
    for absolute in (outside, urllib.parse.quote(outside), urllib.parse.quote(outside, safe="")):
        yield base + absolute
        yield base + "/" + absolute
        yield base + "file://" + absolute
        yield base + absolute.replace("/", "\\")
        yield base + absolute.replace("/", "%5c")
        yield base + urllib.parse.quote(absolute)
    for share in (
        "\\\\127.0.0.1\\c$\\",
        "//127.0.0.1/c$/",
        "%5c%5c127.0.0.1%5cc$%5c",
        "\\\\?\\C:\\",
        "//?/C:/",
        "%2f%2f",
    ):
        yield f"{base}{share}outside.txt"
    for drive in ("C:/", "C:\\", "C:", "C%3a%5c", "c%3A/", "C|/", "//C:/", "file:///C:/"):
        yield f"{base}{drive}outside.txt"
        yield f"{base}{drive}{outside}"
    for name in (".dot", ".dot.js", "..dots", ".git/config", ".env", ".token", ".secret", ".well-known/x"):
        for end in (
            "",
            ".",
            "..",
            "/",
            "/.",
            "%00",
            "%00.js",
            "%20",
            "%2e",
            "::$DATA",
            ":x",
            "?",
            "#",
            ";.js",
            "%0a",
            "~1",
        ):
            yield f"{base}{name}{end}"
        yield f"{base}%2e{name[1:]}"
        yield f"{base}%252e{name[1:]}"
        yield f"{base}./{name}"
        yield f"{base}js/../{name}"
        yield f"{base}js%2f..%2f{name}"
        yield f"{base}js\\..\\{name}"
    for name in ("link.txt", "relative.txt", "dotted.txt", "folder/beside.txt", "folder/project/outside.txt"):
        yield base + name
    yield f"{base}hidden/config"
    yield f"{base}root{outside}"
    yield f"{base}keys/token"
    yield f"{base}keys/secret"


@pytest.mark.parametrize("with_token", [False, True], ids=["stranger", "owner"])
def test_no_path_leads_out_of_the_folder_of_files(server: Server, with_token: bool) -> None:
    headers = [f"Authorization: {server.token}"] if with_token else []
    shown = ask(server, "/static/seen.txt", "GET", None, *headers)
    assert (status(shown), shown[-13:]) == (200, b"for everybody")
    assert status(ask(server, "/static/inside.txt", "GET", None, *headers)) == 200
    secrets = (MARK, server.token.encode(), (server.keys / "secret").read_bytes())
    tried = 0
    bases = ["/static/", "/static//", "/"]
    if not with_token:  # no file is asked for a token
        bases += ["//static/", "/./static/", "/STATIC/", "/xlwings/", f"{server.address}/static/"]
    for base in bases:
        for target in hostile(server, base):
            answer = ask(server, target, "GET", None, *headers)
            assert 400 <= status(answer) < 500, (target, answer[:200])
            assert not any(secret in answer for secret in secrets), target
            tried += 1
    assert tried > 1500


def test_every_route_takes_its_plain_path_only(server: Server) -> None:
    for path in (*OPEN, *CALLS, "/static/seen.txt"):
        for form in (
            *(f"{path}/..%2f..%2f..%2fproject%2f.token", f"{path}/../../.token", f"{path}%2f..%2f.token", f"{path}%00"),
            *(f"{path}/.token", f"{path}.", f"{path}%20", f"{path};x", f"{path}\\..\\.token", f"{path}//", f"/{path}"),
            *(f"{server.address}{path}", f"http://elsewhere.example{path}", path.upper() if path != "/" else "/A"),
        ):
            for method in ("GET", "POST"):
                answer = ask(server, form, method, None, f"Authorization: {server.token}", "Content-Length: 0")
                assert 400 <= status(answer) < 500, (form, answer[:200])
                assert server.token.encode() not in answer


def test_the_second_wall_stands_alone(tmp_path: Path) -> None:
    """Files are contained by themselves, whatever the gate lets through."""
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own / "js", own / ".git", other):
        folder.mkdir(parents=True)
    for path in (own / "js" / "a.js", own / ".dot", own / ".git" / "config", other / "b.js", tmp_path / "outside.txt"):
        path.write_bytes(MARK)
    (own / "link").symlink_to(tmp_path / "outside.txt")
    (own / "up").symlink_to(tmp_path)
    (own / "dotted").symlink_to(own / ".dot")
    (own / "same").symlink_to(own / "js" / "a.js")
    files = ContainedFiles([own, other])
    for good in ("js/a.js", "b.js", "same"):
        assert files.lookup_path(good)[1] is not None, good
    outside = str(tmp_path / "outside.txt")
    for bad in (
        *("../outside.txt", "js/../../outside.txt", outside, f"/{outside}", "link", "up/outside.txt", "up/own/.dot"),
        *(".dot", ".git/config", "js/../.dot", "dotted", "./.dot", "..", ".", "", "up/other/../own/.git/config"),
    ):
        full, found = files.lookup_path(bad)
        assert found is None or Path(full).is_dir(), bad


HOSTS = [
    *("evil.example", "evil.example:{port}", "localhost.evil.example:{port}", "127.0.0.1.evil.example:{port}"),
    *(
        "127.0.0.1:1",
        "localhost:{other}",
        "127.0.0.1",
        "[::1]",
        "",
        " ",
        "127.0.0.1:{port}@evil.example",
        "0.0.0.0:{port}",
    ),
    *(
        "evil.example#127.0.0.1:{port}",
        "evil.example/127.0.0.1:{port}",
        "127.0.0.1:{port}, evil.example",
        "[::1:{port}",
    ),
    *(
        "127.1:{port}",
        "2130706433:{port}",
        "0x7f.1:{port}",
        "localhost.:{port}",
        "*:{port}",
        "127.0.0.1:{port}x",
        "null",
    ),
    *(
        "[::ffff:127.0.0.1]:{port}",
        "127.0.0.1:-1",
        "127.0.0.1:99999999999",
        "xn--lcalhost-54a:{port}",
        "192.168.0.1:{port}",
    ),
]


def test_other_hosts_get_nothing_on_any_route(server: Server) -> None:
    for path in (*OPEN, *CALLS, "/static/seen.txt", "/static/js/auth.js", "/docs", "/openapi.json", "/nowhere"):
        method = "POST" if path in CALLS else "GET"
        for host in HOSTS if path in ("/", gate.CALL, "/static/seen.txt") else HOSTS[:3]:
            named = host.format(port=server.port, other=server.port + 1)
            headers = (f"Authorization: {server.token}", "Content-Length: 0")
            answer = ask(server, path, method, named, *headers)
            assert status(answer) in (400, 421), (path, named, answer[:200])
            assert b"everybody" not in answer
    for host in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        assert status(ask(server, "/", "GET", f"{host}:{server.port}")) == 200
    good = f"127.0.0.1:{server.port}"
    assert status(ask(server, "/", "GET", "evil.example", f"Host: {good}")) == 400
    assert status(ask(server, "/", "GET", good, "Host: evil.example")) == 400
    assert status(raw(server, b"GET / HTTP/1.0\r\n\r\n")) == 421
    forwarded = ask(server, "/manifest", "GET", good, "X-Forwarded-Host: evil.example", "Forwarded: host=evil.example")
    assert b"evil.example" not in forwarded


def test_pages_of_other_sites_may_not_call(server: Server) -> None:
    body = json.dumps({"func_name": "XLR_VERSION", "args": []}).encode()
    token = f"Authorization: {server.token}"

    def call(*headers: str) -> bytes:
        lines = (f"Host: 127.0.0.1:{server.port}", "Connection: close", token, f"Content-Length: {len(body)}", *headers)
        return raw(server, f"POST {gate.CALL} HTTP/1.1\r\n".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n", body)

    assert status(call()) == 200
    assert status(call(f"Origin: http://127.0.0.1:{server.port}")) == 200
    assert status(call(f"Origin: http://localhost:{server.port}")) == 200
    for origin in (
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1",
        f"http://127.0.0.1:{server.port}.evil.example",
    ):
        assert status(call(f"Origin: {origin}")) == 403, origin
    own = f"Origin: http://127.0.0.1:{server.port}"
    assert status(call(own, "Origin: https://evil.example")) == 403
    asked = ("Origin: https://evil.example", "Access-Control-Request-Method: POST")
    before = ask(server, gate.CALL, "OPTIONS", None, *asked)
    assert status(before) == 405
    assert b"access-control" not in before.lower()


KNOWN = {
    "/": {"GET", "HEAD"},
    "/favicon.ico": {"GET"},
    "/xlwings/alert": {"GET"},
    "/xlwings/custom-functions-meta": {"GET"},
    "/xlwings/custom-functions-meta.json": {"GET"},
    "/xlwings/custom-functions-code": {"GET"},
    "/xlwings/custom-functions-code.js": {"GET"},
    "/xlwings/custom-functions-call": {"POST"},
    "/xlwings/custom-scripts-call/{script_name}": {"POST"},
    "/xlwings/custom-scripts-meta": {"GET"},
    "/xlwings/custom-scripts-meta.json": {"GET"},
    "/taskpane": {"GET"},
    "/taskpane.html": {"GET"},
    "/manifest": {"GET"},
    "/manifest.xml": {"GET"},
    "/manifest/download": {"GET"},
    "/static": {"files"},
}
"""The routes of xlwings Server that were looked at. The gate closes a further one; look at it, then name it."""

_LIST = """
import json
from xlwings_server import main
found = {}
def walk(routes, prefix=""):
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            walk(inner.routes)
            continue
        methods = sorted(getattr(route, "methods", None) or ["files" if type(route).__name__ == "Mount" else "?"])
        found.setdefault(route.path, []).extend(methods)
walk(main.app.router.routes)
print(json.dumps({"routes": found, "outer": type(main.main_app).__name__}))
"""


def test_every_route_of_the_dependency_was_looked_at(server: Server) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XLWINGS_", "XLROTATION_"))}
    environment |= {
        "XLWINGS_LICENSE_KEY": "noncommercial",
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_LOG_LEVEL": "ERROR",
        "XLWINGS_ENABLE_SOCKETIO": "false",
        "XLWINGS_SECRET_KEY": "x",
        "XLWINGS_PROJECT_DIR": str(server.folder),
        "DOTENV_PATH": os.devnull,
        "PYTHONPATH": f"{server.folder}{os.pathsep}{ROOT}",
    }
    done = subprocess.run([sys.executable, "-c", _LIST], env=environment, capture_output=True, text=True, check=True)
    listed = json.loads(done.stdout.splitlines()[-1])
    assert {path: set(methods) for path, methods in listed["routes"].items()} == KNOWN
    assert listed["outer"] == "CORSMiddleware"
    plain = {path for path in KNOWN if path != "/static" and "{" not in path} | {gate.SCRIPT}
    assert set(gate.ROUTES) == plain


@pytest.mark.parametrize(
    "path",
    [
        *("/docs", "/redoc", "/openapi.json", "/socket.io/", "/socket.io/?EIO=4&transport=polling", "/ws", "/health"),
        *(
            "/wasm/main.py",
            "/pyodide.json",
            "/xlwings/pyodide.json",
            "/custom_functions/__init__.py",
            "/static",
            "/static/",
        ),
        *(
            "/custom_scripts/__init__.py",
            "/udfs.py",
            "/pyproject.toml",
            "/.env",
            "/manifest/",
            "/taskpane/",
            "/metrics",
        ),
        *("/xlwings/custom-scripts-call/anything", "/xlwings/custom-scripts-call/../custom-functions-call", "/auth"),
    ],
)
def test_what_is_not_needed_is_not_there(server: Server, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        answer = ask(server, path, method, None, f"Authorization: {server.token}")
        assert status(answer) == 404, (method, answer[:200])


def test_sockets_are_not_opened(server: Server) -> None:
    for path in ("/", "/socket.io/?EIO=4&transport=websocket", gate.CALL):
        key = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: Upgrade\r\n" + "\r\n".join(key)
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
            line.sendall(head.encode() + b"\r\n\r\n")
            assert b" 101 " not in line.recv(4096).splitlines()[0]


@pytest.mark.long
def test_calls_without_the_token_are_refused_before_their_body(server: Server) -> None:
    for path in CALLS:
        for token in ([], ["Authorization: wrong"], ["Authorization: "], [f"Authorization: {server.token}x"]):
            # nothing of the body is sent, and the answer comes
            answer = ask(server, path, "POST", None, "Content-Length: 400000000", *token)
            assert status(answer) == 401, answer[:200]
            assert server.token.encode() not in answer
        twice = (f"Authorization: {server.token}", "Authorization: other")
        assert status(ask(server, path, "POST", None, "Content-Length: 10", *twice)) == 401
        assert status(ask(server, path + f"?token={server.token}", "POST", None, "Content-Length: 10")) == 401


def test_a_body_of_two_lengths_and_one_that_is_announced(server: Server) -> None:
    token = f"Authorization: {server.token}"
    body = json.dumps({"func_name": "XLR_VERSION", "args": []}).encode()
    both = ask(server, gate.CALL, "POST", None, token, "Content-Length: 5", "Transfer-Encoding: chunked")
    assert status(both) == 400
    for given, expected in ((token, 200), ("Authorization: wrong", 401)):
        lines = (f"POST {gate.CALL} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", given, "Connection: close")
        head = "\r\n".join((*lines, f"Content-Length: {len(body)}", "Expect: 100-continue")) + "\r\n\r\n"
        answer = raw(server, head.encode(), body)
        final = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").removeprefix(b"HTTP/1.1 100 \r\n\r\n")
        assert status(final) == expected, answer[:300]


def memory(server: Server) -> int:
    """Bytes that the process has at most held."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("VmHWM")).split()[1]) << 10


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see the memory of a process")
def test_a_long_body_is_not_held(server: Server) -> None:
    token = f"Authorization: {server.token}"
    long = gate.MAX_BODY[gate.CALL] + 1
    assert status(ask(server, gate.CALL, "POST", None, token, f"Content-Length: {long}")) == 413
    for length in ("9" * 15, "9" * 40):
        assert status(ask(server, gate.CALL, "POST", None, token, f"Content-Length: {length}")) in (400, 413)
    assert status(ask(server, "/", "GET", None, "Content-Length: 5")) == 400
    assert status(ask(server, gate.CALL, "POST", None, token, "Content-Encoding: gzip", "Content-Length: 5")) == 415
    before = memory(server)
    for header in (token, "Authorization: wrong"):
        lines = (f"POST {gate.CALL} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", header, "Transfer-Encoding: chunked")
        head = "\r\n".join(lines) + "\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
            line.sendall(head.encode())
            chunk = b"100000\r\n" + b"[" * (1 << 20) + b"\r\n"
            with pytest.raises(OSError, match=r".*"):  # noqa: PT012  # refused in the midst of it, not at its end
                for _ in range(400):
                    line.sendall(chunk)
                raise AssertionError("400 MB were taken")
    assert memory(server) - before < 100 << 20


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b'"' + b"x" * 1000, b"{}"),
        *(b'{"func_name": "XLR_VERSION", "func_name": "PX_RET", "args": []}', b'{"args": [{"a": 1, "a": 1}]}'),
        *(b'{"func_name": 1, "args": []}', b'{"func_name": "PX_RET"}', b'{"func_name": "PX_RET", "args": {}}'),
        *(b'{"func_name": ["PX_RET"], "args": []}', b'{"func_name": "PX_RET", "args": "' + b"," * 1_100_000 + b'"}'),
        json.dumps({"func_name": "PX_RET", "args": [None] * 300}).encode(),
        json.dumps({"func_name": "PX_RET", "args": [[[1] * 200] * 2000]}).encode(),
    ],
)
def test_a_body_that_is_no_call_is_told(server: Server, body: bytes) -> None:
    for path in CALLS if len(body) < 300_000 else [gate.CALL]:
        lines = (f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Authorization: {server.token}")
        head = "\r\n".join((*lines, f"Content-Length: {len(body)}", "Connection: close")) + "\r\n\r\n"
        answer = raw(server, head.encode(), body)
        assert status(answer) == 400, answer[:300]
        assert b"Traceback" not in answer


def value(server: Server, name: str, *arguments: object) -> object:
    code, _, body = server.call(name, *arguments, Authorization=server.token)
    assert code == 200, body
    return json.loads(body)["result"]


ERROR = {"type": "Error", "errorType": "Value"}


@pytest.mark.parametrize(
    "bad",
    [
        *(
            float("nan"),
            float("inf"),
            -float("inf"),
            10**400,
            -(10**5000),
            1e308 * 10,
            [[1]],
            {"a": 1},
            {},
            [],
            {"type": "x"},
        ),
        *("x" * 40_000, {"type": "Entity", "basicValue": [1]}, {"basicValue": {"basicValue": 1}}, [[[[]]]]),
    ],
    ids=lambda bad: repr(bad)[:20] if not isinstance(bad, int) else "long",
)
def test_what_no_cell_holds_is_an_error_with_its_reason(server: Server, bad: object) -> None:
    sys.set_int_max_str_digits(20_000)
    try:
        # where a range is taken as numbers, an error among them is a gap; so its place is the first argument's
        for arguments in ([["XLK"]], [[bad]]), ([[bad]], [["5D"]]), (None, None, [[bad]]):
            result = value(server, "PX_RET", *arguments)
            assert result == [[ERROR]], arguments
            reason = value(server, "XLR_ERRORS", [[1]])[1][4]  # type: ignore[index]
            assert "internal error" not in reason
            assert reason
        spilled = value(server, "PX_RET", [["XLK"], ["XLE"]], [["5D"], [bad]])
        assert spilled == [[ERROR]] or (isinstance(spilled[0][0], float) and spilled[1] == [ERROR])  # type: ignore[index]
    finally:
        sys.set_int_max_str_digits(4300)


def test_unknown_functions_and_arguments_too_many(server: Server) -> None:
    name = {"type": "Error", "errorType": "Name"}
    for unknown in (
        "NO_SUCH",
        "call",
        "__class__",
        "xw",
        "_refresh",
        "refresh_market_data",
        "",
        "a" * 100_000,
        "é\n\0",
    ):
        assert value(server, unknown, [["XLK"]]) == [[name]]
    assert value(server, "XLR_VERSION", [["XLK"]]) == [[ERROR]]
    assert value(server, "PX_RET", *[[["XLK"]]] * 30) == [[ERROR]]
    assert value(server, "PX_RET", [["XLK"], ["XLE", "XLF"]]) == [[ERROR]]  # no rectangle
    assert "internal error" not in str(value(server, "XLR_ERRORS", [[200]]))


def test_a_head_that_is_too_long_is_refused(server: Server) -> None:
    for size in (gate.MAX_HEADERS, 1 << 20):
        refused_for_its_head(server, f"X-Long: {'x' * size}")
    assert status(ask(server, "/?" + "x" * 10_000)) in (400, 414)


def refused_for_its_head(server: Server, long: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{long}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):  # closed at once, with the rest unread
            assert status(line.recv(4096)) in (400, 431)


def test_the_server_is_well_after_all_that(server: Server) -> None:
    assert value(server, "PX_CLOSE", [["SPX"]], [["2026-01-16"]]) == [[pytest.approx(6940.01)]]
    assert server.process.poll() is None


def test_idle_connections_are_closed(server: Server) -> None:
    begun = time.monotonic()
    for sent in (b"", b"GET / HTTP/1.1\r\nHost: "):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
            line.sendall(sent)
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(100) == b""
    assert time.monotonic() - begun < 115


def test_names_of_the_files_that_are_needed_are_plain() -> None:
    """Whatever xlwings Server brings can be asked for."""
    found = importlib.util.find_spec("xlwings_server")
    assert found is not None
    assert found.submodule_search_locations
    static = Path(found.submodule_search_locations[0]) / "static"
    names = [path.relative_to(static).as_posix() for path in static.rglob("*") if path.is_file()]
    assert len(names) > 50
    for name in names:
        assert gate._PLAIN.fullmatch(b"/static/" + name.encode()), name
