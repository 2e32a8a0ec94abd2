"""Copy a zip file with some of its members replaced; the others keep their packed bytes."""

from __future__ import annotations

import copy
import struct
import zipfile
from collections.abc import Mapping
from typing import IO, Any

_LOCAL = struct.Struct("<4s5H3L2H")
_DESCRIPTOR = 0x08
_BLOCK = 1 << 20
_LEVEL = 5
"""How hard parts are packed: three quarters of the time of zlib's own level, for one or two hundredths more bytes."""

_LARGE, _LARGE_LEVEL = 4 << 20, 2
"""Large parts are packed quickly, as spreadsheet programs do."""


def copy_zip(source: zipfile.ZipFile, parts: Mapping[str, bytes | None], file: IO[bytes]) -> None:
    """Write *source* to *file* with *parts* replaced by name; None leaves one out.

    Raises:
        zipfile.BadZipFile: A member is not where the directory says, or not whole.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            if info.filename not in parts:
                _copy_packed(source, info, out)
            elif (data := parts[info.filename]) is not None:
                made = zipfile.ZipInfo(info.filename, info.date_time)
                made.compress_type, made.external_attr = zipfile.ZIP_DEFLATED, info.external_attr
                out.writestr(made, data, compresslevel=_LARGE_LEVEL if len(data) > _LARGE else _LEVEL)


def _copy_packed(source: zipfile.ZipFile, info: zipfile.ZipInfo, out: zipfile.ZipFile) -> None:
    """Copy a member as it is packed: nothing is lost, and nothing has to be packed anew.

    The sizes stand in its header, so a descriptor behind it is not needed.
    """
    inward: Any = source.fp
    outward: Any = out.fp
    made = copy.copy(info)
    made.flag_bits &= ~_DESCRIPTOR
    inward.seek(max(info.header_offset, 0))
    header = inward.read(_LOCAL.size)
    fields = _LOCAL.unpack(header.ljust(_LOCAL.size, b"\0"))
    if info.header_offset < 0 or fields[0] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"{info.filename} is not where the directory says")
    inward.seek(fields[9] + fields[10], 1)
    outward.seek(out.start_dir)
    made.header_offset = outward.tell()
    outward.write(made.FileHeader())
    left = info.compress_size
    while left:
        block = inward.read(min(_BLOCK, left))
        if not block:
            raise zipfile.BadZipFile(f"{info.filename} is cut off")
        outward.write(block)
        left -= len(block)
    out.start_dir = outward.tell()
    out.filelist.append(made)
    out.NameToInfo[made.filename] = made
    out._didModify = True  # type: ignore[attr-defined]
