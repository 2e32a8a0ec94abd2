"""How each file of a folder was read, and what can be declared where something of it was left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlrotation.errors import NoData
from xlrotation.market import reasons
from xlrotation.market.calendar import XNYS, CalendarEnds
from xlrotation.market.filereadings import Declaration, FileReading, Refused
from xlrotation.market.providers.folder import declared, headers, remedies
from xlrotation.market.providers.folder.rows import rows_in
from xlrotation.market.providers.folder.source import Reader

_LARGE = 1 << 24
"""Bytes of a file from which on reading it again for each refusal would take minutes."""

_FEW = 3


@dataclass(slots=True)
class Checked:
    """A file of a folder.

    Attributes:
        name: The file, as seen from the folder.
        readings: How its tables were read.
        remedy: Lines of ``folder.toml`` by which nothing more of it is left out unsaid.
        known: Whether ``folder.toml`` has the table that the lines belong to already.
    """

    name: str
    readings: list[FileReading] = field(default_factory=list)
    remedy: list[str] = field(default_factory=list)
    known: bool = False

    @property
    def refused(self) -> list[Refused]:
        """What was left out of it."""
        return [refused for reading in self.readings for refused in reading.refused]


@dataclass(slots=True)
class Check:
    """A folder.

    Attributes:
        folder: It.
        files: Its files.
        left_out: Files with ``leave_out``, which are not read.
        remarks: What is told besides, of no file alone.
        reason: Why it gives no data; empty where it does.
        remedy: Lines for the top of ``folder.toml``.
    """

    folder: Path
    files: list[Checked]
    left_out: list[str]
    remarks: list[str]
    reason: str = ""
    remedy: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was left out that nobody declared so."""
        lost = any("left out" in remark or "is not used for it" in remark for remark in self.remarks)
        return not self.reason and not lost and not any(checked.refused for checked in self.files)


def check(folder: Path) -> Check:
    """Read a folder and tell how.

    Raises:
        NoData: There is none, it cannot be listed, or its settings cannot be understood.
    """
    reader = Reader(folder)
    names = reader.names()
    remarks: list[str] = []
    reason = ""
    try:
        panel = reader.load()
        readings, remarks = list(panel.readings), list(panel.remarks)
    except NoData as error:
        if not reader.readings and any(not reader.declared.of(name).left_out for name in names):
            raise
        readings, reason = list(reader.readings), error.message
    said = reader.declared
    files = {name: Checked(name) for name in names if not said.of(name).left_out}
    for reading in readings:
        name = reading.file if reading.file in files else reading.file.partition(", sheet ")[0]
        files.setdefault(name, Checked(name)).readings.append(reading)
    for name, checked in files.items():
        if checked.refused and name in names:
            _mend(reader, names[name], checked)
    told = {refused.reason for checked in files.values() for refused in checked.refused}
    told |= {oddity for checked in files.values() for reading in checked.readings for oddity in reading.oddities}
    rest = [each for each in remarks if each not in told and each.removeprefix(reasons.LEFT_OUT) not in told]
    gone = [name for name in names if said.of(name).left_out]
    return Check(folder, list(files.values()), gone, rest, reason, _top(rest, names))


def _mend(reader: Reader, file: Path, checked: Checked) -> None:
    name = checked.name
    said = reader.declared.said(name)
    own = reader.trial(file, name, reader.declared.of(name))
    later = [each for each in checked.refused if each.reason not in {one.reason for one in own}]

    def trial(declaration: Declaration) -> list[Refused]:
        found = reader.trial(file, name, declaration)
        return found + [each for each in later if not _settles(declaration, each)]

    status = file.stat()
    steps = remedies.STEPS if status.st_size < _LARGE else _FEW
    heads = {head: meaning for reading in checked.readings for head, meaning in reading.columns.items()}
    added, choices = remedies.remedy([*own, *later], trial, said, steps, heads, _last_session(status.st_mtime))
    pattern = remedies.pattern_of(name)
    checked.known = pattern in reader.declared.tables
    merged: dict[str, Any] = {
        key: {**said[key], **value} if key == "columns" and key in said else value for key, value in added.items()
    }
    checked.remedy = remedies.as_toml(pattern, merged, choices, checked.known)


def _last_session(saved: float) -> dt.date | None:
    """The last session that had ended when a file was saved: its quotes are of no later one."""
    try:
        return XNYS.last_finished(dt.datetime.fromtimestamp(saved, dt.UTC))
    except (CalendarEnds, OverflowError, OSError, ValueError):
        return None


def _settles(declaration: Declaration, refused: Refused) -> bool:
    """Whether a declaration settles what only all files together refuse."""
    if declaration.left_out or (declaration.trusted and "held back" in refused.reason):
        return True
    gone = set(declaration.rows_left_out)
    spans = rows_in(refused.reason)
    if spans and all(row in gone for first, last in spans for row in range(first, last + 1)):
        return True
    differs = remedies.DIFFERS.search(refused.reason)
    return differs is not None and any(
        said == "" and headers.symbol(head) == differs[1] for head, said in declaration.columns.items()
    )


def _top(remarks: list[str], tables: Collection[str]) -> list[str]:
    """What to write at the top of ``folder.toml`` for files that are no tables."""
    names: list[str] = []
    for remark in remarks:
        if remark.startswith(reasons.LEFT_OUT) and remark.endswith(reasons.NO_TABLE):
            names += remark.removeprefix(reasons.LEFT_OUT).rpartition(": ")[0].split(", ")
        elif remark.startswith(reasons.LEFT_OUT):  # a link or a pipe, called like a table
            name = remark.removeprefix(reasons.LEFT_OUT).partition(": ")[0]
            names += [name] if name not in tables and ", sheet " not in name else []
    return [f"leave_out = [{', '.join(remedies.quoted(remedies.pattern_of(name)) for name in names)}]"] if names else []


def first_settings(found: Check) -> str:
    """A first ``folder.toml``: how each file was read, and what to declare, behind a mark until somebody wants it."""
    lines = [
        "# How the files of this folder are to be read: what cannot be guessed of them.",
        "# Lines that begin with # say nothing; take the # away from those that are right.",
        "#",
        '# exchange = "XNYS"        # where symbols without a suffix trade',
        '# leave_out = ["old/*"]    # files that are not read',
        *(f"# {line}" for line in found.remedy),
        "",
    ]
    for checked in found.files:
        for reading in checked.readings:
            days = f", {reading.first} to {reading.last}" if reading.first else ""
            lines.append(f"# {plain(reading.file)}: {reading.layout or 'not understood'}{days}")
        lines += [f"#   {plain(refused.reason)}" for refused in checked.refused]
        lines += [f"# {line}" for line in checked.remedy]
        lines.append("")
    return "\n".join(lines)


def plain(text: str) -> str:
    """A text without what moves the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


SETTINGS = declared.FILE
