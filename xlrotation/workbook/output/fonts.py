"""Which scripts a page needs that no font here shows: LibreOffice draws boxes for them and says nothing.

Linux machines come without fonts for many scripts, and fontconfig's ``fc-list`` knows what there is. Windows and macOS
bring fonts for all scripts that are listed here, so nothing is asked where that program is missing.

Linux machines lack Excel's usual fonts as well. What fontconfig takes in their place is its usual font, which is a
third wider: columns grow with it, and a page that is fitted to the width of the paper shrinks and stays blank below.
So LibreOffice gets a configuration that names narrower ones first.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from xlrotation.workbook.package.xmltext import escaped


class Script(NamedTuple):
    """A script: its name, the first and last of its letters, one that every font for it has, and Debian's package."""

    name: str
    first: int
    last: int
    sample: int
    package: str


_CJK, _CORE = "fonts-noto-cjk", "fonts-noto-core"

SCRIPTS = (
    Script("Chinese", 0x4E00, 0x9FFF, 0x4E2D, _CJK),
    Script("Chinese", 0x3400, 0x4DBF, 0x3400, _CJK),
    Script("Chinese", 0x3000, 0x303F, 0x3001, _CJK),
    Script("Chinese", 0xFF00, 0xFFEF, 0xFF0C, _CJK),
    Script("Japanese", 0x3040, 0x30FF, 0x3042, _CJK),
    Script("Korean", 0xAC00, 0xD7A3, 0xAC00, _CJK),
    Script("Arabic", 0x0620, 0x06FF, 0x0628, _CORE),
    Script("Hebrew", 0x05D0, 0x05EA, 0x05D0, _CORE),
    Script("Devanagari", 0x0900, 0x097F, 0x0915, _CORE),
    Script("Thai", 0x0E01, 0x0E5B, 0x0E01, _CORE),
)
"""Scripts that a plain installation may lack a font for; Latin, Greek and Cyrillic come with every one."""

_SECONDS = 20


def unshown(texts: Iterable[str]) -> list[str]:
    """What no font here shows of *texts*, as sentences that name the package to install; none where all is shown."""
    letters = {ord(letter) for letter in set().union(*map(set, texts)) if ord(letter) > 0x2FF}
    lacking: dict[str, str] = {}
    for script in SCRIPTS:
        if any(script.first <= letter <= script.last for letter in letters) and not is_shown(script.sample):
            lacking.setdefault(script.name, script.package)
    return [
        f"no font is installed here that shows {name}: its letters are boxes in the PDF; install one "
        f"(Debian and Ubuntu: apt-get install {package}) and print again"
        for name, package in lacking.items()
    ]


def is_shown(letter: int) -> bool:
    """Whether a font is installed that has a letter; also where that cannot be asked."""
    program = shutil.which("fc-list")
    return program is None or _is_listed(program, letter)


@functools.lru_cache(maxsize=len(SCRIPTS))
def _is_listed(program: str, letter: int) -> bool:
    try:
        done = subprocess.run(
            [program, f":charset={letter:x}", "family"], capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return True
    return done.returncode != 0 or bool(done.stdout.strip())


NARROW = ("Calibri", "Aptos", "Aptos Narrow")
"""Excel's usual fonts, which come with Excel alone."""
CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC")
"""What is taken first on a Chinese page: figures stand level with Chinese words only where both are of one font."""
_CHINESE_FROM = 0.1
"""Share of the letters from which on a page is a Chinese one."""
LIKE = ("Carlito", "Liberation Sans", "Arimo", "Nimbus Sans", "FreeSans", "Noto Sans", "DejaVu Sans Condensed")
"""What is taken in their place: the first has the widths of Calibri, the others come near."""
_FOUND_IN = ("/etc/fonts", "/usr/local/etc/fonts")
"""Where fontconfig is told what there is."""


def first_fonts(texts: Iterable[str]) -> tuple[str, ...]:
    """The fonts that are taken before others in place of Excel's on pages with these texts."""
    letters = "".join(texts)
    chinese = sum("\u3400" <= letter <= "\u9fff" for letter in letters)
    return CHINESE if chinese > _CHINESE_FROM * len(letters) else ()


def substitutes(folder: Path, first: Sequence[str] = ()) -> dict[str, str]:
    """What the environment of LibreOffice needs so that it takes narrow fonts in place of narrow ones.

    Args:
        folder: Where the configuration is written, which the system's own is part of.
        first: Fonts that are taken before :data:`LIKE`.

    Returns:
        The variables; none on systems whose fonts are not fontconfig's, or where it is not configured.
    """
    if sys.platform in ("win32", "darwin"):
        return {}
    own = os.environ.get("FONTCONFIG_FILE", "")
    named = [Path(own)] if Path(own).is_absolute() else []
    folders = (*filter(None, os.environ.get("FONTCONFIG_PATH", "").split(os.pathsep)), *_FOUND_IN)
    there = next((p for p in (*named, *(Path(f, own or "fonts.conf") for f in folders)) if p.is_file()), None)
    if there is None:
        return {}
    accepted = "".join(f"<family>{font}</family>" for font in (*first, *LIKE))
    aliases = "".join(
        f'<alias binding="same"><family>{font}</family><accept>{accepted}</accept></alias>' for font in NARROW
    )
    made = folder / "fonts.conf"
    made.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig><include>{escaped(str(there))}</include>{aliases}</fontconfig>\n",
        "utf-8",
    )
    return {"FONTCONFIG_FILE": str(made)}
