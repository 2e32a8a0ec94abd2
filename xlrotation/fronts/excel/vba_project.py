"""Make a VBA project ([MS-OVBA]) from the text of its modules: what Office keeps as ``vbaProject.bin``.

Only the source is written, without what VBA compiles from it; Office compiles it when it opens the file.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from xlrotation.fronts.excel import compound

_CODE_PAGE = "cp1252"
_PROJECT_ID = "{7B0C0A3E-52D4-4E55-9A0B-6F3C1D0E9F21}"
_CHUNK = 4096

_LIBRARIES = (
    (
        "VBA",
        "*\\G{000204EF-0000-0000-C000-000000000046}#4.2#9#"
        "C:\\Program Files\\Common Files\\Microsoft Shared\\VBA\\VBA7.1\\VBE7.DLL#Visual Basic For Applications",
    ),
    (
        "Excel",
        "*\\G{00020813-0000-0000-C000-000000000046}#1.9#0#"
        "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE#Microsoft Excel 16.0 Object Library",
    ),
    (
        "stdole",
        "*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\\Windows\\System32\\stdole2.tlb#OLE Automation",
    ),
    (
        "Office",
        "*\\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#"
        "C:\\Program Files\\Common Files\\Microsoft Shared\\OFFICE16\\MSO.DLL#Microsoft Office 16.0 Object Library",
    ),
)
"""What every project of Excel refers to; Office finds them by their identifiers, wherever they are installed."""

_UNPROTECTED = (("CMG", b"\0\0\0\0"), ("DPB", b"\0"), ("GC", b"\xff"))
"""No protection, no password, visible."""

_DOCUMENT = """Attribute VB_Name = "{name}"
Attribute VB_Base = "0{{{identifier}-0000-0000-C000-000000000046}}"
Attribute VB_GlobalNameSpace = False
Attribute VB_Creatable = False
Attribute VB_PredeclaredId = True
Attribute VB_Exposed = True
Attribute VB_TemplateDerived = False
Attribute VB_Customizable = True
"""


@dataclass(frozen=True, slots=True)
class Module:
    """A module of a project; its text begins with its attributes."""

    name: str
    text: str
    kind: Literal["standard", "class", "document"] = "standard"


def documents(sheets: Sequence[str]) -> list[Module]:
    """The modules of a workbook and of its sheets, without code."""
    book = Module("ThisWorkbook", _DOCUMENT.format(name="ThisWorkbook", identifier="00020819"), "document")
    return [
        book,
        *(Module(name, _DOCUMENT.format(name=name, identifier="00020820"), "document") for name in sheets),
    ]


def build(modules: Sequence[Module]) -> bytes:
    """The bytes of ``vbaProject.bin``.

    Raises:
        UnicodeEncodeError: A module holds letters beyond the code page 1252.
    """
    sources = {module.name: compressed(_lines(module.text)) for module in modules}
    return compound.write(
        {
            "PROJECT": _project(modules).encode(_CODE_PAGE),
            "PROJECTwm": b"".join(_mb(m.name) + b"\0" + _wide(m.name) + b"\0\0" for m in modules) + b"\0\0",
            "VBA": {
                "_VBA_PROJECT": b"\xcc\x61\xff\xff\0\0\0",
                "dir": compressed(_directory(modules)),
                **sources,
            },
        }
    )


def _lines(text: str) -> bytes:
    return "\r\n".join(text.splitlines()).encode(_CODE_PAGE) + b"\r\n"


def _mb(text: str) -> bytes:
    return text.encode(_CODE_PAGE)


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HI", number, len(data)) + data


def _named(number: int, text: str, wide: int) -> bytes:
    return _record(number, _mb(text)) + _record(wide, _wide(text))


def _directory(modules: Sequence[Module]) -> bytes:
    """The stream ``dir``: properties of the project, its references, its modules."""
    parts = [
        _record(0x01, struct.pack("<I", 3)),  # 64-bit Windows
        _record(0x02, struct.pack("<I", 0x409)),
        _record(0x14, struct.pack("<I", 0x409)),
        _record(0x03, struct.pack("<H", 1252)),
        _record(0x04, b"VBAProject"),
        _named(0x05, "", 0x40),
        _record(0x06, b"") + _record(0x3D, b""),
        _record(0x07, struct.pack("<I", 0)),
        _record(0x08, struct.pack("<I", 0)),
        struct.pack("<HIIH", 0x09, 4, 1, 1),
        _named(0x0C, "", 0x3C),
    ]
    for name, library in _LIBRARIES:
        identifier = _mb(library)
        parts.append(_named(0x16, name, 0x3E))
        parts.append(_record(0x0D, struct.pack("<I", len(identifier)) + identifier + b"\0" * 6))
    parts.append(_record(0x0F, struct.pack("<H", len(modules))))
    parts.append(_record(0x13, struct.pack("<H", 0xFFFF)))
    for module in modules:
        parts += [
            _named(0x19, module.name, 0x47),
            _named(0x1A, module.name, 0x32),
            _named(0x1C, "", 0x48),
            _record(0x31, struct.pack("<I", 0)),  # the source begins at the start of the stream
            _record(0x1E, struct.pack("<I", 0)),
            _record(0x2C, struct.pack("<H", 0xFFFF)),
            _record(0x21 if module.kind == "standard" else 0x22, b""),
            _record(0x2B, b""),
        ]
    return b"".join(parts) + _record(0x10, b"")


def _project(modules: Sequence[Module]) -> str:
    """The stream ``PROJECT``: the modules by kind, and that nothing is protected."""
    lines = [f'ID="{_PROJECT_ID}"']
    for module in modules:
        if module.kind == "document":
            lines.append(f"Document={module.name}/&H00000000")
        else:
            lines.append(f"{'Module' if module.kind == 'standard' else 'Class'}={module.name}")
    lines += [
        'Name="VBAProject"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        *(f'{name}="{encrypted(data)}"' for name, data in _UNPROTECTED),
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in modules),
    ]
    return "\r\n".join(lines) + "\r\n"


def encrypted(data: bytes, seed: int = 0x8D, identifier: str = _PROJECT_ID) -> str:
    """*data* as the project's protection fields hold them ([MS-OVBA] 2.4.3.2)."""
    key = sum(_mb(identifier)) & 0xFF
    out = [seed, seed ^ 2, seed ^ key]
    previous, before, plain = seed ^ key, seed ^ 2, key
    for byte in bytes((seed & 6) // 2) + struct.pack("<I", len(data)) + data:
        out.append(byte ^ ((before + plain) & 0xFF))
        previous, before, plain = out[-1], previous, byte
    return bytes(out).hex().upper()


def compressed(data: bytes) -> bytes:
    """*data* as a compressed container ([MS-OVBA] 2.4.1)."""
    return b"\x01" + b"".join(_chunk(data[start : start + _CHUNK]) for start in range(0, len(data), _CHUNK))


def _chunk(data: bytes) -> bytes:
    tokens = bytearray()
    place = 0
    seen: dict[bytes, list[int]] = {}
    while place < len(data):
        flags, group = 0, bytearray()
        for bit in range(8):
            if place >= len(data):
                break
            start, length = _match(data, place, seen)
            if length >= 3:
                bits = _offset_bits(place)
                token = ((place - start - 1) << (16 - bits)) | (length - 3)
                group += struct.pack("<H", token)
                flags |= 1 << bit
            else:
                length = 1
                group.append(data[place])
            for i in range(place, place + length):
                seen.setdefault(data[i : i + 3], []).append(i)
            place += length
        tokens.append(flags)
        tokens += group
    if len(tokens) >= _CHUNK:  # cannot be packed: the chunk as it is
        return struct.pack("<H", 0x3000 | (_CHUNK - 1)) + data.ljust(_CHUNK, b"\0")
    return struct.pack("<H", 0xB000 | (len(tokens) - 1)) + bytes(tokens)


def _offset_bits(place: int) -> int:
    """How many of a token's sixteen bits hold the distance, that far into a chunk."""
    return max(4, (place - 1).bit_length())


def _match(data: bytes, place: int, seen: dict[bytes, list[int]]) -> tuple[int, int]:
    """The longest part before *place* that is repeated there."""
    longest = (1 << (16 - _offset_bits(place))) + 2 if place else 0
    best = (0, 0)
    for start in reversed(seen.get(data[place : place + 3], [])[-64:]):
        length = 0
        while length < longest and place + length < len(data) and data[start + length] == data[place + length]:
            length += 1
        if length > best[1]:
            best = (start, length)
    return best
