"""Excel worksheet functions for market rotation, dispersion, volatility regimes, breadth, flows and macro stress."""

from xlrotation import measures as measures
from xlrotation import plugin as plugin
from xlrotation.batch.calling import batch as batch
from xlrotation.errors import BadArgument as BadArgument
from xlrotation.errors import BadWorkbook as BadWorkbook
from xlrotation.errors import CellError as CellError
from xlrotation.errors import DividedByZero as DividedByZero
from xlrotation.errors import NoData as NoData
from xlrotation.errors import OutOfDomain as OutOfDomain
from xlrotation.errors import RotationError as RotationError
from xlrotation.python import openpyxl as openpyxl
from xlrotation.python.books import Report as Report
from xlrotation.python.books import export as export
from xlrotation.python.books import fill as fill
from xlrotation.python.books import refresh_book as refresh_book
from xlrotation.python.failures import Remark as Remark
from xlrotation.python.frames import Table as Table
from xlrotation.python.functions import Functions as Functions
from xlrotation.python.opening import open as open

__all__ = [
    "BadArgument",
    "BadWorkbook",
    "CellError",
    "DividedByZero",
    "Functions",
    "NoData",
    "OutOfDomain",
    "Remark",
    "Report",
    "RotationError",
    "Table",
    "__version__",
    "batch",
    "export",
    "fill",
    "measures",
    "open",
    "openpyxl",
    "plugin",
    "refresh_book",
]

__version__: str
