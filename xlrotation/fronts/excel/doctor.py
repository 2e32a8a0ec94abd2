"""What usually stands between Excel for Windows and the functions, and how to mend each.

The troubles are those that users of xlwings report; each says what was looked at, so that a person can look again.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xlrotation.errors import RotationError
from xlrotation.fronts.excel.computer import Computer
from xlrotation.fronts.excel.macros import ADDIN
from xlrotation.fronts.excel.setup import FILES, read_settings
from xlrotation.functions.boundary.registry import functions

BLOCKING = {
    "d4f940ab-401b-4efc-aadc-ad5f3c50688a": "Office may not start other programs",
    "92e97fa1-2edf-4476-bdd6-9dd0b4dddc7b": "macros may not call Windows, which xlwings' library needs",
}
"""Rules of Windows Defender that keep Python from Excel."""

_SHOWN = 5
_READ = 50_000_000
"""Bytes of a sheet that are looked through."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found.

    Attributes:
        level: ``trouble`` keeps the functions from working, ``note`` may, ``fine`` does not.
        what: What was found, and where.
        mend: What to do.
    """

    level: Literal["trouble", "note", "fine"]
    what: str
    mend: str = ""


def examine(workbook: Path | None = None, computer: Computer | None = None) -> list[Finding]:
    """Look for the usual troubles.

    Args:
        workbook: A workbook that does not work; its saved formulas and its path are looked at, too.
        computer: The computer; None means this one.

    Raises:
        RotationError: The workbook cannot be read.
    """
    computer = computer or Computer()
    findings: list[Finding] = []
    if not computer.windows:
        findings.append(Finding("note", "this is not Windows: of Excel, only the workbook can be looked at"))
    else:
        for look in (_python, _excel, _bits, _defender, _addin, _settings, _module, _marks):
            findings += look(computer)
    if workbook is not None:
        findings += _workbook(computer, workbook)
    return findings


def _python(computer: Computer) -> Iterator[Finding]:
    if "WindowsApps" in str(computer.python) + str(computer.base_python):
        yield Finding(
            "trouble",
            f"Python comes from the Microsoft Store ({computer.base_python}), where Excel may not reach it",
            "Install Python from python.org, make the environment anew with it, and run: xlrotation addin install",
        )
    else:
        yield Finding("fine", f"Python {computer.python}")
    yield from _path("Python's path", str(computer.python))


def _excel(computer: Computer) -> Iterator[Finding]:
    excel = computer.excel()
    if excel is None:
        yield Finding("trouble", "Excel for Windows was not found", "Install desktop Excel, or use xlwings Server.")
    elif "WindowsApps" in excel:
        yield Finding(
            "trouble",
            f"Office comes from the Microsoft Store ({excel}); the functions hang for a minute there and fail",
            "Uninstall it and install Office from office.com (Click-to-Run).",
        )
    else:
        yield Finding("fine", f"Excel {excel}")


def _bits(computer: Computer) -> Iterator[Finding]:
    """The add-in loads a library with Excel's number of bits from beside Python; Python's own bits do not matter."""
    bits = computer.excel_bits()
    if bits is None:
        return
    name = f"xlwings{bits}-{computer.xlwings_version()}.dll"
    if any((folder / name).exists() for folder in computer.python.parents[:2]):
        yield Finding("fine", f"{name} for Excel with {bits} bits")
    else:
        yield Finding(
            "trouble",
            f"Excel has {bits} bits, and {name} is not in {computer.python.parent} nor above it",
            "Run: pip install --force-reinstall xlwings",
        )


def _defender(computer: Computer) -> Iterator[Finding]:
    for rule, meaning in BLOCKING.items():
        if computer.defender_rule(rule) == "1":
            yield Finding(
                "trouble",
                f"Windows Defender blocks: {meaning} (rule {rule})",
                f"Ask who manages the computer to exclude {computer.pythonw} from the rule; else use xlwings Server.",
            )


def _addin(computer: Computer) -> Iterator[Finding]:
    version = computer.xlwings_version()
    if not computer.addin_file.exists():
        yield Finding("trouble", f"no xlwings add-in at {computer.addin_file}", "Run: xlrotation addin install")
    elif computer.addin_file.read_bytes() != computer.packaged_addin().read_bytes():
        yield Finding(
            "trouble",
            f"the xlwings add-in is not that of the package, {version}; both must have the same version",
            "Close Excel and run: xlrotation addin install",
        )
    else:
        yield Finding("fine", f"xlwings {version}, add-in and package")


def _settings(computer: Computer) -> Iterator[Finding]:
    settings = read_settings(computer)
    interpreter = settings.get("INTERPRETER_WIN", "")
    if not interpreter:
        yield Finding(
            "trouble",
            f"{computer.settings_file} names no interpreter, so Excel starts whichever Python Windows finds first",
            "Run: xlrotation addin install",
        )
    elif not Path(interpreter).exists():
        yield Finding("trouble", f"the interpreter {interpreter} does not exist", "Run: xlrotation addin install")
    elif Path(interpreter).parent != computer.python.parent:
        yield Finding(
            "note",
            f"Excel uses {interpreter}, this command {computer.python}",
            "If the functions are not in the other one, run this command and addin install from there.",
        )


def _module(computer: Computer) -> Iterator[Finding]:
    folders = [Path(part) for part in read_settings(computer).get("PYTHONPATH", "").split(";") if part]
    places = [folder / "udfs.py" for folder in folders if (folder / "udfs.py").exists()]
    if not places:
        yield Finding(
            "trouble",
            "udfs.py is in no folder of the add-in's PYTHONPATH: every cell shows #VALUE!",
            "Run: xlrotation addin install (or keep a copy of udfs.py beside each workbook).",
        )
        return
    if places[0].read_bytes() != FILES["udfs.py"]().encode("utf-8"):
        yield Finding(
            "trouble",
            f"{places[0]} is of another version of xlrotation",
            "Run: xlrotation addin install, and import xlrotation.bas into your workbooks again.",
        )
    yield from _path("the path of udfs.py", str(places[0]))


def _marks(computer: Computer) -> Iterator[Finding]:
    for path in (computer.addin_file, *(computer.folder / name for name in (*FILES, ADDIN))):
        if path.exists() and computer.from_the_internet(path):
            yield _marked(path)


def _marked(path: Path) -> Finding:
    return Finding(
        "trouble",
        f"Windows marked {path} as downloaded, so Office blocks its macros",
        f'Right-click the file, Properties, Unblock; or in PowerShell: Unblock-File "{path}"',
    )


def _path(what: str, path: str) -> Iterator[Finding]:
    if re.search(r"(?i)onedrive|sharepoint|^https?:", path):
        yield Finding(
            "note",
            f"{what} lies in OneDrive or SharePoint: {path}; Excel then gives an address, not a path",
            "Keep it in a plain folder, or set ONEDRIVE_CONSUMER_WIN or ONEDRIVE_COMMERCIAL_WIN in the xlwings tab.",
        )
    if not path.isascii():
        yield Finding("note", f"{what} holds letters beyond ASCII: {path}", "If Python is not reached, move it.")
    if " " in path:
        yield Finding("note", f"{what} holds spaces: {path}", "If Python is not reached, move it.")


def _workbook(computer: Computer, workbook: Path) -> Iterator[Finding]:
    if not workbook.is_file():
        raise RotationError(f"{workbook}: no such file")
    yield from _path("the workbook's path", str(workbook))
    if computer.from_the_internet(workbook):
        yield _marked(workbook)
    try:
        with zipfile.ZipFile(workbook) as package:
            names = package.namelist()
            if "xl/workbook.bin" in names:
                yield Finding("note", f"{workbook.name} is a binary workbook, whose formulas are not read", _AS_XLSM)
                return
            yield from _formulas(workbook, package)
            if "xl/vbaProject.bin" not in names:
                yield Finding(
                    "note",
                    f"{workbook.name} holds no macros: it needs an open workbook or add-in that has the module",
                    "Save it as .xlsm and import xlrotation.bas.",
                )
    except (zipfile.BadZipFile, OSError, zipfile.LargeZipFile, RuntimeError) as error:
        raise RotationError(f"{workbook}: cannot be read as a workbook ({error}); save it as .xlsx or .xlsm") from error


_AS_XLSM = "Save a copy as .xlsm and give that."


def _formulas(workbook: Path, package: zipfile.ZipFile) -> Iterator[Finding]:
    """Calls that were saved as those of another file or of another kind of function."""
    names = "|".join(functions())
    link = re.compile(rf"((?:'[^'<]*'|\[\d+\][^!<('\"]*)!)(?:{names})\(")
    office_js = re.compile(rf"_xldudf_(?:[A-Z0-9_]*_)?(?:{names})\(")
    linked: dict[str, int] = {}
    scripted = 0
    for part in package.namelist():
        if not re.fullmatch(r"xl/(workbook|worksheets/[^/]+)\.xml", part):
            continue
        with package.open(part) as file:
            text = file.read(_READ).decode("utf-8", "replace").replace("&apos;", "'")
        for found in link.finditer(text):
            linked[found[1]] = linked.get(found[1], 0) + 1
        scripted += len(office_js.findall(text))
    for target, count in list(linked.items())[:_SHOWN]:
        yield Finding(
            "trouble",
            f"{workbook.name}: {count} formulas call our functions in another file, {target}",
            "In Excel: Data > Edit Links > Change Source to this workbook or your add-in; or find and replace"
            f" {target} by nothing.",
        )
    if scripted:
        yield Finding(
            "trouble",
            f"{workbook.name}: {scripted} formulas were saved with functions of xlwings Server (_xldudf_)",
            "Open it where the server's add-in is installed, or find and replace _xldudf_ by nothing.",
        )
