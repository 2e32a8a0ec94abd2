"""Every example of the pages about folders is run as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from xlrotation.cli import main
from xlrotation.market.providers.folder import declared

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"en": DOCS / "folder.md", "zh": DOCS / "zh" / "folder.md"}
_FILE = re.compile(r"^`([^`\n]+)`[:：]\n\n```(?:text|toml)\n(.*?)```", re.DOTALL | re.MULTILINE)
_CONSOLE = re.compile(r"^```console\n(.*?)```", re.DOTALL | re.MULTILINE)


def sections(page: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", PAGES[page].read_text("utf-8"), flags=re.MULTILINE)
    return {title: text for title, text in zip(parts[1::2], parts[2::2], strict=True) if _CONSOLE.search(text)}


EXAMPLES = [(page, title) for page in PAGES for title in sections(page)]


@pytest.mark.parametrize(("page", "title"), EXAMPLES)
def test_examples_give_what_the_page_says(tmp_path, monkeypatch, capsys, page, title):
    text = sections(page)[title]
    (tmp_path / "desk").mkdir()
    for name, content in _FILE.findall(text):
        (tmp_path / "desk" / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    for block in _CONSOLE.findall(text):
        for command in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, expected = command.partition("\n")
            arguments = shlex.split(line)[1:]
            if arguments[0] == "eval":
                arguments += ["--source", "folder:desk"]
            main(arguments)
            shown = capsys.readouterr()
            assert shown.out.strip() == expected.strip(), shown.err


def test_both_pages_have_the_same_examples():
    examples = {page: [_FILE.findall(text) for text in sections(page).values()] for page in PAGES}
    consoles = {page: [_CONSOLE.findall(text) for text in sections(page).values()] for page in PAGES}
    assert examples["en"] == examples["zh"]
    assert consoles["en"] == consoles["zh"]
    assert len(EXAMPLES) >= 20


@pytest.mark.parametrize("page", PAGES)
def test_the_page_names_every_setting(page):
    text = PAGES[page].read_text("utf-8")
    for word in (*declared._READERS, *declared.MEANINGS, *declared.LAYOUTS, *declared._ENCODINGS, *declared.KEYS):
        assert f"`{word}`" in text or f"[{word}]" in text, word
