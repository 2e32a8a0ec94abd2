"""Arrays of numbers, as measures take and give them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_Values = TypeVar("_Values", bound=np.generic)


def distinct(values: npt.NDArray[_Values]) -> npt.NDArray[_Values]:
    """The distinct values, rising. ``np.unique`` without counts would load the masked arrays of numpy for it."""
    found: npt.NDArray[_Values] = np.unique(values, return_counts=True)[0]
    return found
