"""Run the benchmarks and write what they found: ``python -m harness [SCRIPT ...]``, or ``make bench``.

Every script beside this folder is run in a process of its own. What they found goes to benchmarks/figures.json,
docs/benchmarks.md, its Chinese page and the README. A script that is named alone replaces its own figures and no
others, on the same machine with the same versions; otherwise all must be run. What a script found is kept as soon as
it ends, so that ``--resume`` runs those alone that an interruption left. Exit status 1 where a script failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import claims, figures, page

SCRIPTS = Path(__file__).parents[1]
KEPT = SCRIPTS / "figures.json"
UNFINISHED = SCRIPTS / "unfinished.json"
"""What the scripts of a run that has not ended found; no part of the repository."""


def scripts() -> list[str]:
    """The names of all scripts."""
    return sorted(path.stem for path in SCRIPTS.glob("*.py"))


def run(name: str, short: bool) -> list[figures.Figure] | None:
    """What a script found; None where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "figures.json"
        command = [sys.executable, str(SCRIPTS / f"{name}.py"), "--figures", str(kept), *(["--short"] * short)]
        paths = [str(SCRIPTS), str(SCRIPTS.parent), os.environ.get("PYTHONPATH", "")]
        surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        done = subprocess.run(command, env=surroundings, check=False)
        if done.returncode or not kept.exists():
            print(f"{name}.py ended with {done.returncode}", file=sys.stderr)
            return None
        return [figures.Figure(**found) for found in json.loads(kept.read_text("utf-8"))]


def write(findings: figures.Findings) -> None:
    """Write the figures, the pages and what the README claims."""
    texts = {**page.pages(findings), **claims.readme(findings)}  # refused where a claim has no figure
    figures.write(KEPT, findings)
    for path, text in texts.items():
        path.write_text(text, "utf-8")


def begun() -> figures.Findings | None:
    """What an interrupted run found on this machine with these versions; None where there is nothing of it."""
    if not UNFINISHED.exists():
        return None
    found = figures.read(UNFINISHED)
    same = (found.machine, found.versions) == (figures.machine(), figures.versions())
    return found if same else None


def main() -> int:
    """Run the scripts; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help=f"{', '.join(scripts())} (default: all)")
    parser.add_argument("--short", action="store_true", help="leave out what takes long, and write nothing")
    parser.add_argument("--resume", action="store_true", help="leave out what a run found that was interrupted")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    parser.add_argument("--pages", action="store_true", help="run nothing; write the pages from the figures anew")
    options = parser.parse_args()
    if options.pages:
        write(figures.read(KEPT))
        return 0
    if unknown := sorted(set(options.scripts) - set(scripts())):
        parser.error(f"no script {', '.join(unknown)}; there are {', '.join(scripts())}")
    writes = not (options.short or options.dry)
    before = begun() if options.resume and writes else None
    found: list[figures.Figure] = list(before.figures) if before else []
    done: dict[str, str] = dict(before.scripts) if before else {}
    failed = []
    for name in options.scripts or scripts():
        if name in done:
            continue
        print(f"\n{name}.py", flush=True)
        began = time.monotonic()
        of_script = run(name, options.short)
        if of_script is None:
            failed.append(name)
            continue
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
        found += of_script
        done[name] = figures.today()
        if writes:
            figures.write(UNFINISHED, figures.Findings(figures.machine(), figures.versions(), done, found))
    missed = [f"{figure.script}: {figure.what}" for figure in found if figure.met is False]
    print("\n" + (f"goals missed: {'; '.join(missed)}" if missed else "all goals met"))
    if failed:
        print(f"failed, so that nothing is written: {', '.join(failed)}", file=sys.stderr)
        return 1
    if writes:
        new = figures.Findings(figures.machine(), figures.versions(), done, found)
        old = figures.read(KEPT) if options.scripts and KEPT.exists() else None
        try:
            write(figures.joined(old, new))
        except (KeyError, ValueError) as error:
            print(error.args[0], file=sys.stderr)
            return 1
        UNFINISHED.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
