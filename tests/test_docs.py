"""The documentation: what it shows is what the commands print, and what it links to exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from xlrotation.cli import main
from xlrotation.functions.boundary.registry import functions

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
READERS = {
    *(
        "index",
        "tutorial",
        "analysts",
        "signals",
        "templates",
        "jobs",
        "conventions",
        "functions",
        "exchanges",
        "store",
        "versions",
    ),
    *("live_data", "translating", "folder", "benchmarks", "python", "assistants", "install", "audit"),
    "explain",
}
"""Pages that are there in both languages."""

ENGLISH = {
    *("excel", "server", "libreoffice", "real_data", "mechanical_rotation", "methods", "native_functions"),
    *("architecture", "decisions"),
}
"""Pages for those who set up a program, check the numbers or change the code: in English only."""


def commands() -> list[tuple[str, str, str]]:
    """Page, command and output of each command that a page shows with its prompt in a console block."""
    found = []
    for page in PAGES:
        if page.stem == "folder":
            continue  # its commands are about the files beside them: tests/market/test_folder_page.py
        for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                found.append((page.relative_to(DOCS).as_posix(), command, shown))
    return found


@pytest.mark.parametrize(("page", "command", "shown"), commands())
def test_commands_print_what_the_page_shows(
    page: str, command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XLROTATION_SOURCE", "XLROTATION_LANG"):
        monkeypatch.delenv(name, raising=False)
    program, *arguments = shlex.split(command)
    assert program == "xlrotation"
    main(arguments)
    assert capsys.readouterr().out == shown, page


def test_there_are_commands_to_check() -> None:
    assert len(commands()) > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


def test_both_languages_have_the_same_pages() -> None:
    for name in READERS:
        assert (DOCS / f"{name}.md").is_file()
        assert (DOCS / "zh" / f"{name}.md").is_file()
    assert {page.stem for page in (DOCS / "zh").glob("*.md")} == READERS
    assert {page.stem for page in DOCS.glob("*.md")} - READERS <= ENGLISH  # a new page is one or the other
    assert not READERS & ENGLISH


def cells(page: Path) -> list[list[str]]:
    """What the cells of a page's tables show as code, table by table."""
    tables = re.findall(r"(?:^\|.*\n)+", page.read_text("utf-8"), re.MULTILINE)
    return [re.findall(r"`([^`]+)`", table) for table in tables]


def test_the_chinese_page_of_exchanges_lists_the_same() -> None:
    assert cells(DOCS / "zh" / "exchanges.md") == cells(DOCS / "exchanges.md")


@pytest.mark.parametrize("name", ["exchanges", "store", "live_data"])
def test_a_chinese_page_shows_no_code_that_the_english_one_does_not(name: str) -> None:
    def code(page: Path) -> set[str]:
        return {text for table in cells(page) for text in table}

    def options(page: Path) -> set[str]:
        return set(re.findall(r"--[a-z][a-z-]+", page.read_text("utf-8")))

    english, chinese = DOCS / f"{name}.md", DOCS / "zh" / f"{name}.md"
    assert code(chinese) <= code(english)
    assert options(chinese) == options(english)


def test_bounds_of_what_is_held_back_are_alike() -> None:
    def bounds(page: Path) -> list[str]:
        rows = re.findall(r"^\| .*\| (.*) \|$", page.read_text("utf-8"), re.MULTILINE)
        return [found[0] for row in rows if (found := re.findall(r"^(\d+(?:\.\d+)?) ?%", row))]

    assert bounds(DOCS / "zh" / "store.md") == bounds(DOCS / "store.md") == ["40", "25", "150", "0.5"]


@pytest.mark.parametrize("page", ["functions.md", "zh/functions.md"])
def test_every_function_is_on_the_page_with_an_example(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for name, spec in functions().items():
        section = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
        assert section is not None, name
        assert spec.example in section[1]
        assert all(f"| `{parameter.name}` |" in section[1] for parameter in spec.parameters)
