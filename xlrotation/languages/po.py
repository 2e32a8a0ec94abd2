"""PO files, the format of gettext: texts and their translations.

Read is what a translation needs and no more: entries with their contexts. A file that departs from the format is
refused with the line. Plural entries are not among it, because a sentence may hold several numbers; a translation
chooses inside the sentence (see :mod:`xlrotation.languages.texts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_STRING = r'"(?:[^"\\\n]|\\.)*"(?:\n[ \t]*"(?:[^"\\\n]|\\.)*")*'
_PIECE = re.compile(
    rf"((?:\#.*\n)*)(?:msgctxt\ +({_STRING})\s*\n)?msgid\ +({_STRING})\s*\nmsgstr\ +({_STRING})[ \t]*\n"
    r"|[ \t]*(?:\#.*)?\n"
)
_FUZZY = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_JOIN = re.compile(r'"\n[ \t]*"')


class Entry(NamedTuple):
    """A text and its translation.

    Attributes:
        context: What sets it apart from others of the same words; blank where nothing must.
        text: In English; blank for the header.
        translation: Blank where there is none.
        line: Where the entry begins.
        fuzzy: Whether a translator has yet to look at it.
        notes: What a translator should know.
    """

    context: str
    text: str
    translation: str
    line: int = 0
    fuzzy: bool = False
    notes: tuple[str, ...] = ()

    @property
    def filled(self) -> bool:
        """Whether it has places that are filled."""
        return "{" in self.text


class PoError(ValueError):
    """A file that is no PO file; the message begins with the line."""


def read(content: str) -> Iterator[Entry]:
    """The entries of a file.

    Raises:
        PoError: It departs from the format.
    """
    content = content.replace("\r\n", "\n") + "\n"
    scanner = _PIECE.scanner(content)  # type: ignore[attr-defined]
    line = place = 0
    while found := scanner.match():
        notes, context, text, translation = found.groups()
        if text is not None:
            fuzzy = notes != "" and _FUZZY.search(notes) is not None
            yield Entry(_plain(context), _plain(text), _plain(translation), line + 1, fuzzy)
        line += content.count("\n", place, place := found.end())
    if place < len(content):
        raise PoError(f"line {line + 1}: no entry of a PO file: {content[place:].splitlines()[0][:40]}")


def _plain(quoted: str | None) -> str:
    """What a string of a PO file, over one line or several, stands for."""
    if not quoted:
        return ""
    text = quoted[1:-1]
    if "\n" in text:
        text = _JOIN.sub("", text)
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), text) if "\\" in text else text


def written(entries: Iterable[Entry], notes: Iterable[str] = ()) -> str:
    """The text of a PO file.

    Args:
        entries: The header first.
        notes: Comments at its head.
    """
    lines = [f"# {note}".rstrip() for note in notes]
    for entry in entries:
        lines += [f"#. {note}" for note in entry.notes]
        flags = [flag for flag, set_ in (("fuzzy", entry.fuzzy), ("python-brace-format", entry.filled)) if set_]
        lines += [f"#, {', '.join(flags)}"] if flags else []
        lines += [f"msgctxt {_quoted(entry.context)}"] if entry.context else []
        lines += [f"msgid {_quoted(entry.text)}", f"msgstr {_quoted(entry.translation)}", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\r", "\\r")
    *full, last = escaped.split("\n")
    lines = [f'"{line}\\n"' for line in full] + ([f'"{last}"'] if last or not full else [])
    return lines[0] if len(lines) == 1 else "\n".join(['""', *lines])
