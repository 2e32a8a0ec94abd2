"""The page of the architecture says what the modules import, and the modules import what the page says."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xlrotation"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
ROWS = re.findall(r"^\| `([\w/]+)` \| (.+?) \| ?(.*?) ?\|$", PAGE, re.MULTILINE)
GROUND = frozenset(re.findall(r"`(\w+)`", re.search(r"The \*ground\*.*?\n\n", PAGE, re.DOTALL)[0]))
ROOMS = [name for name, _, _ in ROWS]
INSIDE = {
    "workbook/natives": "workbook/evaluation",
    "__main__": "cli",
    "__init__": "ground",
    "functions": "ground",
    "workbook": "ground",
}
"""Rooms that a row names besides its own."""
ALLOWED = {
    name: set(ROOMS) | {"ground"} if said == "everything" else set(re.findall(r"ground|[\w/]+", said))
    for name, _, said in ROWS
}
FILES = {path.relative_to(PACKAGE).with_suffix("").as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}


def room(module: str) -> str:
    """The room of a module such as ``market/store/states``: the nearest folder or module that the page names."""
    module = module.removesuffix("/__init__")
    while module not in ROOMS:
        if module in INSIDE:
            return INSIDE[module]
        if module.split("/")[0] in GROUND:
            return "ground"
        assert "/" in module, f"the page has no room for {module}"
        module = module.rpartition("/")[0]
    return module


@functools.cache
def modules_imported(module: str) -> frozenset[str]:
    """Every module of ours that *module* imports, wherever in it that stands."""
    return frozenset(_imported(ast.parse(FILES[module].read_text("utf-8"))))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "xlrotation":
            assert node.level == 0
            for alias in node.names:
                inner = f"{node.module}.{alias.name}".split(".", 1)[1].replace(".", "/")
                outer = inner.rpartition("/")[0] or "__init__"
                yield next(name for name in (inner, f"{inner}/__init__", outer, f"{outer}/__init__") if name in FILES)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("xlrotation."):
                    name = alias.name.split(".", 1)[1].replace(".", "/")
                    yield name if name in FILES else f"{name}/__init__"


@pytest.mark.parametrize("module", FILES)
def test_a_module_imports_what_the_page_allows(module: str) -> None:
    own = room(module)
    for name in modules_imported(module):
        there = room(name)
        assert there == own or there in ALLOWED.get(own, ()), f"{own} imports {name}, and the page does not allow it"


def test_what_the_page_allows_is_used() -> None:
    used = {(room(module), room(name)) for module in FILES for name in modules_imported(module)}
    for name, allowed in ALLOWED.items():
        if name != "commands":
            assert {there for there in allowed if (name, there) not in used} == set(), name


def test_a_room_imports_from_rooms_above_it() -> None:
    for place, name in enumerate(ROOMS):
        assert (ALLOWED[name] if name != "commands" else set()) <= {"ground", *ROOMS[:place]}, name


def test_every_folder_is_in_a_room_and_every_row_is_one() -> None:
    assert {room(module) for module in FILES} == {"ground", *ROOMS}
    assert {module.split("/")[0] for module in FILES} >= GROUND


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`([\w/]+\.py)`", PAGE))))
def test_a_file_that_the_page_names_is_there(path: str) -> None:
    assert (PACKAGE / path).is_file() or (ROOT / path).is_file()


NAMED = re.findall(r"^- `([\w/]+)`: `([\w/]+)`, ", PAGE, re.MULTILINE)
FOLDERS = {path.parent.relative_to(PACKAGE).as_posix() for path in FILES.values()}
"""Packages."""


def loaded_by_name(tree: ast.AST) -> Iterator[str]:
    """Every module or package of ours that stands in a text: to be loaded, started or imported by generated code."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            whole = re.fullmatch(r"xlrotation((?:\.\w+)+)\.?", node.value)
            inside = re.findall(r"(?:from|import) xlrotation((?:\.\w+)+)(?: import (\w+))?", node.value)
            for dotted, name in [*([(whole[1], "")] if whole else []), *inside]:
                place = dotted[1:].replace(".", "/")
                found = (f"{place}/{name}", place)
                yield from [one for one in found if one in FILES or one in FOLDERS][:1]


def read_as_data(node: ast.AST) -> Iterator[str]:
    """Packages whose data files are read."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("resources.files"):
            yield from loaded_by_name(call)


@pytest.mark.parametrize("module", FILES)
def test_what_a_module_loads_by_name_the_page_says(module: str) -> None:
    tree = ast.parse(FILES[module].read_text("utf-8"))
    data = set(read_as_data(tree))
    assert set(loaded_by_name(tree)) - data == {there for own, there in NAMED if own == module}
    for place in data:
        assert room(place) == room(module) or place == room(module).split("/")[0], f"{module} reads a file of {place}"


def test_the_page_names_modules_that_are_there() -> None:
    assert {own for own, _ in NAMED} <= FILES.keys()
    assert len(NAMED) == len(set(NAMED)) > 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('import_module("xlrotation.market.panel")', ["market/panel"]),
        ('import_module(f"xlrotation.reports.{name}")', ["reports"]),
        ('run(["-m", "xlrotation.fronts.build"])', ["fronts/build"]),
        ('TEXT = "from xlrotation.fronts.excel import calls"', ["fronts/excel/calls"]),
        ('TEXT = "from xlrotation.fronts.server.token import validate_token"', ["fronts/server/token"]),
        ('"""Not xlrotation.market: a docstring."""\nname = "xlrotation.toml"', []),
    ],
)
def test_names_in_texts_are_found(text: str, found: list[str]) -> None:
    assert list(loaded_by_name(ast.parse(text))) == found
