"""Fields of prices that are held whole, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from xlrotation.measures.arrays import FloatArray


class FieldsOnDemand(Mapping[str, FloatArray]):
    """Arrays (sessions, symbols) by field, read-only, columns contiguous. Threads may ask together.

    Args:
        makers: By field, what makes its array, always the same.
    """

    def __init__(self, makers: Mapping[str, Callable[[], FloatArray]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, FloatArray] = {}

    def __getitem__(self, name: str) -> FloatArray:
        found = self._made.get(name)
        if found is None:
            found = self._made.setdefault(name, frozen(self._makers[name]()))
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __reduce__(self) -> tuple[type[dict[str, FloatArray]], tuple[dict[str, FloatArray]]]:
        """For another process: the arrays themselves."""
        return dict, (dict(self),)


def frozen(values: FloatArray) -> FloatArray:
    """*values* as a panel holds them: float64, columns contiguous, read-only; a view where they are so already."""
    array = np.asfortranarray(values, dtype=np.float64)
    if array is values:
        array = array.view()
    array.flags.writeable = False
    return array
