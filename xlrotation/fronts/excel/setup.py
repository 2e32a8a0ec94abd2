"""Set Excel for Windows up: the xlwings add-in, the module of our functions, and the settings that join them.

What stays with the user is to choose the add-in in Excel, or to import ``xlrotation.bas`` into a workbook and to tick
the reference to xlwings there: programs may touch neither unless the user allows it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from xlrotation.files import write_whole
from xlrotation.fronts.excel import intellisense, macros, udfs, vba
from xlrotation.fronts.excel.computer import Computer

TITLE = "Excel for Windows"

FILES = {
    "udfs.py": udfs.render,
    "xlrotation.bas": vba.render,
    "xlrotation.intellisense.xml": intellisense.render,
}
"""What is put into the folder for Excel."""

_MODULES = "UDF MODULES"
_WITH_ADDIN = (
    "In Excel, File > Options > Add-ins > Go > Browse: choose {folder}{sep}"
    + macros.ADDIN
    + " and type =XLR_VERSION().",
    "If Excel does not take it, or the workbook is to bring its functions along, import them:",
)
_BY_HAND = (
    "In Excel, save your workbook as macro-enabled (.xlsm) and press Alt+F11.",
    "Under Tools > References, tick xlwings.",
    "Under File > Import File, choose {folder}{sep}xlrotation.bas",
    "Press Alt+F8, run DescribeFunctions once, then XlRotationMenu; type =XLR_VERSION() into a cell.",
)


def found(computer: Computer | None = None) -> bool:
    """Whether this is Windows with Excel."""
    computer = computer or Computer()
    return computer.windows and computer.excel() is not None


def install(settings: Mapping[str, str] | None = None, computer: Computer | None = None) -> list[str]:
    """Set Excel up as far as a program may; elsewhere nothing is done.

    Args:
        settings: Variables that Excel's cells are to be computed with; they are the user's to set.
        computer: The computer; None means this one.

    Returns:
        What was done and what is left to click, in order.
    """
    computer = computer or Computer()
    if not found(computer):
        return [
            "Excel for Windows was not found here, so nothing was done. On a Windows computer with Excel and this"
            " package, run: xlrotation addin install",
            "Or by hand: run xlwings addin install; in the ribbon's tab xlwings set Interpreter to the pythonw.exe of"
            " this package's environment and PYTHONPATH to a folder with udfs.py (xlrotation begin FOLDER writes it,"
            " and xlrotation.bas, to FOLDER/excel).",
            *_steps("that folder", "/"),
        ]
    done = []
    for name, render in FILES.items():
        write_whole(computer.folder / name, render().encode("utf-8"))
    macros.build_addin(computer.folder)
    done.append(f"wrote {', '.join(FILES)} and {macros.ADDIN} to {computer.folder}")
    if computer.addin_file.exists() and _same(computer):
        done.append(f"the xlwings add-in {computer.xlwings_version()} is installed")
    else:
        said = computer.xlwings(["addin", "install"])
        done.append(f"xlwings addin install: {said or 'done'}")
        if not computer.addin_file.exists():
            done.append("The add-in is not there yet: close Excel and run this again.")
    stored = read_settings(computer)
    folders = [part for part in stored.get("PYTHONPATH", "").split(";") if part]
    if str(computer.folder) not in folders:
        folders.append(str(computer.folder))
    _write_settings(
        computer,
        stored | {"INTERPRETER_WIN": str(computer.pythonw), "PYTHONPATH": ";".join(folders), _MODULES: "udfs"},
    )
    done.append(f"set Interpreter, PYTHONPATH and UDF Modules in {computer.settings_file}")
    done += [f'Run, then start Excel anew: setx {name} "{text}"' for name, text in (settings or {}).items()]
    steps = [step.format(folder=computer.folder, sep="\\") for step in _WITH_ADDIN]
    return [*done, *steps, *_steps(str(computer.folder), "\\"), "If it does not work: xlrotation addin doctor"]


def remove(computer: Computer | None = None) -> list[str]:
    """Undo what :func:`install` did; the xlwings add-in stays, for other workbooks may use it.

    Returns:
        What was done and what is left to click.
    """
    computer = computer or Computer()
    done = []
    for name in (*FILES, macros.ADDIN):
        path = computer.folder / name
        if path.exists():
            path.unlink()
            done.append(f"removed {path}")
    settings = read_settings(computer)
    if str(computer.folder) in settings.get("PYTHONPATH", "").split(";"):
        left = [part for part in settings["PYTHONPATH"].split(";") if part and part != str(computer.folder)]
        settings["PYTHONPATH"] = ";".join(left)
        if settings.get("INTERPRETER_WIN") == str(computer.pythonw):
            del settings["INTERPRETER_WIN"]
        if settings.get(_MODULES) == "udfs":
            del settings[_MODULES]
        _write_settings(computer, {key: value for key, value in settings.items() if value or key != "PYTHONPATH"})
        done.append(f"took our settings out of {computer.settings_file}")
    if not done:
        return ["nothing of ours was set up for Excel"]
    return [
        *done,
        "The module xlrotation stays in workbooks that have it: press Alt+F11 there, right-click it, Remove.",
        "The xlwings add-in stays; if nothing else uses it, run: xlwings addin remove",
    ]


def read_settings(computer: Computer) -> dict[str, str]:
    """The settings of the xlwings add-in, by name."""
    try:
        text = computer.settings_file.read_text("utf-8", "replace")
    except OSError:
        return {}
    return {row[0]: row[1] for row in csv.reader(io.StringIO(text)) if len(row) > 1}


def _write_settings(computer: Computer, settings: dict[str, str]) -> None:
    lines = [f'"{key}","{value}"\n' for key, value in settings.items()]
    write_whole(computer.settings_file, "".join(lines).encode("utf-8"))


def _same(computer: Computer) -> bool:
    return computer.addin_file.read_bytes() == computer.packaged_addin().read_bytes()


def _steps(folder: str, sep: str) -> list[str]:
    return [f"{i}. {step.format(folder=folder, sep=sep)}" for i, step in enumerate(_BY_HAND, 1)]
