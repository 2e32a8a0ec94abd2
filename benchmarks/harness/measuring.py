"""Measuring: processor time of work side by side, of whole processes, and how it grows with the size.

The machine that a benchmark runs on may do other work. So what is compared is compared in one run, the sides in turn,
by processor time, and the median of some repeats counts.
"""

from __future__ import annotations

import gc
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.figures import GROWTH, PROCESS, WARM, Figure, digits, shown

Work = Callable[[], object]
LINEAR = 1.1
"""The greatest exponent of what grows as its size does."""

_AGAIN = 3
"""How often growth that seems too fast is measured again."""

_LAUNCHER = """
import json, os, sys, time
began = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, 1, 0)])
_, status, used = os.wait4(pid, 0)
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6,
                  time.perf_counter() - began]))
"""
"""Starts a process from a small one: Linux hands the peak of memory of a parent down to what it starts."""


@dataclass(frozen=True)
class Process:
    """What a process took: seconds of processor time, megabytes at its peak, seconds on the clock."""

    seconds: float
    megabytes: float
    elapsed: float


@dataclass
class Bench:
    """Where a part of a script records what it found; each figure is printed as it comes.

    Attributes:
        script: The script's name.
        figures: What was found so far.
    """

    script: str
    figures: list[Figure] = field(default_factory=list)

    def side_by_side(
        self,
        what: str,
        ours: Work,
        against: Mapping[str, Work] | None = None,
        *,
        number: int = 1,
        repeat: int = 7,
        per: int = 1,
        at_most: float | None = None,
        times: float | None = None,
        note: str = "",
    ) -> Figure:
        """Record the processor time of our work beside that of others in this process, which is warm.

        Args:
            what: What the work is.
            ours: The work.
            against: The same done otherwise, by name.
            number: How often the work is done for one timing; others are done a tenth as often where that is enough.
            repeat: How many timings; the sides take turns, and the median counts.
            per: How many things the work does: the figure is the time of one.
            at_most: Seconds that it is to take at most.
            times: How many times as long the others are to take at least.
            note: What a reader has to know.
        """
        sides = {"": ours, **(against or {})}
        found = in_turn(sides, number, repeat)
        others = {name: seconds / per for name, seconds in found.items() if name}
        return self.figure(what, found[""] / per, against=others, kind=WARM, at_most=at_most, times=times, note=note)

    def process(
        self,
        what: str,
        command: Sequence[str],
        against: Mapping[str, Sequence[str]] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        repeat: int = 5,
        at_most: float | None = None,
        megabytes: float | None = None,
        memory: bool = False,
        times: float | None = None,
        note: str = "",
    ) -> Process:
        """Record the processor time of a whole process beside that of others, and with *memory* the peak of its memory.

        Raises:
            RuntimeError: A process ended with another status than 0.
        """
        sides = {"": command, **(against or {})}
        runs: dict[str, list[Process]] = {name: [] for name in sides}
        for _ in range(repeat):
            for name, words in sides.items():
                runs[name].append(started(words, environment))
        took = {name: statistics.median(run.seconds for run in found) for name, found in runs.items()}
        peak = {name: statistics.median(run.megabytes for run in found) for name, found in runs.items()}
        others = {name: seconds for name, seconds in took.items() if name}
        self.figure(what, took[""], against=others, kind=PROCESS, at_most=at_most, times=times, note=note)
        if memory or megabytes is not None:
            others = {name: most for name, most in peak.items() if name}
            self.figure(f"{what}: memory", peak[""], "MB", others, kind=PROCESS, at_most=megabytes)
        return Process(took[""], peak[""], statistics.median(run.elapsed for run in runs[""]))

    def growth(
        self,
        what: str,
        seconds: Callable[[int], float],
        sizes: Sequence[int],
        quadratic: str = "",
    ) -> Figure:
        """Record by which power of its size something grows.

        Other work on the computer can only add to a time. So where the exponent is above the goal, all sizes are
        measured again, up to three times, and the least of each counts: what grows too fast does so each time.

        Args:
            what: What grows with what.
            seconds: Seconds of processor time at a size; :func:`least` measures them.
            sizes: Sizes from small to large.
            quadratic: Why it grows as the square by what it is; blank where it is to grow as its size does.
        """
        took = {size: seconds(size) for size in sizes}
        for _ in range(_AGAIN):
            if quadratic or exponent(took) <= LINEAR:
                break
            took = {size: min(before, seconds(size)) for size, before in took.items()}
        power = exponent(took)
        said = ", ".join(f"{size:,}: {shown(value, 's')}" for size, value in took.items())
        note = f"{said}; {quadratic}" if quadratic else said
        goal = None if quadratic else LINEAR
        return self.figure(what, power, "exponent", kind=GROWTH, at_most=goal, note=note)

    def figure(
        self,
        what: str,
        ours: float,
        unit: str = "s",
        against: Mapping[str, float] | None = None,
        *,
        kind: str = WARM,
        at_most: float | None = None,
        times: float | None = None,
        note: str = "",
    ) -> Figure:
        """Record what was measured in a way of its own.

        Raises:
            ValueError: There is one of that name already, or it is no number above zero.
        """
        if any(figure.what == what for figure in self.figures):
            raise ValueError(f"two figures are named {what!r}")
        for value in (ours, *(against or {}).values()):
            if not (math.isfinite(value) and (value > 0 or unit == "exponent")):
                raise ValueError(f"{what}: {value} was not measured")
        found = Figure(self.script, what, kind, ours, unit, dict(against or {}), at_most, times, note)
        self.figures.append(found)
        print(told(found), flush=True)
        return found


def told(figure: Figure) -> str:
    """A figure as a line."""
    parts = [f"{figure.what}: {shown(figure.ours, figure.unit)}"]
    for name, other in figure.against.items():
        parts.append(f"{name} {shown(other, figure.unit)} ({digits(other / figure.ours)} times)")
    if figure.met is not None:
        goals = [] if figure.at_most is None else [f"at most {shown(figure.at_most, figure.unit)}"]
        goals += [] if figure.times is None else [f"{figure.times:.2g} times"]
        parts.append(f"goal {', '.join(goals)} {'met' if figure.met else 'MISSED'}")
    if figure.note:
        parts.append(figure.note)
    return "; ".join(parts)


def in_turn(sides: Mapping[str, Work], number: int = 1, repeat: int = 7) -> dict[str, float]:
    """Seconds of processor time of each side: the sides in turn, the median of some."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for work in sides.values():
        work()
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeat):
            for name, work in sides.items():
                found[name].append(timed(work, number))
    finally:
        gc.enable()
    return {name: statistics.median(times) for name, times in found.items()}


def timed(work: Work, number: int = 1) -> float:
    """Seconds of processor time that *work* takes, done *number* times; of one."""
    began = time.process_time()
    for _ in range(number):
        work()
    return (time.process_time() - began) / number


def least(work: Work, repeat: int = 3) -> float:
    """The least processor time of some: what growth is measured by, because a median takes longer."""
    return min(timed(work) for _ in range(repeat))


def exponent(took: Mapping[int, float]) -> float:
    """The power of the size by which times grow: the slope of the line through their logarithms."""
    xs, ys = [math.log(size) for size in took], [math.log(max(seconds, 1e-9)) for seconds in took.values()]
    return statistics.linear_regression(xs, ys).slope


def started(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Process:
    """Run a process to its end; what it prints to its standard output is thrown away.

    Raises:
        RuntimeError: It ended with another status than 0.
    """
    surroundings = {**os.environ, **(environment or {})}
    launched = [sys.executable, "-S", "-E", "-c", _LAUNCHER, *command]
    done = subprocess.run(launched, env=surroundings, capture_output=True, text=True, check=True)
    status, seconds, megabytes, elapsed = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {status}: {done.stderr[-500:]}")
    return Process(seconds, megabytes, elapsed)


def compiled(folder: Path | str, *commands: Sequence[str]) -> dict[str, str]:
    """The environment of processes whose modules are compiled, as pip leaves them; *commands* are run to do that."""
    found = {"PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    for command in commands:
        started(command, found)
    return found


def ours(*words: str) -> list[str]:
    """The command line of this library."""
    beside = Path(sys.executable).with_name("xlrotation")
    return [str(beside), *words] if beside.exists() else [sys.executable, "-m", "xlrotation", *words]
