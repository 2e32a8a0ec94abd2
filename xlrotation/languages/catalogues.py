"""The languages that there are, and their texts.

A language is a file ``CODE.po`` (``de.po``, ``pt_BR.po``); it is read when its first text is asked for. English needs
none.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from xlrotation.errors import BadArgument
from xlrotation.languages.places import misfit

ENGLISH = "en"

FOLDERS: list[Path] = [Path(__file__).parent]
"""Where the files are."""

_LOCALE = re.compile(r"([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)(?:\.[A-Za-z0-9-]+)?(?:@[A-Za-z0-9]+)?")
"""A language's code, and what locale names add to it: script, country, character set (zh-Hans-CN, zh_CN.UTF-8)."""

_PLURAL = re.compile(r"\bplural\s*=\s*([^;]+)")
_COUNT = re.compile(r"\bnplurals\s*=\s*(\d{1,2})\b")
_TRIED = (*range(1200), 10**6, 2 * 10**6)
"""Numbers that a rule is tried on: rules look at the last three digits, some at whole millions."""

ENGLISH_NAME = ("name of a language", "English")
"""Context and text by which a language says what it calls English."""


class Catalogue(NamedTuple):
    """The texts of a language.

    Attributes:
        header: What the file says of itself, by field.
        texts: Translations by context and English text.
    """

    header: Mapping[str, str]
    texts: Mapping[tuple[str, str], str]


@functools.cache
def known() -> tuple[str, ...]:
    """The codes of the languages: English, then those that have a file."""
    return (ENGLISH, *sorted({path.stem for folder in FOLDERS for path in folder.glob("*.po")}))


def language(lang: str | None = None) -> str:
    """The code of a language that is named; where none is, of what ``XLROTATION_LANG`` names, else English.

    Raises:
        BadArgument: It is not spoken; the message lists those that are.
    """
    return spoken(lang or os.environ.get("XLROTATION_LANG", "").strip() or ENGLISH)


def spoken(name: str) -> str:
    """The code of the language that *name* names.

    Args:
        name: A code (zh), the name of a locale (zh-CN, zh_CN.UTF-8) or of the language, in itself or in English.

    Raises:
        BadArgument: It is not spoken; the message lists those that are.
    """
    if name in known():
        return name
    if found := _LOCALE.fullmatch(name.strip()):
        codes = {code.replace("-", "_").lower(): code for code in known()}
        tag = found[1].replace("-", "_").lower()
        while tag:  # pt_BR before pt
            if tag in codes:
                return codes[tag]
            tag = tag.rpartition("_")[0]
    named = sorted(_by_name().get(name.strip().casefold(), ()))
    if len(named) > 1:
        raise BadArgument(f"{name[:40]!r} is the name of {' and of '.join(named)}; give the code of one")
    if not named:
        raise _unknown(name)
    return named[0]


def _unknown(name: str) -> BadArgument:
    return BadArgument(f"no language {name[:40]!r}; there are {' and '.join(known())}")


@functools.cache
def _by_name() -> dict[str, set[str]]:
    """The languages by their names: ``X-Names`` in their headers, and what they call English."""
    names = {"english": {ENGLISH}}
    for code in known()[1:]:
        with contextlib.suppress(BadArgument):  # a file that is none disturbs its own language alone
            found = catalogue(code)
            named = [(name, code) for name in found.header.get("x-names", "").split(",")]
            for name, meant in (*named, (found.texts.get(ENGLISH_NAME, ""), ENGLISH)):
                if name.strip():
                    names.setdefault(name.strip().casefold(), set()).add(meant)
    return names


def translated(lang: str, text: str, context: str = "") -> str | None:
    """A text in a language; None where it has no such text, and in English."""
    return None if lang == ENGLISH else catalogue(lang).texts.get((context, text))


def told_as(context: str) -> Iterator[tuple[str, str]]:
    """What the languages call the texts of a context: English and translation; a file that is none says nothing."""
    for lang in known()[1:]:
        with contextlib.suppress(BadArgument):
            for (where, text), told in catalogue(lang).texts.items():
                if where == context:
                    yield text, told


def locale(lang: str) -> str:
    """The locale of a language as programs write it (zh-CN)."""
    return lang if lang == ENGLISH else catalogue(lang).header.get("language", lang).replace("_", "-")


@functools.cache
def plural(lang: str) -> Callable[[int], int]:
    """Which form of a word goes with a number, by the ``Plural-Forms`` of its file.

    Raises:
        BadArgument: They cannot be read, or give no form of those that they count.
    """
    if lang == ENGLISH:
        return lambda number: int(number != 1)
    try:
        return _rule(catalogue(lang).header)
    except ValueError as error:
        raise BadArgument(f"Plural-Forms of language {lang} cannot be read: {error}") from error


def _rule(header: Mapping[str, str]) -> Callable[[int], int]:
    """The rule of a header, English where it has none.

    Raises:
        ValueError: It is none.
    """
    found = _PLURAL.search(header.get("plural-forms", ""))
    if found is None:
        return lambda number: int(number != 1)
    from gettext import c2py

    chosen: Callable[[int], int] = c2py(found[1].strip())
    counted = _COUNT.search(header.get("plural-forms", ""))
    for number in _TRIED:
        try:
            form = chosen(number)
        except ArithmeticError:
            raise ValueError(f"there is no form for {number}") from None
        if counted and form >= int(counted[1]):
            raise ValueError(f"{number} has form {form}, and there are {counted[1]} from 0 on")
    return chosen


@functools.cache
def catalogue(lang: str) -> Catalogue:
    """The texts of a language.

    Raises:
        BadArgument: There is no such language, or its file is none or has a text that does not fit the English one.
    """
    for folder in reversed(FOLDERS):
        path = folder / f"{lang}.po"
        if path.is_file():
            try:
                return _loaded(path.read_text("utf-8-sig"))
            except (ValueError, OSError) as error:
                raise BadArgument(f"the texts of language {lang} cannot be read ({path.name}): {error}") from error
    raise _unknown(lang)


def _loaded(content: str) -> Catalogue:
    from xlrotation.languages import po

    header: dict[str, str] = {}
    texts: dict[tuple[str, str], str] = {}
    for context, text, translation, line, fuzzy, _ in po.read(content):
        if not text and not context:
            fields = (row.partition(":") for row in translation.splitlines())
            header = {name.strip().lower(): value.strip() for name, _, value in fields}
        elif translation and not fuzzy:
            if (context, text) in texts:
                raise po.PoError(f"line {line}: {text[:40]!r} for the second time")
            if "{" in translation and (wrong := misfit(text, translation)):
                raise po.PoError(f"line {line}: {wrong}")
            texts[context, text] = translation
    return Catalogue(header, texts)


def forget() -> None:
    """Look for files again."""
    for kept in (known, catalogue, plural, _by_name):
        kept.cache_clear()
