"""Plans of many exports: books by dates by parameters. The package itself is called as ``xlrotation.batch(plan)``."""

import importlib
import sys
import types


class _Callable(types.ModuleType):
    """A package that does what it is for when it is called: ``xlrotation.batch`` is a package and a function."""

    def __call__(self, *arguments: object, **named: object) -> object:
        return importlib.import_module("xlrotation.batch.calling").batch(*arguments, **named)


sys.modules[__name__].__class__ = _Callable

TIMEOUT = 900.0
"""Seconds after which a job is taken to hang."""
