"""The sheets of a workbook, called as its language calls them.

A workbook says what a sheet is called in a language by names of the sheet's own: ``tab_en``, ``tab_zh``, each a text. A
copy in that language gets these as the names of its sheets, and all that refers to them follows: formulas, defined
names, charts, sparklines, conditional formats, validations, links. A workbook without such names stays as it is, and so
does one with macros, whose code may name its sheets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xlrotation.errors import BadWorkbook
from xlrotation.workbook.formulas.references import parse_area, quoted_sheet
from xlrotation.workbook.formulas.tokens import marks
from xlrotation.workbook.output.export import write_package
from xlrotation.workbook.package.parts import Package
from xlrotation.workbook.package.shared import once
from xlrotation.workbook.package.splice import Edits, Element, parse, plain_xml, text_bytes

PREFIX = "tab_"
"""What a sheet's own name for a language begins with, before the language's code."""

_LONGEST = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")
_FORMULAS = re.compile(
    rb"(<(?:\w+:)?(?:f|formula|formula1|formula2|definedName|calculatedColumnFormula|totalsRowFormula)(?:\s[^>]*)?>)"
    rb"([^<]+)(</)"
)
_FORMULA_MARKS = (b"<f", b":f", b"definedName", b"calculatedColumnFormula", b"totalsRowFormula")
_LINKS = re.compile(rb'(<(?:\w+:)?hyperlink\s[^>]*?\blocation=")([^"]*)(")')
_SOURCES = re.compile(rb'(<(?:\w+:)?worksheetSource\s[^>]*?\bsheet=")([^"]*)(")')
_DRAWN = re.compile(rb'(<(?:\w+:)?cNvPr\s[^>]*?\bname=")([^"]*)(")')
_TITLES = re.compile(rb"(<(?:\w+:)?lpstr>)([^<]*)(</)")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_STRING = re.compile(r"""(#?)('(?:[^']|'')+'|[^!'"]+)!(?=[$A-Za-z0-9:]*\Z)""")
"""A reference in a text, as INDIRECT and HYPERLINK take it: what stands before it, and its sheet."""


def in_language(path: Path, lang: str) -> dict[str, str]:
    """Call the sheets of a workbook as a language calls them, in place.

    Args:
        path: The workbook.
        lang: The language.

    Returns:
        The new name of each sheet that got another one, by its old name.

    Raises:
        BadWorkbook: The workbook cannot be read.
        RotationError: It cannot be written.
    """
    package = Package(path)
    try:
        workbook = package.read(package.workbook_part)
        try:
            renamed = _renamed(*once(_named, workbook), lang)
        except ValueError as error:
            raise BadWorkbook(f"{path}: {package.workbook_part} is no well-formed XML ({error})") from None
        if not renamed or any(part.endswith("vbaProject.bin") for part in package.zip.namelist()):
            return {}
        data = plain_xml(workbook, tidy=True)
        root = parse(data)
        parts: dict[str, bytes | None] = {}
        followed = _Followed(renamed)
        for part, stored, content in _readable(package):
            before = _with_tabs(data, root, renamed) if part == package.workbook_part else content
            made = followed.part(before, part)
            if made != stored:
                parts[part] = made
        write_package(package, parts, path)
        return renamed
    finally:
        package.close()


def _readable(package: Package) -> Iterator[tuple[str, bytes, bytes]]:
    """The parts that are XML: their names, as they are stored, and as they can be edited."""
    for part in package.zip.namelist():
        if part.endswith(".xml"):
            stored = package.read(part)
            try:
                yield part, stored, plain_xml(stored, tidy=True)
            except ValueError as error:
                raise BadWorkbook(f"{package.path}: {part} is no well-formed XML ({error})") from None


def _named(workbook: bytes) -> tuple[list[str], list[tuple[str, int, str]]]:
    """The sheets of a workbook, and what they say that they are called: the name in small letters, the sheet, the text.

    Raises:
        ValueError: It is not well-formed.
    """
    root = parse(plain_xml(workbook, tidy=True))
    sheets = [sheet.get("name") for holder in root.iter("sheets") for sheet in holder.children]
    called = []
    for name in root.iter("definedName"):
        local, lower = name.get("localSheetId"), name.get("name").lower()
        if lower.startswith(PREFIX) and local.isdigit() and int(local) < len(sheets):
            called.append((lower, int(local), name.text.strip().strip('"').replace('""', '"')))
    return sheets, called


def _renamed(sheets: Sequence[str], called: Iterable[tuple[str, int, str]], lang: str) -> dict[str, str]:
    """The sheets that get another name; none at all where two would have the same, or one that no program takes."""
    wanted = list(sheets)
    for name, sheet, text in called:
        if name == f"{PREFIX}{lang}":
            wanted[sheet] = text
    if len({name.lower() for name in wanted}) < len(wanted):
        return {}
    if any(not name or len(name) > _LONGEST or _FORBIDDEN.search(name) for name in wanted):
        return {}
    return {old: new for old, new in zip(sheets, wanted, strict=True) if old != new}


def _with_tabs(data: bytes, root: Element, renamed: Mapping[str, str]) -> bytes:
    edits = Edits(data)
    for holder in root.iter("sheets"):
        for sheet in holder.children:
            if (new := renamed.get(sheet.get("name"))) is not None:
                edits.set(sheet, {"name": new})
    return edits.apply()


class _Followed:
    """What refers to sheets, with their new names.

    Args:
        renamed: The new names by the old ones.
    """

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self._by_name = {old.lower(): new for old, new in renamed.items()}
        self._made: dict[str, str] = {}

    def part(self, data: bytes, part: str) -> bytes:
        """A part in which all that refers to a sheet has its new name."""
        data = _changed(_FORMULAS, self._formula, data, _FORMULA_MARKS)
        data = _changed(_LINKS, self._link, data, (b"hyperlink",))
        data = _changed(_SOURCES, self._name, data, (b"worksheetSource",))
        if "/drawings/" in part:
            data = _DRAWN.sub(self._drawn, data)
        if part == "docProps/app.xml":
            data = _TITLES.sub(lambda match: (self._drawn if b"!" in match[2] else self._name)(match), data)
        return data

    def _rewritten(self, text: str) -> str:
        if text not in self._made:
            self._made[text] = rewritten(text, self._by_name)
        return self._made[text]

    def _formula(self, match: re.Match[bytes]) -> bytes:
        text = _text(match[2])
        made = self._rewritten(text)
        return match[0] if made == text else match[1] + text_bytes(made) + match[3]

    def _link(self, match: re.Match[bytes]) -> bytes:
        text = _text(match[2])
        made = self._rewritten(text)
        return match[0] if made == text else match[1] + _attribute(made) + match[3]

    def _name(self, match: re.Match[bytes]) -> bytes:
        new = self._by_name.get(_text(match[2]).lower())
        return match[0] if new is None else match[1] + _attribute(new) + match[3]

    def _drawn(self, match: re.Match[bytes]) -> bytes:
        return self._link(match) if parse_area(_text(match[2])) is not None else match[0]


def _changed(
    pattern: re.Pattern[bytes], change: Callable[[re.Match[bytes]], bytes], data: bytes, marks: Iterable[bytes]
) -> bytes:
    """*data* with the tags changed that a pattern finds, each of which has one of *marks* in it.

    The pattern tries every tag, and most of a sheet is cells without any of them: it begins with the first mark.
    """
    places = [place for mark in marks if (place := data.find(mark)) >= 0]
    if not places:
        return data
    start = max(data.rfind(b"<", 0, min(places) + 1), 0)
    return data[:start] + pattern.sub(change, data[start:])


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    if "&" not in text:
        return text
    text = re.sub(r"&#(x[0-9A-Fa-f]+|\d+);", lambda m: chr(int(m[1][1:], 16) if m[1][0] == "x" else int(m[1])), text)
    for entity, mark in _ENTITIES.items():  # that of & comes last: what it gives may look like another
        text = text.replace(entity, mark)
    return text


def _attribute(text: str) -> bytes:
    return text_bytes(text).replace(b'"', b"&quot;")


def rewritten(formula: str, by_name: Mapping[str, str]) -> str:
    """A formula with other names of sheets.

    Args:
        formula: Its text; a reference alone is one as well.
        by_name: The new names, by the old ones in small letters.
    """
    if not any(old in formula.lower() for old in by_name):
        return formula
    made, place = [], 0
    for token in marks(formula):
        match = token.match
        if token.kind == "text":
            told = _STRING.match(token.text[1:-1])
            new = None if told is None else _called(told[2], by_name)
            if told is not None and new is not None:
                made += [formula[place : token.start + 1], told[1], new, "!"]
                place = token.start + 1 + told.end()
            continue
        if match is None or match["link"] not in (None, "[0]"):
            continue
        group = "quoted" if match["quoted"] else "plain"
        if match[group] and (new := _called(match[group], by_name)) is not None:
            made += [formula[place : match.start(group)], new]
            place = match.end(group)
    return "".join((*made, formula[place:]))


def _called(written: str, by_name: Mapping[str, str]) -> str | None:
    """A sheet, or the first and the last of several, by the new name as a formula writes it; None where it has none."""
    name = written[1:-1].replace("''", "'") if written.startswith("'") else written
    if "[" in name:
        return None
    parts = name.split(":")
    new = [by_name.get(part.lower(), part) for part in parts]
    return None if new == parts else quoted_sheet(":".join(new))
