"""What lies in a folder of files: tables to read, what is none, and what looks like a file and is none."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlrotation.errors import NoData
from xlrotation.market.listing import SETTINGS
from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder import declared, tables
from xlrotation.market.reasons import some_of

Mark = tuple[int, ...]
Marks = dict[str, Mark]
"""What the system says of each file, by name."""

_SHOWN = 20
"""Names of what is no file of prices that a remark lists."""


TELLS_CHANGE = os.name != "nt"
"""Whether the system tells when anything of a file changed, so that nothing can change and keep all its marks."""


def mark_of(file: Path) -> tuple[int, int]:
    """Size and time of change of a file."""
    try:
        status = file.stat()
    except OSError:  # removed since it was listed
        return 0, 0
    return status.st_size, status.st_mtime_ns


def stamp_of(file: Path) -> Mark:
    """As :func:`mark_of`, and what tells a file that was replaced by one of its size and time.

    Windows tells when a file was made, not when anything of it changed: there it is the file's number.
    """
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns if TELLS_CHANGE else status.st_ino


@dataclass(slots=True)
class Listed:
    """What a folder holds: files to read, names of what else is there, and why what looks like a file is none."""

    files: list[Path] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    odd: dict[str, str] = field(default_factory=dict)


def files_of(path: Path) -> Listed:
    """What is in a folder and one level below; hidden files and an open workbook's lock are nothing.

    Raises:
        NoData: There is more than a folder of prices can hold.
    """
    listed = Listed()
    entries: list[Path] = []
    folders = [path]
    for folder in folders:
        try:
            with os.scandir(folder) as found:
                for one in found:
                    if one.name.startswith((".", "~$")):
                        continue
                    entries.append(folder / one.name)
                    if len(entries) > bounds.ENTRIES:
                        raise NoData(f"{path} holds more than {bounds.ENTRIES:,} files; give a folder of prices alone")
                    if folder == path and _is_folder(path, folder / one.name, listed):
                        folders.append(folder / one.name)
        except OSError as error:
            if folder == path:
                raise NoData(f"the folder {path} cannot be read ({error.strerror})") from None
            listed.odd[f"{folder.name}/"] = f"cannot be read ({error.strerror})"
    for entry in sorted(entries, key=lambda entry: entry.parts):  # in one order on every system
        if entry not in folders:
            _sort(entry, entry.relative_to(path).as_posix(), listed)
    return listed


def _is_folder(path: Path, entry: Path, listed: Listed) -> bool:
    """Whether an entry is a folder to look into, and no link that leads back."""
    if not entry.is_dir():
        return False
    if path.resolve().is_relative_to(entry.resolve()):
        listed.odd[f"{entry.name}/"] = "a link that leads back to where it is"
        return False
    return True


def _sort(entry: Path, name: str, listed: Listed) -> None:
    """Put an entry that is no folder to look into where it belongs, without opening it."""
    if f"{name}/" in listed.odd:
        return
    try:
        mode = entry.stat().st_mode
    except OSError as error:
        if error.errno == errno.EACCES:
            listed.files.append(entry)  # reading it tells why it cannot be
        elif entry.is_symlink():
            listed.odd[name] = "a link that leads nowhere"
        return
    if name in (SETTINGS, declared.FILE):
        return
    if stat.S_ISDIR(mode):
        listed.others.append(f"{name}/")
    elif not entry.name.lower().endswith(tables.ENDINGS):
        listed.others.append(name)
    elif stat.S_ISREG(mode):
        listed.files.append(entry)
    else:
        listed.odd[name] = "a pipe, socket or device, and no file"


def named(names: Sequence[str]) -> str:
    """Names, for a remark."""
    return some_of(names, _SHOWN)
