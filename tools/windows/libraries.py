"""Reads Windows' libraries (PE, 64 bits): what they import and export, as far as Wine needs help with it.

Microsoft's *PE Format* describes the tables.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

MATHEMATICS = b"api-ms-win-crt-math-l1-1-0.dll"
OURS = b"x" + MATHEMATICS[1:]
"""The library that ``complex.c`` makes; as long as the name that it replaces."""

_COMPLEX = (
    "cacos cacosh casin casinh catan catanh ccos ccosh csin csinh ctan ctanh cexp clog csqrt conj cproj"
    " cabs carg creal cimag cpow"
).split()
COMPLEX = {
    **{name: f"our_{name}" for name in _COMPLEX},
    **{f"{name}f": f"our_{name}f" for name in _COMPLEX},
    **{f"{name}l": f"our_{name}" for name in _COMPLEX},  # a long double is a double on Windows
    "_cabs": "our__cabs",
}


class Library:
    """A file in the PE format; with no sections where it is none for 64 bits."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        self.sections: list[tuple[int, int, int]] = []
        if self.data[:2] != b"MZ":
            return
        header = self._number(0x3C)
        if self.data[header : header + 6] != b"PE\0\0\x64\x86":
            return
        count, optional = struct.unpack_from("<H12xH", self.data, header + 6)
        self.tables = header + 24 + 112
        for place in range(header + 24 + optional, header + 24 + optional + 40 * count, 40):
            size, address, stored, start = struct.unpack_from("<4I", self.data, place + 8)
            self.sections.append((address, address + max(size, stored), start - address))

    def _number(self, place: int) -> int:
        return int(struct.unpack_from("<I", self.data, place)[0])

    def _place(self, address: int) -> int:
        return next(address + shift for first, end, shift in self.sections if first <= address < end)

    def _text(self, address: int) -> str:
        start = self._place(address)
        return self.data[start : self.data.index(0, start)].decode("ascii")

    def imports(self, library: bytes) -> set[str]:
        """The names that it imports from a library."""
        if not self.sections or library not in self.data or not (table := self._number(self.tables + 8)):
            return set()
        return set(self._imported(self._place(table), library.decode()))

    def _imported(self, place: int, library: str) -> Iterator[str]:
        while name := self._number(place + 12):
            if self._text(name).lower() == library:
                entry = self._place(self._number(place) or self._number(place + 16))
                while found := struct.unpack_from("<Q", self.data, entry)[0]:
                    if found < 1 << 63:  # else it is known by a number
                        yield self._text(found + 2)
                    entry += 8
            place += 20

    def exports(self) -> list[str]:
        """The names that it exports."""
        table = self._place(self._number(self.tables))
        count, names = self._number(table + 24), self._place(self._number(table + 32))
        return [self._text(self._number(names + 4 * i)) for i in range(count)]


def definition(library: str, exports: dict[str, str]) -> str:
    """The text of a .def file: each name, and what it goes on to."""
    return "\n".join(
        [f"LIBRARY {library}", "EXPORTS", *(f"  {name} = {to}" for name, to in sorted(exports.items())), ""]
    )


def stable(library: Path) -> str:
    """Of a python3.dll that passes everything on: extensions for the stable interface import that name."""
    return definition("python3.dll", {name: f"{library.stem}.{name}" for name in Library(library).exports()})


def without_complex(folder: Path) -> str:
    """Let the libraries in a folder take complex functions from ours; the text of its .def file."""
    others: set[str] = set()
    for path in sorted([*folder.rglob("*.pyd"), *folder.rglob("*.dll")]):
        library = Library(path)
        names = library.imports(MATHEMATICS)
        if names & COMPLEX.keys():
            path.write_bytes(library.data.replace(MATHEMATICS, OURS))
            others |= names
        others |= library.imports(OURS)  # changed by an earlier run
    return definition(OURS.decode(), {name: f"ucrtbase.{name}" for name in others} | COMPLEX)
