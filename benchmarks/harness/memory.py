"""The memory of a process and all that it starts, summed while they work, each shared page counted once."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAUSE = 0.005


@dataclass(frozen=True)
class Tree:
    """What a process and all that it started took.

    Attributes:
        megabytes: The peak of their memory together; a page that several share counts once (PSS).
        seconds: Processor time of all.
        elapsed: Seconds on the clock.
        processes: How many there were at the peak.
    """

    megabytes: float
    seconds: float
    elapsed: float
    processes: int


def measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Tree:
    """Run *command* and watch its memory; on Linux alone.

    Raises:
        RuntimeError: It ended with another status than 0.
    """
    before = os.times()
    began = time.perf_counter()
    peak, many = 0, 0
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True) as started:
        while started.poll() is None:
            tree = _tree(started.pid)
            now = sum(map(_pss, tree))
            if now > peak:
                peak, many = now, len(tree)
            time.sleep(_PAUSE)
    if started.returncode:
        raise RuntimeError(f"{command[0]} ended with {started.returncode}")
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Tree(peak / 1e3, used, time.perf_counter() - began, many)


def _tree(root: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(path.name))
    found = [root]
    for process in found:
        found += parents.get(process, [])
    return found


def _pss(process: int) -> int:
    """Thousands of bytes of a process, shared pages divided among those that share them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 // 1000 for line in lines if line.startswith("Pss:")), 0)
