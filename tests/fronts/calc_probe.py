"""What the tests ask of LibreOffice, run by a Python that has its ``uno`` module: ``calc_probe.py FILE``.

The file is JSON: the office program, a profile folder, the extension, workbooks to open and formulas to enter. The
answer, JSON too, goes to standard output.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.task import XInteractionHandler
from com.sun.star.ucb import XCommandEnvironment

FORMULA, STRING = 16, 2
SERVICE = "ORG.XLROTATION.WORKSHEETFUNCTIONS."


IDENTIFIER = "org.xlrotation.addin"


class Approving(unohelper.Base, XCommandEnvironment, XInteractionHandler):
    """Says yes to what the installation of an extension asks."""

    def getInteractionHandler(self):
        return self

    def getProgressHandler(self):
        return None

    def handle(self, request):
        approve = uno.getTypeByName("com.sun.star.task.XInteractionApprove")
        for choice in request.getContinuations():
            if choice.queryInterface(approve) is not None:
                choice.select()
                return


class Office:
    """A running LibreOffice with a profile of its own."""

    def __init__(self, program, profile):
        pipe = f"xlrotation{os.getpid()}"
        where = f"-env:UserInstallation={uno.systemPathToFileUrl(profile)}"
        accept = f"--accept=pipe,name={pipe};urp"
        command = [program, where, "--headless", "--norestore", "--nologo", accept]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, start_new_session=True, **quiet)
        local = uno.getComponentContext()
        name = "com.sun.star.bridge.UnoUrlResolver"
        resolver = local.ServiceManager.createInstanceWithContext(name, local)
        deadline = time.monotonic() + 90
        while True:
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self.desktop = self.create("com.sun.star.frame.Desktop")
        self.create("com.sun.star.task.JobExecutor")  # with a screen the program makes it itself

    def create(self, service):
        return self.context.ServiceManager.createInstanceWithContext(service, self.context)

    def close(self):
        try:
            self.desktop.terminate()
            self.process.wait(30)
        except Exception:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def install(self, extension):
        manager = self.context.getValueByName("/singletons/com.sun.star.deployment.ExtensionManager")
        self.refuse_a_second_one(manager)
        url = uno.systemPathToFileUrl(extension)
        for tries in (2, 1, 0):  # just after its first start a profile is not always ready for it
            try:
                manager.addExtension(url, (), "user", manager.createAbortChannel(), Approving())
                return
            except Exception:
                if not tries:
                    raise
                time.sleep(2)

    def refuse_a_second_one(self, manager):
        """An add-in that is installed for everybody on this computer is in every profile and shuts another one out."""
        there = manager.getDeployedExtensions("shared", manager.createAbortChannel(), Approving())
        if any(one.getIdentifier().Value == IDENTIFIER for one in there):
            raise SystemExit(f"the add-in is installed for all users; first: unopkg remove --shared {IDENTIFIER}")

    def open(self, path):
        keep = PropertyValue()
        keep.Name, keep.Value = "ReadOnly", False
        url = uno.systemPathToFileUrl(path) if path else "private:factory/scalc"
        return self.desktop.loadComponentFromURL(url, "_blank", 0, (keep,))


def cell_value(cell):
    """The value of a cell: a number, a text, or the number of an error."""
    if cell.getError():
        return {"error": cell.getError()}
    return cell.getString() if cell.FormulaResultType2 == STRING else cell.getValue()


def formula_cells(document):
    found = {}
    for sheet in document.getSheets():
        cells = found.setdefault(sheet.Name, {})
        for area in sheet.queryContentCells(FORMULA):
            address = area.getRangeAddress()
            for row in range(address.StartRow, address.EndRow + 1):
                for column in range(address.StartColumn, address.EndColumn + 1):
                    cells[f"{row + 1},{column + 1}"] = cell_value(sheet.getCellByPosition(column, row))
    return found


def reentered(document):
    """Whether the job that runs after loading has entered the formulas again."""
    for sheet in document.getSheets():
        for area in sheet.queryContentCells(FORMULA):
            for row in area.getFormulaArray():
                if any(SERVICE in formula.upper() for formula in row):
                    return True
    return False


def look_at(office, path):
    document = office.open(path)
    deadline = time.monotonic() + 60
    while not reentered(document) and time.monotonic() < deadline:
        time.sleep(0.1)
    while document.isModified() and time.monotonic() < deadline:  # the job goes on after the first formula
        time.sleep(0.1)
    modified = document.isModified()
    undo = document.getUndoManager().isUndoPossible()
    start = time.monotonic()
    document.calculateAll()
    seconds = time.monotonic() - start
    cells = formula_cells(document)
    document.close(True)
    return {"cells": cells, "modified": modified, "undo": undo, "seconds": seconds}


def enter(office, formulas, first_day=None):
    """The value of each formula; one given with a range is entered there as an array formula."""
    document = office.open("")
    if first_day:
        day = uno.createUnoStruct("com.sun.star.util.Date")
        day.Year, day.Month, day.Day = first_day
        document.NullDate = day
    sheet = document.getSheets().getByIndex(0)
    found = []
    for given in formulas:
        if given == "kill":  # the process that computes for the add-in
            mine = ["-g", str(office.process.pid)]  # no other's on this computer
            subprocess.run(["pkill", "-9", *mine, "-f", "xlrotation.fronts.libreoffice.worker"], check=True)
            continue
        formula, place = given if isinstance(given, list) else (given, "A1")
        cells = sheet.getCellRangeByName(place)
        if ":" in place:
            cells.setArrayFormula(formula)
            columns, rows = cells.Columns.Count, cells.Rows.Count
            found.append([[cell_value(cells.getCellByPosition(c, r)) for c in range(columns)] for r in range(rows)])
        else:
            cells.setFormula(formula)
            found.append(cell_value(cells))
    document.close(True)
    return found


def texts(office, names):
    """What the function wizard knows of functions: category, description, arguments."""
    described = office.create("com.sun.star.sheet.FunctionDescriptions")
    found = {}
    for place in range(described.getCount()):
        item = {entry.Name: entry.Value for entry in described.getByIndex(place)}
        if item["Name"] in names:
            arguments = [
                [argument.Name, argument.Description, argument.IsOptional] for argument in item["Arguments"] or ()
            ]
            found[item["Name"]] = [item["Category"], item["Description"], arguments]
    return found


def main():
    task = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    office = Office(task["program"], task["profile"])
    try:
        if task.get("extension"):
            office.install(task["extension"])
            office.close()
            office = Office(task["program"], task["profile"])
        answer = {
            "books": {path: look_at(office, path) for path in task.get("books", [])},
            "formulas": enter(office, task.get("formulas", [])),
            "first days": [[day, enter(office, formulas, day)] for day, formulas in task.get("first days", [])],
            "texts": texts(office, task.get("names", [])),
        }
    finally:
        office.close()
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
