"""A running ``xlrotation server`` for the tests."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]


def call_request(address: str, name: str, *arguments: object, **headers: str) -> urllib.request.Request:
    """A call as the script of xlwings Server makes it in Excel."""
    body = {
        "func_name": name,
        "args": list(arguments),
        "version": importlib.metadata.version("xlwings"),
        "client": "Office.js",
        "runtime": "1.4",
        "caller_address": "Sheet1!A1",
        "date_format": "yyyy-mm-dd",
        "culture_info_name": "en-US",
    }
    headers = {"Content-Type": "application/json", **headers}
    address = f"{address}/xlwings/custom-functions-call"
    return urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST")


@dataclass
class Server:
    address: str
    token: str
    folder: Path
    process: subprocess.Popen[str]
    said: str
    heard: list[str] = field(default_factory=list)
    """What it said after it had started."""

    @property
    def keys(self) -> Path:
        """Where it keeps its token."""
        (folder,) = (item for item in (self.folder.parent / "home" / "server-keys").iterdir() if item.is_dir())
        return folder

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        return self._ask(urllib.request.Request(self.address + path, headers=headers))

    def call(self, name: str, *arguments: object, **headers: str) -> tuple[int, dict[str, str], str]:
        """A call as Excel makes it; returns the status, the headers and the body."""
        return self._ask(call_request(self.address, name, *arguments, **headers))

    def _ask(self, request: urllib.request.Request) -> tuple[int, dict[str, str], str]:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read().decode()


def _drain(stream: IO[str], heard: list[str]) -> None:
    """Read what the server says later, so that it never waits for a reader."""
    with contextlib.suppress(ValueError, OSError):
        heard.extend(stream)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def signals_as_usual() -> None:
    """Undo, in a program that is about to start, what ``nohup`` and a shell's background hand on."""
    for name in ("SIGHUP", "SIGINT"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


@contextlib.contextmanager
def running(folder: Path, *options: str) -> Iterator[Server]:
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("XLWINGS_", "XLROTATION_"))}
    environment |= {"XLWINGS_LICENSE_KEY": "noncommercial", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment["XLROTATION_HOME"] = str(folder.parent / "home")
    command = [sys.executable, "-m", "xlrotation", "server", "--folder", str(folder), "--port", str(port), *options]
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=signals_as_usual if os.name == "posix" else None,
    )
    assert process.stdout is not None
    heard: list[str] = []
    drained = threading.Thread(target=_drain, args=(process.stdout, heard), daemon=True)
    try:
        said = ""
        while "token" not in said:
            line = process.stdout.readline()
            assert line, f"the server ended: {said}"
            said += line
        drained.start()
        server = Server(f"http://127.0.0.1:{port}", said.rpartition(": ")[2].strip(), folder, process, said, heard)
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{server.address}/xlwings/custom-functions-meta", timeout=5).read()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)
        if drained.ident is not None:
            drained.join(20)
        process.stdout.close()
