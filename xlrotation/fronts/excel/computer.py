"""What installing and examining need to know of a Windows computer, behind one object that tests can replace."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xlrotation import guard

_SECONDS = 300.0
_EXCEL_PATH = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
_CLICK_TO_RUN = r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
_RULES = (
    r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
    r"SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
)


@dataclass(frozen=True)
class Computer:
    """The computer at hand.

    Attributes:
        platform: ``sys.platform``.
        python: The interpreter in use.
        base_python: Where the Python behind a virtual environment is installed.
        home: The user's folder.
        environment: Environment variables.
    """

    platform: str = sys.platform
    python: Path = field(default_factory=lambda: Path(sys.executable))
    base_python: Path = field(default_factory=lambda: Path(sys.base_prefix))
    home: Path = field(default_factory=Path.home)
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def windows(self) -> bool:
        """Whether it runs Windows."""
        return self.platform == "win32"

    @property
    def folder(self) -> Path:
        """Where ``udfs.py`` and the VBA module are put for Excel."""
        return self.home / ".xlrotation" / "excel"

    @property
    def settings_file(self) -> Path:
        """The settings of the xlwings add-in."""
        return self.home / ".xlwings" / "xlwings.conf"

    @property
    def addin_file(self) -> Path:
        """The installed xlwings add-in."""
        data = self.environment.get("APPDATA") or str(self.home / "AppData" / "Roaming")
        return Path(data) / "Microsoft" / "Excel" / "XLSTART" / "xlwings.xlam"

    @property
    def pythonw(self) -> Path:
        """The interpreter that opens no window."""
        return self.python.with_name("pythonw.exe")

    def registry(self, key: str, value: str) -> str | None:
        """A value of the registry (HKEY_LOCAL_MACHINE, then HKEY_CURRENT_USER), None where there is none."""
        if not self.windows:
            return None
        winreg: Any = importlib.import_module("winreg")
        for hive in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            try:
                with winreg.OpenKey(hive, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                    return str(winreg.QueryValueEx(opened, value)[0])
            except OSError:
                continue
        return None

    def excel(self) -> str | None:
        """The path of Excel, None where it is not installed."""
        return self.registry(_EXCEL_PATH, "")

    def excel_bits(self) -> int | None:
        """32 or 64; None where the installation does not say."""
        return {"x86": 32, "x64": 64}.get(self.registry(_CLICK_TO_RUN, "Platform") or "")

    def defender_rule(self, rule: str) -> str | None:
        """The state of a rule of Windows Defender: 1 means that it blocks."""
        found = [self.registry(key, name) for key in _RULES for name in (rule, rule.upper())]
        return next((state for state in found if state is not None), None)

    def from_the_internet(self, path: Path) -> bool:
        """Whether Windows marked a file as downloaded (its stream ``Zone.Identifier`` names zone 3 or 4)."""
        if not self.windows:
            return False
        try:
            text = Path(f"{path}:Zone.Identifier").read_text("utf-8", "replace")
        except OSError:
            return False
        return "ZoneId=3" in text or "ZoneId=4" in text

    def xlwings(self, arguments: Sequence[str]) -> str:
        """Run xlwings' own command; what it printed."""
        code = "from xlwings.cli import main; main()"
        try:
            return guard.run([str(self.python), "-c", code, *arguments], _SECONDS).said
        except TimeoutError:
            return "it did not end; close Excel and run this again"

    def xlwings_version(self) -> str:
        """The version of the package xlwings."""
        from importlib.metadata import version

        return version("xlwings")

    def packaged_addin(self) -> Path:
        """The add-in that the package xlwings brings."""
        import xlwings

        return Path(xlwings.__file__).parent / "addin" / "xlwings.xlam"
