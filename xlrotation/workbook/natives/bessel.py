"""Bessel's functions."""

from __future__ import annotations

from collections.abc import Callable

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.values import NUM, Value
from xlrotation.workbook.natives.registry import native


def _of_order(name: str, scipy_name: str, positive: bool) -> None:
    @native(name, "PP")
    def _compute(_: Frame, x: float, order: float) -> Value:
        import scipy.special

        n = int(order)
        if n < 0 or (positive and x <= 0):
            return NUM
        function: Callable[[int, float], float] = getattr(scipy.special, scipy_name)
        return float(function(n, x))


_of_order("BESSELJ", "jv", False)
_of_order("BESSELI", "iv", False)
_of_order("BESSELY", "yn", True)
_of_order("BESSELK", "kn", True)
