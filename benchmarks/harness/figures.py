"""What a benchmark found, as it is kept: figures, and the machine and the versions they were found with."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

WARM, PROCESS, GROWTH = "warm", "process", "growth"
KINDS = (WARM, PROCESS, GROWTH)

PACKAGES = ("numpy", "pandas", "scipy", "pyarrow", "polars", "bottleneck", "vollib", "formulas", "openpyxl", "xlwings")
"""What the library stands on, and what it is compared with."""

SCALES = {"s": (1, "s"), "ms": (1e3, "ms"), "us": (1e6, "µs"), "ns": (1e9, "ns")}


@dataclass(frozen=True)
class Figure:
    """One thing that was measured.

    Attributes:
        script: The script that measured it, without ``.py``.
        what: What it is, in words that no other figure of the script has.
        kind: ``warm``, ``process`` or ``growth``.
        ours: What this library takes: seconds, megabytes, a number of times, or an exponent.
        unit: ``s``, ``MB``, ``times`` or ``exponent``.
        against: What others take for the same, in the same unit.
        at_most: What ours is to be at most; None where no goal is set.
        times: How many times ours the others are to be at least (1/3 lets ours be three times the others); None where
            no goal is set.
        note: What a reader has to know; for an exponent what was measured at each size.
    """

    script: str
    what: str
    kind: str
    ours: float
    unit: str = "s"
    against: Mapping[str, float] = field(default_factory=dict)
    at_most: float | None = None
    times: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether its goals are reached; None where it has none."""
        goals = []
        if self.at_most is not None:
            goals.append(self.ours <= self.at_most)
        if self.times is not None:
            goals += [other >= self.times * self.ours for other in self.against.values()]
        return all(goals) if goals else None

    def ratios(self) -> dict[str, float]:
        """How many times ours each of the others takes."""
        return {name: other / self.ours for name, other in self.against.items()}


@dataclass(frozen=True)
class Findings:
    """The figures of some scripts, all of them found on one machine with the same versions."""

    machine: Mapping[str, str]
    versions: Mapping[str, str]
    scripts: Mapping[str, str]
    figures: Sequence[Figure]

    def of(self, script: str, what: str) -> Figure:
        """The figure of a name.

        Raises:
            KeyError: There is none.
        """
        for figure in self.figures:
            if (figure.script, figure.what) == (script, what):
                return figure
        raise KeyError(f"no figure {what!r} of {script}")


def machine() -> dict[str, str]:
    """The computer that this runs on."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Python, and the packages that matter."""
    found = {platform.python_implementation(): platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GB"
    except (AttributeError, OSError, ValueError):
        return "unknown"


def read(path: Path) -> Findings:
    """What was kept."""
    held = json.loads(path.read_text("utf-8"))
    figures = tuple(Figure(**figure) for figure in held["figures"])
    return Findings(held["machine"], held["versions"], held["scripts"], figures)


def write(path: Path, findings: Findings) -> None:
    """Keep it."""
    path.write_text(json.dumps(asdict(findings), ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8")


def joined(old: Findings | None, new: Findings) -> Findings:
    """New figures in the place of the old ones of the same scripts.

    Raises:
        ValueError: The old ones that would stay were found on another machine, or with other versions.
    """
    kept = [figure for figure in old.figures if figure.script not in new.scripts] if old else []
    if old and kept and (old.machine, old.versions) != (new.machine, new.versions):
        raise ValueError("the other figures were found on another machine or with other versions; run all the scripts")
    scripts = {name: day for name, day in old.scripts.items() if name not in new.scripts} if old else {}
    figures = sorted((*kept, *new.figures), key=lambda figure: figure.script)
    return Findings(new.machine, new.versions, dict(sorted({**scripts, **new.scripts}.items())), figures)


def today() -> str:
    """The day of a measurement."""
    return dt.date.today().isoformat()


def shown(value: float, unit: str) -> str:
    """A value for a reader."""
    if unit == "s":
        for scale, (times, name) in SCALES.items():
            if value * times >= 1 or scale == "ns":
                return f"{digits(value * times)} {name}"
    if unit == "exponent":
        return f"{value:.2f}"
    return f"{digits(value)} {unit}"


def digits(value: float) -> str:
    """Two digits, because a timing means no more."""
    return f"{float(f'{value:.2g}'):,.10g}"
