"""Other programs and folders for work, which go when this process goes, however it ends.

A child has a session of its own and is ended with all that it started. What it says is kept to a bound. A small
process, the guard, is told of children and folders; when this process is gone, killed even, the guard's pipe closes and
it ends and removes what is left.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlrotation import signals

KEPT = 64 * 1024
"""Bytes of what a child says that are kept, the last ones."""

_POSIX = os.name == "posix"
_APART = 0 if _POSIX else 0x08000000 | 0x00000200
"""Flags on Windows: no window, and a group of its own; elsewhere a session of its own keeps signals away."""

STUCK = 5.0
"""Seconds after a signal in which the interpreter must have heard of it: code that is not Python may hold it up."""

_GUARD = r"""
import os, select, shutil, signal, subprocess, sys, time
parent, patience = int(sys.argv[1]), float(sys.argv[2])
groups, folders = set(), set()
buffer, due = b"", None
while True:
    if due is not None and not select.select([0], [], [], max(0.0, due - time.monotonic()))[0]:
        os.kill(parent, signal.SIGKILL)
        due = None
    piece = os.read(0, 65536)
    if not piece:
        break
    asked = [byte for byte in piece if byte < 32 and byte != 10]
    if 15 in asked or 1 in asked:
        due = time.monotonic() + patience
    buffer += bytes(byte for byte in piece if byte >= 32 or byte == 10)
    *lines, buffer = buffer.split(b"\n")
    for line in lines:
        kind, value = line[:2], os.fsdecode(bytes.fromhex(line[2:].decode()))
        if kind == b"+h":
            due = None
            continue
        held = groups if kind[1:] == b"g" else folders
        held.add(value) if kind[:1] == b"+" else held.discard(value)
for group in groups:
    try:
        if os.name == "nt":
            subprocess.run(["taskkill", "/T", "/F", "/PID", group], capture_output=True)
        else:
            os.killpg(int(group), signal.SIGKILL)
    except OSError:
        pass
for _ in range(50):
    folders = {folder for folder in folders if os.path.lexists(folder)}
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if not folders:
        break
    time.sleep(0.1)
"""


class _Guard:
    """The guard of this process, started when first needed; where it cannot run, nothing but tidiness is lost."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._owner = 0
        self._pipe: subprocess.Popen[bytes] | None = None

    def tell(self, what: str, value: str) -> None:
        """Tell it of a process group (``+g``, ``-g``), a folder (``+f``, ``-f``), a signal that was heard (``+h``)."""
        with self._lock:
            if self._owner != os.getpid():  # none yet, or that of the process that this one was forked from
                self._owner, self._pipe = os.getpid(), self._started()
                atexit.register(self.close)
                if signals.raised():
                    self.listen()
            if self._pipe is None or self._pipe.stdin is None:
                return
            try:
                self._pipe.stdin.write(f"{what}{os.fsencode(value).hex()}\n".encode())
                self._pipe.stdin.flush()
            except BlockingIOError:
                pass  # it is busy; what is left goes with the next
            except (OSError, ValueError):
                self._pipe = None

    def heard(self) -> None:
        """Tell it, where there is one, that the interpreter has heard of a signal."""
        if self._pipe is not None:
            self.tell("+h", "")

    def listen(self) -> None:
        """Let it hear of signals to this process, whatever the interpreter is held up by; in the main thread only.

        It kills this process where the interpreter does not hear of one in :data:`STUCK` seconds.
        """
        if not _POSIX or threading.current_thread() is not threading.main_thread():
            return
        with self._lock, contextlib.suppress(OSError, ValueError):
            if self._pipe is not None and self._pipe.stdin is not None and self._owner == os.getpid():
                number = self._pipe.stdin.fileno()
                os.set_blocking(number, False)
                signal.set_wakeup_fd(number, warn_on_full_buffer=False)

    def close(self) -> None:
        """Let it do what is left, and end."""
        with self._lock:
            pipe, self._pipe = self._pipe, None
            if pipe is not None and pipe.stdin is not None and self._owner == os.getpid():
                with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
                    if threading.current_thread() is threading.main_thread():
                        signal.set_wakeup_fd(-1)
                    pipe.stdin.close()
                    pipe.wait(5)

    @staticmethod
    def _started() -> subprocess.Popen[bytes] | None:
        if not sys.executable:
            return None
        try:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _GUARD, str(os.getpid()), str(STUCK)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=Path(tempfile.gettempdir()).anchor,
                start_new_session=_POSIX,
                creationflags=_APART,
            )
        except OSError:
            return None


_GUARD_OF_THIS = _Guard()
signals.LISTENERS.append(_GUARD_OF_THIS)


@contextlib.contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """A folder of one's own below that for temporary files, removed at the end, also when this process is killed.

    Raises:
        OSError: It cannot be made.
    """
    folder = tempfile.mkdtemp(prefix=prefix)
    _GUARD_OF_THIS.tell("+f", folder)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            _GUARD_OF_THIS.tell("-f", folder)


@functools.cache
def goes_with_this(folder: str) -> None:
    """Let a folder be removed when this process is killed, which another library removes at an orderly end only."""
    _GUARD_OF_THIS.tell("+f", folder)
    atexit.register(_GUARD_OF_THIS.tell, "-f", folder)  # before the guard does what is left: it is not the first to go


def working_below(folder: Path) -> dict[str, str]:
    """The environment of a program whose temporary files go with *folder*, which exists."""
    temporary = folder / "tmp"
    temporary.mkdir()
    return dict(os.environ) | dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(temporary))


@dataclass(frozen=True, slots=True)
class Done:
    """How a child ended: its exit status, and the last of what it said."""

    status: int
    said: str


def run(
    command: Sequence[str], timeout: float, environment: Mapping[str, str] | None = None, largest: int | None = None
) -> Done:
    """Run another program to its end; whatever ends this call ends all that the program started.

    Args:
        command: The program and its arguments. Its standard input is empty.
        timeout: Seconds that it may take.
        environment: Its environment; None: this process's.
        largest: Bytes of the largest file that it may write, where the system can be told; None: any.

    Returns:
        Its exit status and the last :data:`KEPT` bytes that it said, on either stream.

    Raises:
        TimeoutError: It took longer.
        OSError: It cannot be started.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        start_new_session=_POSIX,
        creationflags=_APART,
    )
    try:
        _GUARD_OF_THIS.tell("+g", str(process.pid))
        if largest is not None:
            _limit(process.pid, largest)
        said = _Said(process)
        status = process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{command[0]} took more than {timeout:g} s") from None
    finally:
        end(process)  # what it has left running, too, which would hold its output open
        _GUARD_OF_THIS.tell("-g", str(process.pid))
    return Done(status, said.text())


def _limit(process: int, largest: int) -> None:
    """Bound the files of a process and of all that it starts, and its core dumps."""
    with contextlib.suppress(ImportError, AttributeError, OSError, ValueError):
        import resource

        resource.prlimit(process, resource.RLIMIT_FSIZE, (largest, largest))
        resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child that was started apart, with all that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        with contextlib.suppress(OSError):
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True, check=False)
        process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)


class _Said:
    """What a child says, read as it comes so that it never waits, and kept to a bound."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._last = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError), self._process.stdout as stream:
            while piece := os.read(stream.fileno(), KEPT):
                self._last = (self._last + piece)[-KEPT:]

    def text(self) -> str:
        """All of it that was kept, once the child has ended."""
        self._reader.join(5.0)
        return self._last.decode("utf-8", "replace").strip()


def die_with_parent(by_system: bool = True) -> None:
    """End this process, started by :mod:`multiprocessing`, as soon as the one that started it is gone.

    Args:
        by_system: Let the system do so, too, where it can: at the end of the thread that started this process, which
            therefore must be the main one.
    """
    import multiprocessing.connection  # which the process that this is for has loaded

    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if by_system and sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    threading.Thread(target=watch, daemon=True).start()
