"""Chinese texts have full-width marks beside Chinese characters, and half-width ones in what is no Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

import xlrotation.languages as package
from xlrotation.languages import po

ROOT = Path(package.__file__).parents[2]
FULL = dict(zip(",;:?!()", "，；：？！（）", strict=True))

_CHINESE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef·“”]")
_FOREIGN = re.compile(
    r"```.*?```|`[^`\n]*`|(?<=\])\([^()\s]*\)|https?://[^\s)）]+|\{[^{}\n]*\}|<[^<>\n]*>"
    r"|(?<![A-Z0-9_])[A-Z]+_[A-Z0-9_]+\([^()\u2e80-\u9fff]*\)|[A-Z]+\(\)|^\|[-:| ]+\|$|[\"'][ -~]*[\"']",
    re.DOTALL | re.MULTILINE,
)
"""What keeps its marks: code, addresses, places, calls, the rules of tables, and what is quoted."""
_UNKNOWN, _MARKUP = "\0", "*_ "


def half_width(text: str) -> list[int]:
    """The places of half-width marks that stand beside Chinese characters, or beside what is put into Chinese."""
    plain = _FOREIGN.sub(lambda found: _UNKNOWN * len(found[0]), text)
    if not _CHINESE.search(plain):
        return []
    found, opened = [], []
    for place, mark in enumerate(plain):
        if mark == "(":
            opened.append(place)
        elif mark == ")" and opened:
            begin = opened.pop()
            around = _beside(plain, begin, -1), _beside(plain, place, 1)
            if _CHINESE.search(plain[begin:place]) or any(map(_is_chinese, around)):
                found += [begin, place]
        elif mark in FULL and mark not in "()":
            around = _beside(plain, place, -1), _beside(plain, place, 1)
            ends = mark == "?" and around == (_UNKNOWN, "")
            within = mark in ",;:" and _UNKNOWN in around and _CHINESE.search(_cell(plain, place))
            if any(map(_is_chinese, around)) or ends or within:
                found.append(place)
    return sorted(found)


def _beside(text: str, place: int, step: int) -> str:
    """The character before or behind a place, beyond markup and blanks; a line's end is none."""
    place += step
    while 0 <= place < len(text) and text[place] in _MARKUP:
        place += step
    return text[place] if 0 <= place < len(text) else ""


def _cell(text: str, place: int) -> str:
    """The line, or the cell of a table, around a place."""
    return re.split(r"[|\n]", text[:place])[-1] + re.split(r"[|\n]", text[place:])[0]


def _is_chinese(mark: str) -> bool:
    return bool(_CHINESE.match(mark))


PAGES = sorted((ROOT / "docs/zh").glob("*.md"))


def told(texts: Iterable[str]) -> list[str]:
    """Where half-width marks stand in Chinese, with what is around them."""
    return [text[max(0, place - 12) : place + 8] for text in texts for place in half_width(text)]


@pytest.mark.parametrize("file", ["xlrotation/languages/zh.po", "benchmarks/zh.po"])
def test_translations_have_the_marks_of_chinese(file: str) -> None:
    texts = [entry.translation for entry in po.read((ROOT / file).read_text("utf-8")) if entry.text]
    assert len(texts) > 50
    assert told(texts) == []


def test_what_is_put_together_in_chinese_has_its_marks() -> None:
    """Texts of places alone: ``{name}: {value}`` is translated as ``{name}：{value}``."""
    for entry in po.read((ROOT / "xlrotation/languages/zh.po").read_text("utf-8")):
        if entry.translation not in ("", entry.text) and not _CHINESE.search(entry.translation):
            assert not set(FULL) & set(_FOREIGN.sub("", entry.translation)), entry


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_have_the_marks_of_chinese(page: Path) -> None:
    assert told([page.read_text("utf-8")]) == []


@pytest.mark.parametrize(
    "text",
    [
        "标题,",
        "得分:{value}",
        "按{name},取一",
        "{day},数据",
        "年初至今(YTD)",
        "`a`,`b`为中",
        "是否指{near}?",
        "某*列*(甲)",
        "共1,000日;完",
    ],
)
def test_half_width_marks_are_found(text: str) -> None:
    assert half_width(text)


@pytest.mark.parametrize(
    "text",
    [
        "SPX, VIX",
        "收于1,234.5点",
        "见`f(a, b)`",
        "键入 SP500:Technology 即可",
        '见XLR_HELP("ROT_RRG")。',
        "见[说明](a.md)",
        "“数据”（甲）：乙，丙；丁？",
        "10:30开盘",
        "{a}:{b}",
    ],
)
def test_other_marks_stay(text: str) -> None:
    assert half_width(text) == []
