"""Complex numbers, which spreadsheets hold as texts such as ``3+4i``."""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Areas, Frame, Ref
from xlrotation.workbook.evaluation.operators import all_rows
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value, text_of_number, to_number
from xlrotation.workbook.natives.registry import native

_FORM = re.compile(
    r"(?P<real>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\d.]*[ij]))?"
    r"(?:(?P<imaginary>[+-]?(?:\d+\.?\d*|\.\d+)?(?:[eE][+-]?\d+)?)(?P<unit>[ij]))?"
)


def read_complex(value: Value) -> tuple[complex, str]:
    """A complex number and the letter of its imaginary unit, empty where it has none.

    Raises:
        Fault: It is none.
    """
    if isinstance(value, CellError):
        raise Fault(value)
    if isinstance(value, bool):
        raise Fault(VALUE)
    if value is None or isinstance(value, float | int):
        return complex(to_number(value)), ""
    if not isinstance(value, str):
        raise Fault(VALUE)
    match = _FORM.fullmatch(value)
    if match is None or not value:
        raise Fault(NUM)
    real, imaginary, unit = match["real"], match["imaginary"], match["unit"]
    if real and unit and imaginary[:1] not in ("+", "-"):
        raise Fault(NUM)
    size = 0.0
    if unit:
        size = float(imaginary + "1") if imaginary in ("", "+", "-") else float(imaginary)
    return complex(float(real or 0), size), unit or ""


def written(number: complex, unit: str) -> Value:
    """A complex number as a text, or an error where it is none."""
    if not (math.isfinite(number.real) and math.isfinite(number.imag)):
        return NUM
    real, imaginary = text_of_number(number.real), text_of_number(number.imag)
    if imaginary == "0":
        return real
    sign = "-" if imaginary.startswith("-") else "+"
    size = imaginary.lstrip("-")
    part = ("" if size == "1" else size) + (unit or "i")
    if real == "0":
        return ("-" if sign == "-" else "") + part
    return real + sign + part


@native("COMPLEX", "PP?V")
def _complex(_: Frame, real: float, imaginary: float, unit: Value = "i") -> Value:
    letter = "i" if unit is None else unit
    return written(complex(real, imaginary), letter) if letter in ("i", "j") else VALUE


def _part(name: str, function: Callable[[complex], float]) -> None:
    @native(name, "V")
    def _compute(_: Frame, value: Value) -> Value:
        return function(read_complex(value)[0])


def _angle(z: complex) -> float:
    if z == 0:
        raise Fault(CellError.DIV0)
    return cmath.phase(z)


_part("IMREAL", lambda z: z.real)
_part("IMAGINARY", lambda z: z.imag)
_part("IMABS", abs)
_part("IMARGUMENT", _angle)


def _mapped(name: str, function: Callable[[complex], complex]) -> None:
    @native(name, "V")
    def _compute(_: Frame, value: Value) -> Value:
        number, unit = read_complex(value)
        try:
            return written(function(number), unit)
        except ZeroDivisionError:
            return NUM


def _logarithm(base: float) -> Callable[[complex], complex]:
    def log(z: complex) -> complex:
        if z == 0:
            raise Fault(NUM)
        return complex(math.log(abs(z)), cmath.phase(z)) / base

    return log


_mapped("IMCONJUGATE", lambda z: z.conjugate())
_mapped("IMSQRT", lambda z: cmath.rect(math.sqrt(abs(z)), cmath.phase(z) / 2) if z else z)
_mapped("IMEXP", cmath.exp)
_mapped("IMLN", _logarithm(1.0))
_mapped("IMLOG10", _logarithm(math.log(10)))
_mapped("IMLOG2", _logarithm(math.log(2)))
_mapped("IMSIN", cmath.sin)
_mapped("IMCOS", cmath.cos)
_mapped("IMTAN", cmath.tan)
_mapped("IMSINH", cmath.sinh)
_mapped("IMCOSH", cmath.cosh)
_mapped("IMSEC", lambda z: 1 / cmath.cos(z))
_mapped("IMSECH", lambda z: 1 / cmath.cosh(z))
_mapped("IMCSC", lambda z: 1 / cmath.sin(z))
_mapped("IMCSCH", lambda z: 1 / cmath.sinh(z))
_mapped("IMCOT", lambda z: 1 / cmath.tan(z))


def _joint_unit(units: list[str]) -> str:
    """The letter that several numbers share.

    Raises:
        Fault: They use both.
    """
    found = {unit for unit in units if unit}
    if len(found) > 1:
        raise Fault(VALUE)
    return found.pop() if found else ""


def _several(frame: Frame, values: tuple[Value, ...]) -> tuple[list[complex], str]:
    items: list[Value] = []
    for value in values:
        if isinstance(value, Ref | Areas | list):
            items += [item for row in all_rows(value, frame) for item in row if item is not None]
        else:
            items.append(value)
    pairs = [read_complex(item) for item in items]
    return [number for number, _ in pairs], _joint_unit([unit for _, unit in pairs])


@native("IMSUM", "R*R")
def _imsum(frame: Frame, *values: Value) -> Value:
    numbers, unit = _several(frame, values)
    return written(sum(numbers, 0j), unit)


@native("IMPRODUCT", "R*R")
def _improduct(frame: Frame, *values: Value) -> Value:
    numbers, unit = _several(frame, values)
    return written(math.prod(numbers, start=1 + 0j) if numbers else 0j, unit)


def _pair(first: Value, second: Value) -> tuple[complex, complex, str]:
    (a, one), (b, two) = read_complex(first), read_complex(second)
    return a, b, _joint_unit([one, two])


@native("IMSUB", "VV")
def _imsub(_: Frame, first: Value, second: Value) -> Value:
    a, b, unit = _pair(first, second)
    return written(a - b, unit)


@native("IMDIV", "VV")
def _imdiv(_: Frame, first: Value, second: Value) -> Value:
    a, b, unit = _pair(first, second)
    if b == 0:
        return NUM
    below = b.real * b.real + b.imag * b.imag
    real = (a.real * b.real + a.imag * b.imag) / below
    return written(complex(real, (a.imag * b.real - a.real * b.imag) / below), unit)


@native("IMPOWER", "VP")
def _impower(_: Frame, value: Value, power: float) -> Value:
    number, unit = read_complex(value)
    if number == 0:
        return written(0j, unit) if power > 0 else NUM
    size, angle = abs(number) ** power, cmath.phase(number) * power
    return written(complex(size * math.cos(angle), size * math.sin(angle)), unit)
