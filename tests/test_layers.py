"""Each layer may import only those below it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "xlrotation"
LAYERS = [
    *("errors", "addresses", "outside", "guard", "ending", "files", "progress", "measures", "market", "functions"),
    *("workbook", "reports", "fronts", "jobs", "batch", "terminal", "readable", "storecommands", "evalcommand", "cli"),
    "__main__",
]
ALLOWED = {
    "errors": set(),
    "addresses": set(),
    "outside": {"errors", "addresses"},
    "guard": set(),
    "ending": {"errors", "guard", "outside"},
    "files": set(),
    "progress": set(),
    "measures": set(),
    "market": {"errors", "outside", "files", "measures"},
    "functions": {"errors", "outside", "measures", "market"},
    "workbook": {"errors", "outside", "guard", "files"},
    "reports": {"errors", "files", "guard", "functions", "workbook", "market"},
    "fronts": {"errors", "addresses", "outside", "guard", "files", "functions", "workbook", "market"},
    "jobs": {"errors", "addresses", "outside", "guard", "files", "functions", "workbook", "market"},
    "batch": {"errors", "addresses", "outside", "guard", "files", "progress", "functions", "market", "jobs"},
    "terminal": {"addresses", "functions"},
    "readable": {"errors", "functions", "terminal"},
    "storecommands": {"addresses", "functions", "market", "progress", "terminal"},
    "evalcommand": {"errors", "addresses", "functions", "workbook", "terminal", "readable", "storecommands"},
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
            assert parts[1] in ALLOWED[own], f"{own} must not import {name}"


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


def test_modules_stay_small():
    for path in FILES:
        assert len(path.read_text("utf-8").splitlines()) <= 400, f"{path.name} has more than one subject"
