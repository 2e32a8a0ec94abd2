"""``xlrotation server``: guarded calls, nothing open by default, one command."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import signal
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fronts.serving import Server, running
from tests.workbook.parts import read_parts
from xlrotation.cli import main
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.reports.templates import build_templates
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.officejs import convert

installed = pytest.mark.skipif(
    importlib.util.find_spec("xlwings_server") is None, reason="needs the extra: pip install xlrotation[server]"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("served") / "project") as started:
        yield started


@installed
def test_calls_need_the_token(server: Server) -> None:
    assert server.call("PX_CLOSE", [["SPX"]], [["2026-01-16"]])[0] == 401
    assert server.call("PX_CLOSE", [["SPX"]], [["2026-01-16"]], Authorization="wrong")[0] == 401
    assert server.call("PX_CLOSE", [["SPX"]], [["2026-01-16"]], Authorization="")[0] == 401
    status, _, body = server.call("PX_CLOSE", [["SPX"]], [["2026-01-16"]], Authorization=server.token)
    assert status == 200
    assert json.loads(body)["result"] == [[pytest.approx(6940.01)]]


@installed
def test_the_refresh_script_needs_the_token_and_runs(server: Server) -> None:
    sheet = {"name": "Sheet1", "values": [[]], "pictures": [], "tables": []}
    book = {"name": "book.xlsx", "active_sheet_index": 0, "selection": "A1"}
    body = {"client": "Office.js", "version": importlib.metadata.version("xlwings"), "book": book, "names": []}
    request = urllib.request.Request(
        f"{server.address}/xlwings/custom-scripts-call/refresh_market_data",
        data=json.dumps(body | {"sheets": [sheet]}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with pytest.raises(urllib.error.HTTPError, match="401") as caught:
        urllib.request.urlopen(request, timeout=60)
    caught.value.close()
    request.add_header("Authorization", server.token)
    for _ in range(2):
        with urllib.request.urlopen(request, timeout=60) as answer:
            actions = json.load(answer)["actions"]
        assert [action["func"] for action in actions] == ["calculate", "alert"]
        assert "sample has nothing to fetch" in actions[1]["args"][0]


@installed
def test_the_token_is_nowhere_to_be_fetched(server: Server) -> None:
    for path in ("/manifest", "/static/js/auth.js", "/static/js/token.js", "/taskpane", "/taskpane.html"):
        status, _, body = server.get(path)
        assert server.token not in body
        assert status in (200, 404)
    held = server.keys / "token"
    assert held.read_text("utf-8") == server.token
    assert len(server.token) >= 40
    if os.name == "posix":
        assert stat.S_IMODE(held.stat().st_mode) == 0o600
        assert stat.S_IMODE((server.keys / "secret").stat().st_mode) == 0o600
        assert stat.S_IMODE(server.keys.stat().st_mode) == 0o700
    secret = (server.keys / "secret").read_text("utf-8")
    for path in server.folder.rglob("*"):  # neither is anywhere in the project, nor is a file of settings
        assert path.name != ".env"
        if path.is_file():
            data = path.read_bytes()
            assert server.token.encode() not in data
            assert secret.encode() not in data


@installed
def test_the_task_pane_asks_for_the_token(server: Server) -> None:
    pages = [server.get(path)[2] for path in ("/taskpane", "/taskpane.html")]
    assert any("xlrotation-token" in page for page in pages)


@installed
def test_other_origins_are_not_let_in(server: Server) -> None:
    _, headers, _ = server.get("/xlwings/custom-functions-meta", Origin="https://elsewhere.example")
    assert "access-control-allow-origin" not in headers
    _, headers, _ = server.call("XLR_VERSION", Authorization=server.token, Origin="https://elsewhere.example")
    assert "access-control-allow-origin" not in headers


@installed
def test_only_this_computer_is_served(server: Server) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; tells the address that others know this computer by
        own = probe.getsockname()[0]
    if own.startswith("127."):
        pytest.skip("this computer has no address but loopback")
    with pytest.raises(OSError, match="refused"), socket.create_connection((own, server.port), timeout=5):
        pass


@installed
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP] if os.name == "posix" else [])
def test_a_signal_ends_it_without_a_traceback(server: Server, number: signal.Signals) -> None:
    with running(server.folder) as again:
        assert again.get("/manifest")[0] == 200
        again.process.send_signal(number)
        assert again.process.wait(20) == 128 + number
    assert "Traceback" not in "".join(again.heard)


@installed
def test_a_second_start_keeps_the_token_and_ends_on_interrupt(server: Server) -> None:
    with running(server.folder) as again:
        assert again.token == server.token
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(20) in (0, 1, 130, -signal.SIGINT)
    with running(server.folder, "--new-token") as again:
        assert again.token != server.token


def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("XLWINGS_LICENSE_KEY", raising=False)
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    assert main(["server", "--folder", str(tmp_path)]) == 2
    assert "XLWINGS_LICENSE_KEY" in capsys.readouterr().err
    monkeypatch.setenv("XLWINGS_LICENSE_KEY", "noncommercial")
    assert main(["server", "--folder", str(tmp_path), "--certificate", "none.pem"]) == 2
    assert "none.pem: no such file" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "xlwings_server", None)
    assert main(["server", "--folder", str(tmp_path)]) == 2
    assert "pip install 'xlrotation[server]'" in capsys.readouterr().err


def test_templates_for_office_js_give_the_same_values(tmp_path: Path) -> None:
    import re

    session = Session("sample", lang="en")
    names = functions()
    bare = re.compile(r"(?<![\w.])(?:" + "|".join(names) + r")\s*\(")
    for path in build_templates(tmp_path / "plain"):
        variant = convert(path, tmp_path / "officejs" / path.name, names)
        assert evaluate_workbook(variant, session).values == evaluate_workbook(path, session).values
        found = 0
        for part, data in read_parts(variant).items():
            if part.startswith(("xl/worksheets/", "xl/workbook")):
                for formula in re.findall(r"<(?:f|definedName|formula)\b[^>]*>([^<]*)<", data.decode()):
                    found += formula.count("_xldudf_")
                    assert not bare.search(re.sub(r'"[^"]*"|&quot;.*?&quot;', "", formula))
        assert found > 5


def test_the_command_builds_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "build", "market_breadth", "--officejs", "-o", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip().endswith("market_breadth-officejs.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["market_breadth-officejs.xlsx"]
