"""What no page of the architecture says: no circles, nothing heavy at import, small modules."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "xlrotation"
HEAVY = {"pandas", "pyarrow", "yfinance", "openpyxl", "python_calamine", "filelock", "platformdirs", "scipy"}
FILES = sorted(PACKAGE.rglob("*.py"))


def imports(path, at_import_only=False):
    tree = ast.parse(path.read_text("utf-8"))
    nodes = tree.body if at_import_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "xlrotation":
                yield from (f"xlrotation.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_measures_and_market_import_lightly(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ("errors", "measures", "market", "functions"):
        heavy = {name.split(".")[0] for name in imports(path, at_import_only=True)} & HEAVY
        assert not heavy, f"import {', '.join(heavy)} where it is used"


def test_measures_know_only_numpy_and_scipy():
    for path in (PACKAGE / "measures").glob("*.py"):
        for name in imports(path):
            assert name.split(".")[0] in {
                "numpy",
                "scipy",
                "functools",
                "importlib",
                "pkgutil",
                "__future__",
                "collections",
                "math",
                "typing",
            } or name.startswith("xlrotation.measures")


def module_graph(package):
    """Each module of a package with those that it imports anywhere: at its head, in a function, for its types alone."""
    named = {
        ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in package.rglob("*.py")
    }
    graph = {}
    for name, path in named.items():
        found = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}: a relative import"
                inside = {f"{node.module}.{alias.name}" for alias in node.names}
                found.update(inside & named.keys(), set() if inside <= named.keys() else {node.module})
        graph[name] = found & named.keys()
    return graph


def circles(graph):
    """The strongly connected components of more than one module, and modules that import themselves."""

    def reached(start):
        seen, left = set(), [start]
        while left:
            new = graph[left.pop()] - seen
            seen |= new
            left += new
        return seen

    within = {name: reached(name) for name in graph}
    return {frozenset(other for other in found if name in within[other]) for name, found in within.items()} - {
        frozenset()
    }


def test_no_modules_import_in_a_circle():
    assert not [sorted(circle) for circle in circles(module_graph(PACKAGE))]


def test_circles_are_found_wherever_an_import_stands(tmp_path):
    package = tmp_path / "some"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "a": "import some.b",
        "b": "def f():\n    from some import c",
        "c": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from some.a import x",
        "d": "import some.a",
        "e": "from some.d import y",
    }.items():
        (package / f"{name}.py").write_text(text, "utf-8")
    assert circles(module_graph(package)) == {frozenset({"some.a", "some.b", "some.c"})}


def test_modules_stay_small():
    for path in FILES:
        assert len(path.read_text("utf-8").splitlines()) <= 400, f"{path.name} has more than one subject"
