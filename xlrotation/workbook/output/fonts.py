"""Which scripts a page needs that no font here shows: LibreOffice draws boxes for them and says nothing.

Linux machines come without fonts for many scripts, and fontconfig's ``fc-list`` knows what there is. Windows and macOS
bring fonts for all scripts that are listed here, so nothing is asked where that program is missing.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterable
from typing import NamedTuple


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
