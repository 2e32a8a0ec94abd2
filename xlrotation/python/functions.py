"""The worksheet functions as methods, one for each that is declared; ``functions.pyi`` shows them to type checkers."""

from __future__ import annotations

from typing import Any

from xlrotation.functions.boundary.registry import functions
from xlrotation.python.calls import Calls, method


class Functions(Calls):
    """The worksheet functions on one state of the data, as :func:`xlrotation.open` gives them.

    Each is a method of its name in a cell, with the same arguments. Texts, numbers, dates, truth values and their kin
    in numpy and pandas are cells; lists, arrays, Series and frames are ranges. A table comes back as a frame, a column
    of arguments gives a Series of answers. Threads may call them together.
    """

    def __getattr__(self, name: str) -> Any:
        if name in functions():  # declared after this module was loaded
            return method(functions()[name]).__get__(self)
        raise AttributeError(f"no function {name}; help({type(self).__name__}) lists all")


for _spec in functions().values():
    _method = method(_spec)
    _method.__qualname__ = f"Functions.{_spec.name}"
    _method.__module__ = __name__
    setattr(Functions, _spec.name, _method)
