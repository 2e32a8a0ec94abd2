"""Each layer may import only those below it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "xlrotation"
LAYERS = [
    *("errors", "grid", "addresses", "outside", "guard", "ending", "files", "progress"),
    *("measures", "market", "functions", "workbook", "reports", "fronts", "jobs", "batch"),
    *("terminal", "storecommands", "evalcommand", "cli", "__main__"),
]
ALLOWED = {
    "errors": set(),
    "grid": {"errors"},
    "addresses": set(),
    "outside": {"errors", "addresses"},
    "guard": set(),
    "ending": {"errors", "guard", "outside"},
    "files": set(),
    "progress": set(),
    "measures": set(),
    "market": {"errors", "grid", "outside", "files", "measures"},
    # texts of formulas lie below the functions, whose published figures are formulas
    "functions": {"errors", "grid", "outside", "measures", "market", "workbook.formulas"},
    "workbook": {"errors", "grid", "outside", "guard", "files"},
    "reports": {"errors", "files", "guard", "functions", "workbook", "market"},
    "fronts": {"errors", "grid", "addresses", "outside", "guard", "files", "functions", "workbook", "market"},
    "jobs": {"errors", "grid", "addresses", "outside", "guard", "files", "functions", "workbook", "market"},
    "batch": {"errors", "addresses", "outside", "guard", "files", "progress", "functions", "market", "jobs"},
    "terminal": {"addresses", "functions"},
    "storecommands": {"addresses", "functions", "market", "progress", "terminal"},
    "evalcommand": {"errors", "addresses", "functions", "workbook", "terminal", "storecommands"},
    "cli": {
        *(
            "errors",
            "addresses",
            "ending",
            "guard",
            "functions",
            "workbook",
            "market",
            "reports",
            "jobs",
            "batch",
            "progress",
        ),
        *("fronts", "terminal", "storecommands", "evalcommand"),
    },
    "__main__": {"cli"},
    "__init__": set(),
}
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
def test_imports_only_from_below(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "xlrotation" and len(parts) > 1 and parts[1] != own:
            assert {parts[1], ".".join(parts[1:3])} & ALLOWED[own], f"{own} must not import {name}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "workbook" / "formulas").glob("*.py")), ids=lambda path: path.stem)
def test_formula_texts_know_nothing_of_workbooks(path):
    for name in imports(path):
        assert not name.startswith("xlrotation.") or name.startswith(
            ("xlrotation.errors", "xlrotation.workbook.formulas")
        )


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


def test_what_may_be_imported_lies_below():
    for place, layer in enumerate(LAYERS):
        assert ALLOWED[layer] <= {*LAYERS[:place], "workbook.formulas"}, layer
    assert set(LAYERS) == ALLOWED.keys() - {"__init__"}


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
