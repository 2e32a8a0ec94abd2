"""The parts of a script: marked, chosen and run, each recording into the same bench."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import overload

from harness.measuring import Bench

Part = Callable[[Bench], None]
_parts: dict[str, tuple[Part, bool]] = {}


@overload
def part(work: Part) -> Part: ...
@overload
def part(*, long: bool) -> Callable[[Part], Part]: ...
def part(work: Part | None = None, *, long: bool = False) -> Part | Callable[[Part], Part]:
    """Mark a function as a part of a script; a *long* one takes more than half a minute, and can be left out."""

    def marked(chosen: Part) -> Part:
        _parts[chosen.__name__] = (chosen, long)
        return chosen

    return marked if work is None else marked(work)


def main() -> None:
    """Run the parts of the script that was started: all, or those that are named."""
    script = Path(sys.modules["__main__"].__file__ or "script")
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(_parts)} (default: all)")
    parser.add_argument("--short", action="store_true", help="leave out what takes long")
    parser.add_argument("--figures", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in options.parts:
        if name not in _parts:
            parser.error(f"no part {name}; there are {', '.join(_parts)}")
    bench = Bench(script.stem)
    for name, (work, long) in _parts.items():
        if name in options.parts or (not options.parts and not (long and options.short)):
            work(bench)
    if options.figures:
        options.figures.write_text(json.dumps([asdict(figure) for figure in bench.figures]), "utf-8")
