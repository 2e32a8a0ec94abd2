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
READERS = ("index", "tutorial", "analysts", "templates", "jobs", "conventions", "functions", "translating")
"""Pages that are there in both languages."""


def commands() -> list[tuple[str, str, str]]:
    """Page, command and output of each command that a page shows with its prompt in a console block."""
    found = []
    for page in PAGES:
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
    assert {page.stem for page in (DOCS / "zh").glob("*.md")} == set(READERS)


@pytest.mark.parametrize("page", ["functions.md", "zh/functions.md"])
def test_every_function_is_on_the_page_with_an_example(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    for name, spec in functions().items():
        section = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE)
        assert section is not None, name
        assert spec.example in section[1]
        assert all(f"| `{parameter.name}` |" in section[1] for parameter in spec.parameters)
