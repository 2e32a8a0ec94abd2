"""What the package imports it declares, and what it declares it imports or says why not."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

NOT_IMPORTED = {
    "defusedxml": "openpyxl takes it, where it is installed, against XML that grows",
    "pandas": "pyarrow makes frames of it; xlwings and yfinance import it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
    "xlwings-server": "the server's project names it",
}
NOT_DECLARED = {
    "curl_cffi": "yfinance brings it; only its exceptions are named, where it is there",
    "uno": "inside LibreOffice alone",
    "unohelper": "inside LibreOffice alone",
    "com": "inside LibreOffice alone",
    "org": "inside LibreOffice alone",
    "pythoncom": "xlwings brings it on Windows",
    "win32com": "xlwings brings it on Windows",
    "_typeshed": "read by type checkers alone",
}
OTHER_NAMES = {"python-calamine": "python_calamine", "python-docx": "docx", "xlwings-server": "xlwings_server"}


def declared(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_.-]", text)[0].lower() for text in requirements}


def imported() -> dict[str, str]:
    """Every module from elsewhere that the package imports, with a file that does."""
    found: dict[str, str] = {}
    for path in (*(ROOT / "xlrotation").rglob("*.py"), ROOT / "udfs.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "xlrotation":
                    found[top] = path.relative_to(ROOT).as_posix()
    return found


CORE = declared(PROJECT["dependencies"])
EXTRAS = {name: declared(texts) for name, texts in PROJECT["optional-dependencies"].items()}


def test_what_is_imported_is_declared() -> None:
    every = (
        CORE
        | EXTRAS["server"]
        | EXTRAS["cluster"]
        | EXTRAS["audit"]
        | EXTRAS["html"]
        | EXTRAS["mcp"]
        | EXTRAS["reports"]
    )
    known = {OTHER_NAMES.get(name, name) for name in every} | set(NOT_DECLARED)
    assert {module: file for module, file in imported().items() if module not in known} == {}


def test_what_is_declared_is_imported_or_has_a_reason() -> None:
    used = set(imported())
    idle = {name for name in CORE | EXTRAS["server"] | EXTRAS["mcp"] if OTHER_NAMES.get(name, name) not in used}
    assert idle <= set(NOT_IMPORTED)


def test_what_users_of_extras_need_developers_have() -> None:
    assert EXTRAS["cluster"] | EXTRAS["docs"] | EXTRAS["reports"] <= EXTRAS["dev"]
