"""The add-in's part inside LibreOffice; it hands every call to a process of the user's own Python.

This file is packed into the extension and runs in whatever Python LibreOffice brings, so it uses the standard library
and ``uno`` alone, in words that Python 3.8 knows. The process is started by the first call and answers one call after
the other over its standard input and output; if it dies it is started again.
"""

import json
import os
import queue
import re
import struct
import subprocess
import threading

import uno
import unohelper
from com.sun.star.lang import XLocalizable, XServiceInfo, XServiceName
from com.sun.star.sheet import LocalizedName, XAddIn, XCompatibilityNames
from com.sun.star.task import XJob

NAME = "org.xlrotation.WorksheetFunctions"
JOB = "org.xlrotation.Reenter"
FOLDER = os.path.dirname(os.path.abspath(__file__))
FORMULA = 16  # com.sun.star.sheet.CellFlags
SECONDS = 120.0
FIRST_SECONDS = 180.0


def read_json(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.load(file)


ERRORS = read_json("errors.json")
NUMBERS = {number: name for name, number in ERRORS.items()}


def error_value(name):
    """A Calc error as a number: a quiet NaN that carries the error's code."""
    return struct.unpack("<d", struct.pack("<II", ERRORS.get(name, 519), 0x7FF80000))[0]


class Worker:
    """The process that computes."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process = None
        self._answers = queue.Queue()

    def call(self, name, arguments, day_0):
        """The worker's answer as plain data; an error where it cannot be reached."""
        with self._lock:
            for _ in range(2):
                fresh = self._process is None or self._process.poll() is not None
                if fresh and not self._start():
                    return {"error": "#VALUE!"}
                try:
                    self._send([name, arguments, day_0])
                    answer = self._answers.get(timeout=FIRST_SECONDS if fresh else SECONDS)
                except (OSError, queue.Empty):
                    answer = None
                if answer is not None:
                    return answer
                self._stop()
            return {"error": "#VALUE!"}

    def _start(self):
        settings = read_json("settings.json")
        python = os.environ.get("XLROTATION_PYTHON") or settings["python"]
        surroundings = dict(settings["defaults"])
        surroundings.update((key, value) for key, value in os.environ.items() if key not in settings["unset"])
        surroundings.update(settings["environment"])
        # -P: the folder that LibreOffice happens to work in may hold something of our name
        hidden = {"creationflags": 0x08000000} if os.name == "nt" else {}
        try:
            self._process = subprocess.Popen(
                [python, "-P", "-m", "xlrotation.fronts.libreoffice.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=surroundings,
                **hidden,
            )
        except OSError:
            self._process = None
            return False
        self._answers = queue.Queue()
        reader = threading.Thread(target=read_answers, args=(self._process.stdout, self._answers), daemon=True)
        reader.start()
        return True

    def _send(self, message):
        data = json.dumps(message).encode()
        self._process.stdin.write(struct.pack("<I", len(data)) + data)
        self._process.stdin.flush()

    def _stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def read_answers(stream, answers):
    """Put each answer into the queue; None when the process has ended."""
    while True:
        head = stream.read(4)
        data = stream.read(struct.unpack("<I", head)[0]) if len(head) == 4 else b""
        if not data:
            answers.put(None)
            return
        answers.put(json.loads(data))


WORKER = Worker()


def given(value):
    """An argument as plain data: blank, a number, a text, an error, or rows of them."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return [[given(cell) for cell in row] for row in value]
    if isinstance(value, float) and value != value:
        code = struct.unpack("<II", struct.pack("<d", value))[0] & 0xFFFF
        return {"error": NUMBERS.get(code, "#VALUE!")}
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def taken(answer):
    """An answer as Calc takes it: rows of cells, because a Python component cannot return now a cell, now rows."""
    rows = answer if isinstance(answer, list) else [[answer]]
    return tuple(tuple(map(taken_cell, row)) for row in rows)


def taken_cell(cell):
    if isinstance(cell, dict):
        return error_value(cell["error"])
    if cell is None:
        return ""
    return float(cell) if isinstance(cell, (bool, int)) else cell


class Described(unohelper.Base, XAddIn, XCompatibilityNames, XServiceName, XServiceInfo, XLocalizable):
    """What Calc asks of the functions."""

    def __init__(self, context):
        self._locale = None
        self._known = read_json("functions.json")

    def getServiceName(self):
        return NAME

    def getImplementationName(self):
        return NAME

    def supportsService(self, name):
        return name in self.getSupportedServiceNames()

    def getSupportedServiceNames(self):
        return (NAME, "com.sun.star.sheet.AddIn")

    def setLocale(self, locale):
        self._locale = locale

    def getLocale(self):
        return self._locale or uno.createUnoStruct("com.sun.star.lang.Locale")

    def _told(self, texts):
        """The one of the texts, which are given by language, in the program's language; else in English."""
        if self._locale is None:
            return texts["en"]
        language = self._locale.Language
        return texts.get(language + "_" + self._locale.Country) or texts.get(language) or texts["en"]

    def getProgrammaticFuntionName(self, display):
        return next((name for name, item in self._known.items() if item["function"] == display.upper()), "")

    def getDisplayFunctionName(self, name):
        return self._known[name]["function"] if name in self._known else ""

    def getFunctionDescription(self, name):
        return self._told(self._known[name]["help"]) if name in self._known else ""

    def getDisplayArgumentName(self, name, place):
        return self._argument(name, place, "name")

    def getArgumentDescription(self, name, place):
        return self._argument(name, place, "help")

    def getProgrammaticCategoryName(self, name):
        return "Add-In"

    def getDisplayCategoryName(self, name):
        return "Add-In"

    def getCompatibilityNames(self, name):
        locale = uno.createUnoStruct("com.sun.star.lang.Locale")
        locale.Language, locale.Country = "en", "US"
        return (LocalizedName(locale, self.getDisplayFunctionName(name)),)

    def _argument(self, name, place, what):
        arguments = self._known.get(name, {"arguments": []})["arguments"]
        if not 0 < place <= len(arguments):  # place 0 is that of the document
            return ""
        found = arguments[place - 1][what]
        return found if what == "name" else self._told(found)


def day_0(document):
    """The day from which a document counts its dates."""
    try:
        found = document.getPropertyValue("NullDate")
        return "%04d-%02d-%02d" % (found.Year, found.Month, found.Day)
    except Exception:  # no document, as where a macro calls
        return ""


def method(name, single):
    def called(_, document, *arguments):
        answer = WORKER.call(name, [given(argument) for argument in arguments], day_0(document))
        if not single:
            return taken(answer)
        return error_value("#VALUE!") if isinstance(answer, list) else taken_cell(answer)

    return called


def create_functions(context):
    """The functions. Their interface is looked up late: while the extension is being added it is not known yet."""
    from org.xlrotation import XWorksheetFunctions

    known = read_json("functions.json").items()
    methods = {name: method(described["function"], described["single"]) for name, described in known}
    return type("WorksheetFunctions", (Described, XWorksheetFunctions), methods)(context)


class Reenter(unohelper.Base, XJob, XServiceInfo):
    """Enters again, after a workbook was opened, the formulas that Calc could not read with our functions in them."""

    def __init__(self, context):
        self._known = {item["function"] for item in read_json("functions.json").values()}

    def getImplementationName(self):
        return JOB

    def supportsService(self, name):
        return name in self.getSupportedServiceNames()

    def getSupportedServiceNames(self):
        return (JOB, "com.sun.star.task.Job")

    def execute(self, arguments):
        try:
            document = next(
                item.Value
                for group in arguments
                if group.Name == "Environment"
                for item in group.Value
                if item.Name == "Model"
            )
            if document is not None and document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
                reenter(document, self._known)
        except Exception:  # opening a document must not fail for our sake
            pass


def reenter(document, names):
    """Set the formulas again that call our functions: Calc looks for add-ins when a formula is entered, but not when
    it reads an .xlsx file. The workbook was opened just now: it counts as unchanged, and there is nothing to undo."""
    calls = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, sorted(names))) + r")\s*\(", re.IGNORECASE)
    document.lockControllers()
    document.addActionLock()
    try:
        entered = 0
        for sheet in document.getSheets():
            for area in sheet.queryContentCells(FORMULA):
                entered += reenter_area(sheet, area, calls)
        if entered:
            document.calculateAll()
    finally:
        document.removeActionLock()
        document.unlockControllers()
        document.getUndoManager().clear()
        unchanged(document)


def unchanged(document):
    """Let a workbook count as unchanged. A chart that has drawn other values is changed, and with it its workbook."""
    for sheet in document.getSheets():
        charts = sheet.getCharts()
        for place in range(charts.getCount()):
            charts.getByIndex(place).getEmbeddedObject().setModified(False)
    document.setModified(False)


def reenter_area(sheet, area, calls):
    """Set the formulas of an area again; returns how many."""
    address = area.getRangeAddress()
    done = set()
    entered = 0
    for row, formulas in enumerate(area.getFormulaArray()):
        for column, formula in enumerate(formulas):
            place = address.StartColumn + column, address.StartRow + row
            if place in done or not calls.search(formula):
                continue
            cell = sheet.getCellByPosition(*place)
            if formula.startswith("{"):
                block = sheet.createCursorByRange(cell)
                block.collapseToCurrentArray()
                own = block.getRangeAddress()
                columns, rows = range(own.StartColumn, own.EndColumn + 1), range(own.StartRow, own.EndRow + 1)
                done.update((c, r) for c in columns for r in rows)
                block.setArrayFormula(formula[1:-1])
            else:
                cell.setFormula(formula)
            entered += 1
    return entered


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(create_functions, NAME, ("com.sun.star.sheet.AddIn", NAME))
g_ImplementationHelper.addImplementation(Reenter, JOB, ("com.sun.star.task.Job",))
