"""The proofs of all worksheet functions, read from the marks in the tests' sources.

Reading the sources and not the running tests makes the catalogue the same whichever tests are selected, and shows a
proof that would be skipped elsewhere on a machine where it would run.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlrotation.functions.boundary.registry import FAMILIES, functions

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "methods.md"
BEGIN, END = "<!-- proofs: begin -->", "<!-- proofs: end -->"

UNVERIFIED: Mapping[str, str] = {
    "XLR_VERSION": "tells the program's own version, a number that nobody else computes",
}
"""Functions for which nobody else has a number, and why."""

MARK = "proves"
_ELSEWHERE = "shared"
"""Folder beside a checkout that a user's clone does not have: no proof may need it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A marked test.

    Attributes:
        test: As pytest names it: file and function.
        functions: The worksheet functions that it proves.
        by: Who computed the number.
        faults: Why it does not serve as a proof; empty where it does.
    """

    test: str
    functions: tuple[str, ...]
    by: str
    faults: tuple[str, ...] = ()


def proofs(folder: Path = TESTS) -> list[Proof]:
    """The marked tests under *folder*, by file and place."""
    return [proof for path in sorted(folder.rglob("*.py")) for proof in _in_file(path, folder)]


def _in_file(path: Path, folder: Path) -> Iterator[Proof]:
    text = path.read_text("utf-8")
    if MARK not in text:
        return
    tree = ast.parse(text)
    name = path.relative_to(folder).as_posix()
    skips, constants = _names_of_skips(tree), _constants(tree)
    of_module = [fault for fault in _faults_of_module(tree, skips) if fault]
    seen = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        marks = [decorator for decorator in node.decorator_list if _mark(decorator) == MARK]
        seen.update(id(mark.func) for mark in marks if isinstance(mark, ast.Call))
        for mark in marks:
            names, by, fault = _read(mark, constants)
            faults = [*of_module, fault]
            if not (node.name.startswith("test_") and path.name.startswith("test_")):
                faults.append("is no test that pytest collects")
            if any(_skips(decorator, skips) for decorator in node.decorator_list) or _calls_skip(node):
                faults.append("may be skipped or expected to fail")
            if any(_mark(decorator) == "search" for decorator in node.decorator_list):
                faults.append("is left out unless it is asked for")
            if not any(isinstance(part, ast.Assert) for part in ast.walk(node)):
                faults.append("asserts nothing")
            yield Proof(f"{name}::{node.name}", names, by, tuple(filter(None, faults)))
    for node in ast.walk(tree):
        if _mark(node) == MARK and isinstance(node, ast.Attribute) and id(node) not in seen:
            where = f"{name}:{node.lineno}"
            yield Proof(where, (), "", (f"marks with {MARK} elsewhere than in the decorator of a test",))


def _mark(node: ast.AST) -> str:
    """The name of a pytest mark, called or not; empty for anything else."""
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Attribute) and called.value.attr == "mark":
        return called.attr
    return ""


def _read(mark: ast.expr, constants: Mapping[str, str]) -> tuple[tuple[str, ...], str, str]:
    """Names, by whom, and what is wrong with the mark."""
    if not isinstance(mark, ast.Call):
        return (), "", "names no function"
    texts = [_text(argument, {}) for argument in mark.args]
    given = {keyword.arg: keyword.value for keyword in mark.keywords}
    whom = (_text(given["by"], constants) if "by" in given else "").strip()
    names = tuple(text for text in texts if text)
    if not names or len(names) != len(texts):
        return names, whom, "names its functions by something else than plain texts"
    if set(given) != {"by"} or not whom:
        return names, whom, "does not say in a plain text by whom"
    return names, whom, ""


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts that the module gives a name."""
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _text(node: ast.expr, constants: Mapping[str, str]) -> str:
    """A text as it stands there, a name of one, or both put together in an f-string; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id, "")
    if isinstance(node, ast.JoinedStr):
        parts = [_text(p.value if isinstance(p, ast.FormattedValue) else p, constants) for p in node.values]
        return "".join(parts) if all(parts) else ""
    return ""


def _names_of_skips(tree: ast.Module) -> frozenset[str]:
    """Names of the module that stand for a mark that skips: ``here = pytest.mark.skipif(...)``."""
    return frozenset(
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and _skips(node.value, frozenset())
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _skips(node: ast.AST, names: frozenset[str]) -> bool:
    return any(
        (isinstance(part, ast.Attribute) and part.attr in ("skip", "skipif", "xfail", "importorskip"))
        or (isinstance(part, ast.Name) and part.id in names)
        for part in ast.walk(node)
    )


def _calls_skip(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(_skips(statement, frozenset()) for statement in function.body)


def _faults_of_module(tree: ast.Module, skips: frozenset[str]) -> Iterator[str]:
    if "pytestmark" in skips or any(_skips(node, frozenset()) for node in tree.body if isinstance(node, ast.Expr)):
        yield "stands in a file that may be skipped"
    if any(isinstance(node, ast.Constant) and node.value == _ELSEWHERE for node in ast.walk(tree)):
        yield f"stands in a file that looks into {_ELSEWHERE!r} beside the checkout"


def faults(found: Sequence[Proof], names: Collection[str], unverified: Mapping[str, str]) -> list[str]:
    """What is wrong: with a proof, or for want of one."""
    wrong = [f"{proof.test} {fault}" for proof in found for fault in proof.faults]
    wrong += [
        f"{p.test} proves {name}, which is no function" for p in found for name in p.functions if name not in names
    ]
    proved = {name for proof in found for name in proof.functions}
    wrong += [f"{name} has no proof" for name in names if name not in proved and name not in unverified]
    wrong += [f"{name} has a proof and is listed as unverified" for name in unverified if name in proved]
    wrong += [f"{name} is listed as unverified and is no function" for name in unverified if name not in names]
    wrong += [f"{name} is listed as unverified without a reason" for name, why in unverified.items() if not why.strip()]
    return wrong


def table(found: Sequence[Proof], names: Sequence[str], unverified: Mapping[str, str]) -> str:
    """The generated part of the page."""
    lines = [
        "Generated by `python -m tests.proofs` from the marks in the tests; do not edit.",
        "",
        f"{len(names)} functions, {len(names) - len(unverified)} of them with a number computed by somebody else.",
    ]
    for family, title in FAMILIES.items():
        rows = [
            f"| `{name}` | `{proof.test}` | {proof.by.replace('|', '/')} |"
            for name in names
            if name.startswith(f"{family}_")
            for proof in found
            if name in proof.functions
        ]
        if rows:
            lines += ["", f"**{family}: {title}**", "", "| function | test | number by |", "| --- | --- | --- |", *rows]
    lines += ["", "**Unverified**", "", "| function | why nobody else has a number |", "| --- | --- |"]
    lines += [f"| `{name}` | {why} |" for name, why in unverified.items()]
    return "\n".join(lines)


def page(text: str) -> str:
    """*text* of the page with its generated part as it must be now."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} lacks {BEGIN} or {END}")
    return f"{head}{BEGIN}\n\n{table(proofs(), list(functions()), UNVERIFIED)}\n\n{END}{tail}"
