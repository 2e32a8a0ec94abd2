"""Collect every text that a reader sees, for translators: ``xlrotation.pot``.

A text is a call of ``Text`` with its words written out, in whatever module; or the help of a worksheet function, a
published figure, or the name of a symbol, which are data.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import xlrotation
from xlrotation.functions.boundary import registry
from xlrotation.functions.published import claims
from xlrotation.languages import Text, po
from xlrotation.languages.catalogues import ENGLISH_NAME
from xlrotation.market import sectors, symbols

_ROOT = Path(xlrotation.__file__).parent
_HEADER = """Project-Id-Version: xlrotation
Language:
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
Plural-Forms: nplurals=2; plural=(n != 1);
X-Names:
"""
_NOTES = (
    "The texts of xlrotation, for translators; docs/translating.md says how. Generated: do not edit, copy.",
    "Language: the locale, such as de_DE. X-Names: the language's names, in itself and in English, commas between.",
)

Key = tuple[str, str]
"""Context and English text."""


def texts() -> dict[Key, str]:
    """Every text, with the place where it is from."""
    found: dict[Key, str] = {}
    for key, place in (
        (ENGLISH_NAME, "understood as a language"),
        *_written(),
        *_of_functions(),
        *_of_claims(),
        *_of_symbols(),
    ):
        found.setdefault(key, place)
    return found


def render() -> str:
    """The file for translators."""
    header = po.Entry("", "", _HEADER)
    entries = (po.Entry(context, text, "", notes=(place,)) for (context, text), place in texts().items())
    return po.written((header, *entries), _NOTES)


def _written() -> Iterator[tuple[Key, str]]:
    """What the modules write out, and the first definition of a book of one's own."""
    for path in (*sorted(_ROOT.rglob("*.py")), _ROOT / "reports/first_book.txt"):
        place = path.relative_to(_ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (key := _key(node)):
                yield key, place


def _key(call: ast.Call) -> Key | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name != "Text" or not call.args:
        return None
    words = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if len(words) < len(call.args) or words[0] in ("", "NAME"):  # a name that is yet to be given
        return None
    text, context = (*map(str, words), "")[:2]
    return context, text


def _of_functions() -> Iterator[tuple[Key, str]]:
    for spec in registry.functions().values():
        yield ("", spec.summary), spec.name
        for parameter in spec.parameters:
            whole = dict(parameter.text.values).get("help", parameter.text)
            if isinstance(whole, Text):
                yield (whole.context, whole.english), f"{spec.name}: {parameter.name}"


def _of_claims() -> Iterator[tuple[Key, str]]:
    for claim in claims.claims():
        for text in (claim.figure, claim.convention, claim.note):
            if text.english:
                yield (text.context, text.english), f"published figure {claim.id}"


def _of_symbols() -> Iterator[tuple[Key, str]]:
    for name in symbols.NAMES:
        yield (symbols.NAME, name.english), name.ticker
    for ticker, (english, _) in sectors.NAMES.items():
        yield (symbols.NAME, english), ticker
