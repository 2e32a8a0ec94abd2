"""Break one line at a time and see whether a test notices.

``python tools/mutants.py`` draws a sample of small faults ("mutants") in ``xlrotation/measures`` and
``xlrotation/functions``, runs the tests that reach the faulty line, and prints which faults no test noticed. It is run
by hand (``make mutants``); nothing is written into the package: a mutant lives in a forked process only.

What is changed: comparisons (their boundary and their sense), arithmetic, ``and``/``or``/``not``, conditions fixed to
true or false, numbers (integers by one, others by a tenth), flags, slice bounds (by one), ``min``/``max`` and the like,
``break``/``continue``, and statements taken out. What is not: texts, annotations, assertions, ``strict`` of ``zip``,
``frozen`` and ``slots`` of classes, and messages of errors. Tests that start a process of their own see the code as it
is: what only they can notice survives.

The sample is a function of the seed and of what a mutant changes, not of where it stands, so that an edit elsewhere
does not change it. Mutants that cannot change an answer stand in ``mutants_equivalent.txt`` with the reason; they are
left out of the share. Runs where ``fork`` is (Linux, macOS).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import hashlib
import importlib.abc
import importlib.util
import io
import json
import os
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("xlrotation/measures", "xlrotation/functions")
TESTS = ("tests/measures", "tests/functions", "tests/proofs", "tests/test_real_data.py", "tests/market/test_age.py")
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.txt")
WORK = ROOT / "build" / "mutants"
OPTIONS = [
    *("-q", "-x", "--no-header", "--assert=plain", "--rootdir", str(ROOT)),
    *(
        part
        for name in ("cacheprovider", "anyio", "unraisableexception", "threadexception")
        for part in ("-p", f"no:{name}")
    ),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
]
WARM = ("numpy", "pandas", "scipy.optimize", "scipy.special", "scipy.stats", "hypothesis.extra.numpy", "lxml.etree",
        "openpyxl", "xlsxwriter", "pyarrow", "rich.console", "platformdirs", "filelock")  # fmt: skip


_OF_DECLARATIONS = ("tests/functions/test_contract.py", "tests/functions/test_registry.py")


@dataclass(frozen=True)
class Mutant:
    """One fault: the *number*-th change that :func:`changes` finds in a file."""

    path: str
    number: int
    line: int
    scope: str
    before: str
    after: str
    twin: int

    @property
    def text(self) -> str:
        """What is changed where, without line numbers: the same after an edit elsewhere."""
        return f"{self.path} | {self.scope} | {self.before} | {self.after} | {self.twin}"

    def drawn(self, seed: int) -> str:
        """Its lot in the draw."""
        return hashlib.sha256(f"{seed}|{self.text}".encode()).hexdigest()


_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
}  # fmt: skip
_CALLED = {
    "min": "max", "any": "all", "nanmin": "nanmax", "argmin": "argmax", "nanargmin": "nanargmax", "floor": "ceil",
    "minimum": "maximum", "fmin": "fmax", "logical_and": "logical_or", "above": "at_least",
}  # fmt: skip
_CALLED |= {after: before for before, after in _CALLED.items()} | {"round": "int"}
_SIDES = {"left": "right", "right": "left"}


def changes(tree: ast.Module) -> Iterator[tuple[int, str, str, str, Callable[[], None]]]:
    """Each change that can be made to *tree*: line, enclosing definition, text before and after, and what makes it."""
    yield from _within(tree, "", frozenset())


def _within(
    node: ast.AST, scope: str, bound: frozenset[str]
) -> Iterator[tuple[int, str, str, str, Callable[[], None]]]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        scope = f"{scope}.{node.name}".strip(".")
        bound = frozenset(arg.arg for arg in node.args.args) if isinstance(node, ast.FunctionDef) else bound
    for name, value in ast.iter_fields(node):
        if _passed_over(node, name, value):
            continue
        if isinstance(node, ast.Subscript) and name == "slice" and _named(node.value) == "Annotated":
            assert isinstance(value, ast.Tuple)
            for inner in value.elts[1:]:
                yield from _within(inner, scope, bound)
            continue
        if isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _at(node, item, _setter(value, place), scope, bound)
                    yield from _within(item, scope, bound)
                if isinstance(item, ast.Assign):
                    bound |= {target.id for target in item.targets if isinstance(target, ast.Name)}
        elif isinstance(value, ast.AST):
            yield from _at(node, value, _attribute(node, name), scope, bound)
            yield from _within(value, scope, bound)


def _passed_over(node: ast.AST, name: str, value: object) -> bool:
    """Whether a part of *node* is no behaviour: types, messages, and guards against ourselves, as assertions are."""
    return (
        name in ("annotation", "returns", "ctx")
        or isinstance(node, ast.Assert)
        or (isinstance(node, ast.keyword) and node.arg in ("strict", "frozen", "slots"))  # of zip and of dataclasses
        or (isinstance(node, ast.Raise) and name == "exc" and isinstance(value, ast.Call))
    )


def _setter(items: list[Any], place: int) -> Callable[[Any], None]:
    return lambda new: items.__setitem__(place, new)


def _attribute(node: ast.AST, name: str) -> Callable[[Any], None]:
    return lambda new: setattr(node, name, new)


def _named(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _at(
    parent: ast.AST, node: ast.AST, put: Callable[[Any], None], scope: str, bound: frozenset[str]
) -> Iterator[tuple[int, str, str, str, Callable[[], None]]]:
    line = getattr(node, "lineno", 0)
    for new, shown in _replacements(parent, node, bound):
        located = ast.fix_missing_locations(ast.copy_location(new, node))
        before = ast.unparse(shown)
        yield line, scope, _short(before), _short(_text(node, located, shown)), lambda new=located: put(new)


def _text(old: ast.AST, new: ast.AST, shown: ast.AST) -> str:
    """Source of *shown* with *old* replaced."""
    if old is shown:
        return ast.unparse(new)
    twin = copy.deepcopy(shown)
    for a, b in zip(ast.walk(shown), ast.walk(twin), strict=True):
        for name, value in ast.iter_fields(a):
            if value is old:
                setattr(b, name, new)
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    if item is old:
                        getattr(b, name)[place] = new
    return ast.unparse(twin)


def _short(text: str) -> str:
    text = " ".join(text.split()).replace("|", "¦")
    return text if len(text) <= 110 else text[:80] + "…" + hashlib.sha256(text.encode()).hexdigest()[:6]


def _replacements(parent: ast.AST, node: ast.AST, bound: frozenset[str]) -> Iterator[tuple[Any, ast.AST]]:
    """What *node* may become, and the node that shows the change best."""
    shown = parent if isinstance(parent, ast.expr) else node
    if isinstance(node, ast.Compare):
        yield from ((other, node) for other in _comparisons(node))
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right), node
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values), node
    elif isinstance(node, ast.UnaryOp):
        yield node.operand, node
    elif isinstance(node, ast.Constant):
        yield from ((ast.Constant(value), shown) for value in _constants(parent, node.value))
    elif isinstance(node, ast.Call):
        yield from ((call, node) for call in _calls(node))
    elif isinstance(node, ast.Slice):
        yield from ((other, parent) for other in _slices(node))
    elif isinstance(node, (ast.Break, ast.Continue)):
        yield (ast.Continue() if isinstance(node, ast.Break) else ast.Break()), node
    elif isinstance(node, ast.AugAssign) or _taken_out(node, bound):
        yield ast.Pass(), node
    if node in _conditions(parent):
        for value in (False,) if isinstance(parent, ast.While) else (True, False):
            yield ast.Constant(value), node


def _comparisons(node: ast.Compare) -> Iterator[ast.Compare]:
    for place, op in enumerate(node.ops):
        for other in _COMPARED[type(op)]:
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    swapped = _CALLED.get(_named(node.func))
    if swapped:
        func = copy.copy(node.func)
        setattr(func, "id" if isinstance(func, ast.Name) else "attr", swapped)
        yield ast.Call(func, node.args, node.keywords)
    if _named(node.func) in ("abs", "sorted", "reversed") and len(node.args) == 1:
        yield node.args[0]


def _slices(node: ast.Slice) -> Iterator[ast.Slice]:
    for name in ("lower", "upper"):
        value = getattr(node, name)
        if value is not None and not isinstance(value, ast.Constant):
            other = copy.copy(node)
            setattr(other, name, ast.BinOp(value, ast.Add(), ast.Constant(1)))
            yield other


def _conditions(parent: ast.AST) -> list[ast.expr]:
    if isinstance(parent, ast.comprehension):
        return list(parent.ifs)
    return [parent.test] if isinstance(parent, (ast.If, ast.IfExp, ast.While)) else []


def _constants(parent: ast.AST, value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, float):
        yield 1.0 if value == 0.0 else value * (1.1 if abs(value) > 1e-6 else 1e6)
    elif isinstance(value, str) and isinstance(parent, ast.keyword) and parent.arg == "side" and value in _SIDES:
        yield _SIDES[value]


def _taken_out(node: ast.AST, bound: frozenset[str]) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        return all(
            target.id in bound if isinstance(target, ast.Name) else isinstance(target, (ast.Subscript, ast.Attribute))
            for target in node.targets
        )
    return isinstance(node, ast.Raise)


def every_mutant() -> list[Mutant]:
    """All mutants of all files."""
    found = []
    for path in sorted(file for part in PARTS for file in (ROOT / part).rglob("*.py")):
        name, seen = path.relative_to(ROOT).as_posix(), Counter[str]()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for number, (line, scope, before, after, _) in enumerate(changes(tree)):
            if before == after:
                continue
            key = f"{scope}|{before}|{after}"
            found.append(Mutant(name, number, line, scope, before, after, seen[key]))
            seen[key] += 1
    return found


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed tree."""

    def __init__(self, mutant: Mutant) -> None:
        self.file = ROOT / mutant.path
        self.name = mutant.path.removesuffix(".py").replace("/", ".")
        self.number = mutant.number

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> Any:  # noqa: ARG002
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.file, loader=self)

    def create_module(self, spec: object) -> None:  # noqa: ARG002
        return None

    def exec_module(self, module: Any) -> None:
        tree = ast.parse(self.file.read_text(encoding="utf-8"))
        for number, change in enumerate(changes(tree)):
            if number == self.number:
                change[-1]()
                break
        exec(compile(tree, str(self.file), "exec"), module.__dict__)


class _Watch:
    """Notes how long each test takes, and tells the coverage which one runs."""

    def __init__(self, coverage: Any = None) -> None:
        self.coverage, self.seconds, self.failed = coverage, {}, []  # type: ignore[var-annotated]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Any:
        started = time.perf_counter()
        if self.coverage is not None:
            self.coverage.switch_context(item.nodeid)
        done = yield
        self.seconds[item.nodeid] = time.perf_counter() - started
        return done

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def forked(work: Callable[[], str], seconds: float) -> str | None:
    """What *work* gives in a process of its own; None where it takes longer."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        os.setsid()
        os.close(read)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        try:
            answer = work()
        except BaseException as error:
            answer = f"died of {error!r}"
        os.write(write, answer.encode()[:60000])
        os._exit(0)
    os.close(write)
    said, until = b"", time.monotonic() + seconds
    late = False
    while True:
        ready, _, _ = select.select([read], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            late = True
            break
        piece = os.read(read, 65536)
        if not piece:
            break
        said += piece
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(read)
    return None if late else said.decode()


def present_tests() -> list[str]:
    """The test folders that there are."""
    return [name for name in TESTS if (ROOT / name).exists()]


def measure() -> dict[str, Any]:
    """Run all tests once: which test reaches which line, and how long each takes."""
    WORK.mkdir(parents=True, exist_ok=True)
    target = WORK / "lines.json"

    def work() -> str:
        import coverage

        watched = coverage.Coverage(data_file=None, include=[f"{ROOT}/{part}/*" for part in PARTS], config_file=False)
        watched.start()
        watch = _Watch(watched)
        code = pytest.main([*OPTIONS, *present_tests()], plugins=[watch])
        watched.stop()
        data = watched.get_data()
        tests = sorted(watch.seconds)
        place = {name: number for number, name in enumerate(tests)}
        lines: dict[str, dict[str, list[int]]] = {}
        for file in data.measured_files():
            by_line = data.contexts_by_lineno(file)
            lines[Path(file).relative_to(ROOT).as_posix()] = {
                str(line): sorted(place[name] for name in names if name in place) for line, names in by_line.items()
            }
        seconds = [round(watch.seconds[name], 4) for name in tests]
        target.write_text(json.dumps({"tests": tests, "seconds": seconds, "lines": lines}))
        return f"{int(code)} {watch.failed}"

    said = forked(work, 3600)
    if said is None or not said.startswith("0 "):
        raise SystemExit(f"the tests must pass before they can be judged: {said}")
    return json.loads(target.read_text())  # type: ignore[no-any-return]


def spans(path: str) -> list[tuple[int, int, str]]:
    """First and last line and name of each function of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return [
        (min([node.lineno, *(item.lineno for item in node.decorator_list)]), node.end_lineno or 0, node.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]


def selected(mutant: Mutant, known: dict[str, Any], most: float) -> list[list[str]]:
    """Tests for a mutant, in rounds: those that reach its line, then others of its function.

    Args:
        mutant: The mutant.
        known: What :func:`measure` gives.
        most: Seconds of tests in a round; code that every call passes is reached by all tests.
    """
    lines, tests, seconds = known["lines"].get(mutant.path, {}), known["tests"], known["seconds"]
    stem = Path(mutant.path).stem.split("_")[0]

    def nearest(places: set[int], most: float) -> list[str]:
        near = sorted(places, key=lambda place: (f"test_{stem}" not in tests[place], seconds[place]))
        spent = accumulate(seconds[place] for place in near)
        return [tests[place] for place, so_far in zip(near, spent, strict=True) if so_far <= most]

    line = set(lines.get(str(mutant.line), []))
    around = [span for span in spans(mutant.path) if span[0] <= mutant.line <= span[1]]
    first, last, _ = max(around) if around else (1, 10**9, "")
    body = {place for number, places in lines.items() if first <= int(number) <= last for place in places}
    rounds = [nearest(line, most), nearest(body - line, most / 4)]
    if not line or stem in ("registry", "parameters"):  # it runs at import, and every test builds on it
        declared = {place for place, name in enumerate(tests) if name.split("::")[0] in _OF_DECLARATIONS}
        rounds += [nearest(declared, most), nearest(set(range(len(tests))), most)]
    return [names for names in rounds if names]


def verdict(mutant: Mutant, known: dict[str, Any], most: float) -> tuple[str, str]:
    """``killed`` and by which test, or ``survived``."""
    took = dict(zip(known["tests"], known["seconds"], strict=True))
    for names in selected(mutant, known, most):
        for few in (names[:25], names[25:]):
            if not few:
                continue

            def work(few: Sequence[str] = few) -> str:
                sys.meta_path.insert(0, _Finder(mutant))
                watch = _Watch()
                with contextlib.redirect_stdout(io.StringIO()):
                    code = pytest.main([*OPTIONS, *few], plugins=[watch])
                return "" if int(code) == 0 else f"{int(code)} {' '.join(watch.failed) or 'import'}"

            said = forked(work, 30 + 5 * sum(took[name] for name in few))
            if said is None:
                return "killed", "takes too long"
            if said:
                return "killed", said[2:]
    return "survived", ""


def equivalents() -> dict[str, str]:
    """The mutants known to change nothing, with the reason."""
    found = {}
    if EQUIVALENT.exists():
        for line in EQUIVALENT.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                text, _, reason = line.rpartition(" | ")
                found[text] = reason
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, run, print; 1 where fewer than *--least* of the mutants that matter die."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sample", type=int, default=400, help="mutants drawn (0: all)")
    parser.add_argument("--seed", type=int, default=20260213)
    parser.add_argument("--least", type=float, default=0.9, help="share that has to die")
    parser.add_argument(
        "--most", type=float, default=15.0, help="seconds of tests for a mutant, at most, in each round"
    )
    parser.add_argument("--only", default="", help="only mutants whose description holds this text")
    parser.add_argument("--survivors", type=Path, help="only those that survived in this earlier report")
    parser.add_argument("--report", type=Path, default=WORK / "report.txt")
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    parser.add_argument("--reuse", action="store_true", help="do not measure anew which test reaches which line")
    options = parser.parse_args(arguments)
    every = every_mutant()
    drawn = sorted(every, key=lambda mutant: mutant.drawn(options.seed))[: options.sample or None]
    if options.only:
        drawn = [mutant for mutant in every if options.only in f"{mutant.path}:{mutant.line} {mutant.text}"]
    if options.survivors:
        lines = options.survivors.read_text(encoding="utf-8").splitlines()
        alive = {line.rpartition("\t")[2] for line in lines if line.startswith("survived")}
        drawn = [mutant for mutant in every if mutant.text in alive]
    drawn.sort(key=lambda mutant: (mutant.path, mutant.line, mutant.number))
    print(f"{len(drawn)} of {len(every)} mutants, seed {options.seed}", flush=True)
    if options.list:
        print("\n".join(f"{mutant.path}:{mutant.line}\t{mutant.text}" for mutant in drawn))
        return 0
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(WORK / "pycache")
    for name in WARM:
        with contextlib.suppress(ImportError):
            __import__(name)
    stored = WORK / "lines.json"
    known = json.loads(stored.read_text()) if options.reuse and stored.exists() else measure()
    same, counts = equivalents(), Counter[str]()
    options.report.parent.mkdir(parents=True, exist_ok=True)
    with options.report.open("w", encoding="utf-8") as report:
        for mutant in drawn:
            state, by = verdict(mutant, known, options.most)
            if state == "survived" and mutant.text in same:
                state = "equivalent"
            counts[state] += 1
            where = f"{mutant.path}:{mutant.line}"
            print(f"{state}\t{where}\t{by or '-'}\t{mutant.text}", file=report, flush=True)
            if state == "survived":
                print(f"survived  {where}  {mutant.scope}: {mutant.before}  ->  {mutant.after}", flush=True)
    matter = counts["killed"] + counts["survived"]
    share = counts["killed"] / matter if matter else 1.0
    print(
        f"killed {counts['killed']}, survived {counts['survived']}, equivalent {counts['equivalent']}: {share:.1%} died"
    )
    return 0 if share >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
