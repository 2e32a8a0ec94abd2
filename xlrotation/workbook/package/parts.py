"""The package of a workbook: a zip file of XML parts, read with care.

A workbook may come from anywhere: members are bounded in size, XML is read without entities or network.
"""

from __future__ import annotations

import contextlib
import io
import posixpath
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from xlrotation import files
from xlrotation.errors import BadWorkbook
from xlrotation.outside import unpacking
from xlrotation.workbook.formulas.references import Area, parse_area
from xlrotation.workbook.package.shared import LARGEST, once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml import etree

T = TypeVar("T")

MAX_MEMBER = 512 * 2**20
"""Bytes of the largest part that is read."""

MAX_RATIO = 400
"""A part above a megabyte that unpacks to more than this many times its packed size is taken for a zip bomb."""

MAX_TOTAL = 2 * 2**30
"""Bytes of all parts together."""

_SHARED_RATIO = 10
"""Times the size of a file that its parts take which are unpacked for all."""

_DAMAGED = (OSError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, ValueError)
"""What unpacking a part raises, besides the errors of its way to pack."""

STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATION = re.compile(r"\{[^}]*relationships\}id")


class Package:
    """A workbook's zip file, opened for reading.

    Args:
        path: The file.
        content: Its bytes, where they were read already; its parts are unpacked once for all who bring the same.
    """

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.path = path
        self._content = content
        self._shared: Mapping[str, bytes] | None = None
        _refuse_other_formats(path, content)
        try:
            self.zip = zipfile.ZipFile(path if content is None else io.BytesIO(content))
        except FileNotFoundError:
            raise BadWorkbook(f"{path}: no such file") from None
        except OSError as error:
            raise BadWorkbook(f"{path}: cannot be read ({error.strerror or error})") from None
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise BadWorkbook(f"{path}: is no .xlsx workbook ({error}); save it as .xlsx in a spreadsheet") from None
        self.sheets: dict[str, str] = {}
        try:
            self._open()
        except BaseException:
            self.zip.close()
            raise

    def _open(self) -> None:
        names = self.zip.namelist()
        if len(set(names)) != len(names):
            raise BadWorkbook(f"{self.path}: holds the same part twice; open it in a spreadsheet and save it again")
        if any(name.startswith("/") or ".." in re.split(r"[/\\]", name) for name in names):
            raise BadWorkbook(f"{self.path}: holds a part that points out of the package; refused")
        self._check_sizes()
        self.workbook_part = self._find_workbook()
        self.strict, self.date1904, sheets, self.names = self.told(_of_workbook, self.workbook_part)
        targets = self.relations(self.workbook_part)
        for name, identity in sheets:
            if identity is not None and identity in targets and name:
                self.sheets[name] = targets[identity]
        if not self.sheets:
            raise BadWorkbook(
                f"{self.path}: {self.workbook_part} says of no sheet where it is; "
                "open it in a spreadsheet and save it again"
            )

    def close(self) -> None:
        """Close the file."""
        self.zip.close()

    def verify(self) -> None:
        """Unpack every part once: what a part says of its size must be true before another program reads it."""
        for name in self.zip.namelist():
            self.read(name)

    def _check_sizes(self) -> None:
        total = 0
        for info in self.zip.infolist():
            total += info.file_size
            huge = info.file_size > 2**20 and info.file_size > MAX_RATIO * max(1, info.compress_size)
            if info.file_size > MAX_MEMBER or huge or total > MAX_TOTAL:
                raise BadWorkbook(
                    f"{self.path}: {info.filename} unpacks to {info.file_size:,} bytes; refused as a zip bomb"
                )

    def read(self, part: str) -> bytes:
        """The bytes of a part.

        Raises:
            BadWorkbook: It is missing or damaged.
        """
        data = self._unpacked.get(part)
        if data is not None:
            return data
        try:
            return _unpacked_part(self.zip, self.zip.getinfo(part))
        except KeyError:
            raise BadWorkbook(
                f"{self.path}: lacks its part {part}; open it in a spreadsheet and save it again"
            ) from None
        except _DAMAGED as error:
            raise BadWorkbook(f"{self.path}: {part} cannot be unpacked ({error})") from None
        except unpacking() as error:
            raise BadWorkbook(f"{self.path}: {part} is damaged ({error})") from None

    @property
    def _unpacked(self) -> Mapping[str, bytes]:
        """Parts that are shared."""
        if self._shared is None:  # no cached_property: in Python 3.11 all packages would wait for one
            content = self._content
            self._shared = {} if content is None or len(content) > LARGEST else once(_parts_of, content)
        return self._shared

    def tree(self, part: str, data: bytes | None = None) -> etree._Element:
        """A part as XML; *data* where only some of its bytes are wanted.

        Raises:
            BadWorkbook: It is no well-formed XML, or it declares entities.
        """
        try:
            return root_of(self.read(part) if data is None else data)
        except ValueError as error:
            raise BadWorkbook(f"{self.path}: {part} {error}") from None

    def told(self, tell: Callable[[bytes], T], part: str) -> T:
        """What a part says, shared with others that read the same one.

        Args:
            tell: Says it, as :func:`~xlrotation.workbook.package.shared.once` wants; ValueError where it cannot.
            part: The part.

        Raises:
            BadWorkbook: The part is missing or damaged.
        """
        try:
            return once(tell, self.read(part))
        except ValueError as error:
            raise BadWorkbook(f"{self.path}: {part} {error}") from None

    def relations(self, part: str) -> dict[str, str]:
        """Targets of a part's relations by their identity."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", name + ".rels")
        if path not in self.zip.NameToInfo:
            return {}
        return {
            identity: target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            for identity, target in self.told(_relations_of, path)
        }

    def tables(self, sheet_part: str) -> list[tuple[str, Area]]:
        """The tables of a sheet: names and cells."""
        found = []
        for target in self.relations(sheet_part).values():
            if "/tables/" in target and target in self.zip.namelist():
                table = self.tree(target)
                area = parse_area(table.get("ref") or "")
                if area is not None:
                    found.append((str(table.get("displayName") or table.get("name")), area))
        return found

    def _find_workbook(self) -> str:
        if "[Content_Types].xml" not in self.zip.namelist():
            raise BadWorkbook(f"{self.path}: is a zip file but no workbook")
        for target in self.relations("").values():
            if target.endswith("workbook.xml"):
                return target
        return "xl/workbook.xml"


def opened(path: Path) -> Package:
    """A workbook that is read again and again.

    Raises:
        BadWorkbook: It cannot be read.
    """
    try:
        return Package(path, files.read_regular(path, LARGEST))
    except OSError:  # it is large, or opening it as a zip file says why
        return Package(path)


def _parts_of(content: bytes) -> Mapping[str, bytes]:
    """The parts of a package that are whole; none where they take much more room than it does."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        infos = package.infolist()
        if sum(info.file_size for info in infos) <= _SHARED_RATIO * len(content):
            for info in infos:
                with contextlib.suppress(Exception):  # whoever reads it is told
                    found[info.filename] = _unpacked_part(package, info)
    return found


def _unpacked_part(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with package.open(info) as file:
        return file.read(info.file_size + 1)


def _refuse_other_formats(path: Path, content: bytes | None) -> None:
    """Say what a file is that is known not to be a workbook of XML parts."""
    head = content
    if head is None:
        try:
            with path.open("rb") as file:
                head = file.read(2**20)
        except OSError:
            return  # opening it as a zip file says why
    if not head.startswith(b"\xd0\xcf\x11\xe0"):
        return
    if "EncryptedPackage".encode("utf-16-le") in head[: 2**20]:
        raise BadWorkbook(f"{path}: is protected by a password; open it and save it without one")
    raise BadWorkbook(
        f"{path}: is a workbook of the old format (.xls), or protected by a password; open it and save it as .xlsx"
    )


def read_names(path: Path) -> list[str]:
    """The defined names of a workbook."""
    package = opened(path)
    package.close()
    return list(package.names)


class _Workbook(NamedTuple):
    """What the main part of a workbook says: its form, how it counts days, sheets with their relations, names."""

    strict: bool
    date1904: bool
    sheets: tuple[tuple[str, str | None], ...]
    names: tuple[str, ...]


def _of_workbook(data: bytes) -> _Workbook:
    root = root_of(data)
    sheets = []
    for sheet in root.iter("{*}sheet"):
        identity = next((value for key, value in sheet.attrib.items() if _RELATION.fullmatch(str(key))), None)
        sheets.append((str(sheet.get("name") or ""), None if identity is None else str(identity)))
    return _Workbook(
        root.tag.startswith(f"{{{STRICT}}}"),
        any(_true(item.get("date1904")) for item in root.iter("{*}workbookPr")),
        tuple(sheets),
        tuple(str(item.get("name")) for item in root.iter("{*}definedName") if item.get("name")),
    )


def _relations_of(data: bytes) -> tuple[tuple[str, str], ...]:
    """Identities and targets of relations within a package."""
    items = [item for item in root_of(data).iter("{*}Relationship") if item.get("TargetMode") != "External"]
    return tuple((str(item.get("Id")), str(item.get("Target", ""))) for item in items)


def root_of(data: bytes) -> etree._Element:
    """A part as XML.

    Raises:
        ValueError: It is no well-formed XML, or it declares entities.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"is no well-formed XML ({error})") from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise ValueError("declares a document type, which no workbook does; refused")
    return root


def _true(text: str | None) -> bool:
    return text in ("1", "true", "on")
