"""Whether a Windows Python is whole: run on it by ``make.py``."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import sys
from collections.abc import Iterator

MODULES = "ssl sqlite3 ctypes decimal pythoncom win32com.client xlwings xlwings.com_server numpy".split()
IF_THERE = "pandas scipy.stats scipy.linalg lxml.etree pyarrow.parquet python_calamine curl_cffi ironcalc regex".split()


def unmet() -> Iterator[str]:
    """What an installed package asks for on Windows and does not find."""
    from packaging.requirements import Requirement

    for package in importlib.metadata.distributions():
        for text in package.requires or ():
            wanted = Requirement(text)
            if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
                continue
            try:
                found = importlib.metadata.version(wanted.name)
            except importlib.metadata.PackageNotFoundError:
                yield f"{package.name} needs {text}; name it in requirements.txt"
            else:
                if not wanted.specifier.contains(found, prereleases=True):
                    yield f"{package.name} needs {text} and finds {found}"


def broken() -> Iterator[str]:
    """Modules that do not load."""
    for name in (*MODULES, *IF_THERE):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if name in MODULES:
                yield f"{name}: {error}"
        except Exception as error:
            yield f"{name}: {error}"


def wrong() -> Iterator[str]:
    """Complex functions whose inverse does not lead back."""
    import numpy as np

    pairs = [(np.exp, np.log), (np.sin, np.arcsin), (np.tanh, np.arctanh), (np.cosh, np.arccosh), (np.square, np.sqrt)]
    for kind, near in ((np.complex128, 1e-12), (np.complex64, 1e-5)):
        z = np.array([0.5 + 0.25j, 1.25 - 0.75j], kind)
        for there, back in pairs:
            if not np.allclose(there(back(z)), z, rtol=near):
                yield f"{there.__name__} of {back.__name__} of {z} is {there(back(z))}"
        if not np.allclose(np.abs(z) * np.exp(1j * np.angle(z)), z, rtol=near) or not np.allclose(z ** kind(2), z * z):
            yield f"powers or angles of {z}"


if __name__ == "__main__":
    assert sys.platform == "win32"
    print(platform.python_implementation(), platform.python_version(), platform.platform())
    faults = [*unmet(), *broken(), *wrong()]
    print(*faults, sep="\n")
    sys.exit(bool(faults))
