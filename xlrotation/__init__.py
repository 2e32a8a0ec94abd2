"""Excel worksheet functions for market rotation, dispersion, volatility regimes, breadth, flows and macro stress.

From Python::

    import xlrotation as xr

    m = xr.open("yahoo", asof="2026-01-16")
    m.RS_STREAK("RUT", "SPX")
    m.ROT_SECTOR_TABLE(["5D", "20D"])

What stands in ``__all__`` is loaded when it is first asked for.
"""

import importlib

__version__ = "0.1.0"

_PLACES = {
    **dict.fromkeys(("open",), "opening"),
    **dict.fromkeys(("Functions",), "functions"),
    **dict.fromkeys(("Table",), "frames"),
    **dict.fromkeys(("Remark",), "failures"),
    **dict.fromkeys(("Report", "export", "fill", "refresh_book"), "books"),
}
"""Modules of ``xlrotation.python`` by what they give."""

_ERRORS = ("BadArgument", "BadWorkbook", "CellError", "DividedByZero", "NoData", "OutOfDomain", "RotationError")
_MODULES = {
    "batch": "xlrotation.batch",
    "measures": "xlrotation.measures",
    "openpyxl": "xlrotation.python.openpyxl",
    "plugin": "xlrotation.plugin",
}

__all__ = sorted(("__version__", *_PLACES, *_ERRORS, *_MODULES))


def __getattr__(name: str) -> object:
    if name in _MODULES:
        found: object = importlib.import_module(_MODULES[name])
    elif name in _ERRORS:
        errors = importlib.import_module("xlrotation.errors")
        if name == "CellError":
            errors.take_errors()
            return errors.CellError  # asked for anew each time: openpyxl may have been loaded since
        found = getattr(errors, name)
    elif name in _PLACES:
        found = getattr(importlib.import_module(f"xlrotation.python.{_PLACES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *__all__]
