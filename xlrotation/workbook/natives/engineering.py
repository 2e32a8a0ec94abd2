"""Engineering functions: number bases, bits, units, error functions."""

from __future__ import annotations

import math

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.values import NA, NUM, VALUE, Value, to_text
from xlrotation.workbook.natives.registry import native

_BASES = {"BIN": (2, 10), "OCT": (8, 10), "HEX": (16, 10)}
_DIGITS = "0123456789ABCDEF"


def _read(text: str, base: int) -> int | None:
    """A number of ten digits at most, negative in the upper half."""
    text = text.strip().upper()
    if len(text) > 10 or any(mark not in _DIGITS[:base] for mark in text):
        return None
    number = int(text, base) if text else 0
    return number - base**10 if number >= base**10 // 2 else number


def _write(number: int, base: int, places: float | None) -> Value:
    half = {2: 512, 8: 8**10 // 2, 16: 16**10 // 2}[base]
    if not -half <= number < half:
        return NUM
    value = number if number >= 0 else number + base**10 if base != 2 else number + 1024
    text = ""
    while value:
        value, rest = divmod(value, base)
        text = _DIGITS[rest] + text
    text = text or "0"
    if places is not None and number >= 0:
        width = int(places)
        if width < len(text) or width > 10:
            return NUM
        text = text.rjust(width, "0")
    return text


def _converters() -> None:
    for name, (base, _) in _BASES.items():

        @native(f"DEC2{name}", "N?N")
        def _from_decimal(_: Frame, x: float, places: float | None = None, base: int = base) -> Value:
            return _write(math.trunc(x), base, places)

        @native(f"{name}2DEC", "V")
        def _to_decimal(_: Frame, value: Value, base: int = base) -> Value:
            if isinstance(value, bool):
                return VALUE
            number = _read(to_text(value), base)
            if base == 2 and number is not None and number >= 512:
                number -= 1024
            return NUM if number is None else float(number)

        for other, (target, _w) in _BASES.items():
            if other != name:

                @native(f"{name}2{other}", "V?N")
                def _between(
                    _: Frame, value: Value, places: float | None = None, base: int = base, target: int = target
                ) -> Value:
                    if isinstance(value, bool):
                        return VALUE
                    number = _read(to_text(value), base)
                    return NUM if number is None else _write(number, target, places)


_converters()


def _bits(x: float) -> int:
    if x < 0 or x >= 2**48 or x != int(x):
        raise ValueError
    return int(x)


@native("BITAND", "NN")
def _bitand(_: Frame, x: float, y: float) -> Value:
    return float(_bits(x) & _bits(y))


@native("BITOR", "NN")
def _bitor(_: Frame, x: float, y: float) -> Value:
    return float(_bits(x) | _bits(y))


@native("BITXOR", "NN")
def _bitxor(_: Frame, x: float, y: float) -> Value:
    return float(_bits(x) ^ _bits(y))


def _shift(x: float, count: int) -> Value:
    if abs(count) > 53:
        return NUM
    value = _bits(x) << count if count >= 0 else _bits(x) >> -count
    return NUM if value >= 2**48 else float(value)


@native("BITLSHIFT", "NI")
def _bitlshift(_: Frame, x: float, count: int) -> Value:
    return _shift(x, count)


@native("BITRSHIFT", "NI")
def _bitrshift(_: Frame, x: float, count: int) -> Value:
    return _shift(x, -count)


@native("DELTA", "P?P")
def _delta(_: Frame, x: float, y: float = 0.0) -> Value:
    return float(x == y)


@native("GESTEP", "P?P")
def _gestep(_: Frame, x: float, step: float = 0.0) -> Value:
    return float(x >= step)


@native("ERF", "P?P")
def _erf(_: Frame, low: float, high: float | None = None) -> Value:
    return math.erf(low) if high is None else math.erf(high) - math.erf(low)


@native("ERF.PRECISE", "P")
def _erf_precise(_: Frame, x: float) -> Value:
    return math.erf(x)


@native("ERFC ERFC.PRECISE", "P")
def _erfc(_: Frame, x: float) -> Value:
    return math.erfc(x)


_MASS = {
    "g": 1.0, "sg": 14593.9029372064, "lbm": 453.59237, "u": 1.66053906660e-24, "ozm": 28.349523125,
    "grain": 0.06479891,
    "cwt": 45359.237, "shweight": 45359.237, "uk_cwt": 50802.34544, "lcwt": 50802.34544, "hweight": 50802.34544,
    "stone": 6350.29318, "ton": 907184.74, "uk_ton": 1016046.9088, "LTON": 1016046.9088, "brton": 1016046.9088,
}  # fmt: skip
_LENGTH = {
    "m": 1.0, "mi": 1609.344, "Nmi": 1852.0, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "ang": 1e-10, "ell": 1.143,
    "ly": 9.46073047258e15, "parsec": 3.08567758149137e16, "pc": 3.08567758149137e16, "Picapt": 0.0254 / 72,
    "Pica": 0.0254 / 72, "pica": 0.0254 / 6, "survey_mi": 1609.3472186944,
}  # fmt: skip
_TIME = {
    "yr": 31557600.0, "day": 86400.0, "d": 86400.0, "hr": 3600.0, "mn": 60.0, "min": 60.0, "sec": 1.0, "s": 1.0,
}  # fmt: skip
_PRESSURE = {
    "Pa": 1.0, "p": 1.0, "atm": 101325.0, "at": 101325.0, "mmHg": 133.322, "psi": 6894.75729316836,
    "Torr": 101325 / 760,
}  # fmt: skip
_FORCE = {"N": 1.0, "dyn": 1e-5, "dy": 1e-5, "lbf": 4.4482216152605, "pond": 9.80665e-3}
_ENERGY = {
    "J": 1.0, "e": 1e-7, "c": 4.184, "cal": 4.1868, "eV": 1.602176487e-19, "ev": 1.602176487e-19,
    "HPh": 2684519.537696173, "hh": 2684519.537696173, "Wh": 3600.0, "wh": 3600.0, "flb": 1.3558179483314,
    "BTU": 1055.05585262, "btu": 1055.05585262,
}  # fmt: skip
_POWER = {"HP": 745.69987158227, "h": 745.69987158227, "PS": 735.49875, "W": 1.0, "w": 1.0}
_MAGNETISM = {"T": 1.0, "ga": 1e-4}
_INCH, _FOOT, _YARD, _MILE, _NMI, _LY, _ANG, _PT = (
    0.0254,
    0.3048,
    0.9144,
    1609.344,
    1852.0,
    9.46073047258e15,
    1e-10,
    0.0254 / 72,
)
_VOLUME = {
    "l": 1.0, "L": 1.0, "lt": 1.0, "tsp": 0.00492892159375, "tspm": 0.005, "tbs": 0.01478676478125,
    "oz": 0.0295735295625, "cup": 0.2365882365, "pt": 0.473176473, "us_pt": 0.473176473, "uk_pt": 0.56826125,
    "qt": 0.946352946, "uk_qt": 1.1365225, "gal": 3.785411784, "uk_gal": 4.54609, "barrel": 158.987294928,
    "bushel": 35.23907016688, "GRT": 2831.6846592, "regton": 2831.6846592, "MTON": 1132.67386368,
    "m3": 1000.0, "m^3": 1000.0,
    **{u + p: 1000 * v**3 for u, v in (("in", _INCH), ("ft", _FOOT), ("yd", _YARD), ("mi", _MILE), ("Nmi", _NMI),
                                       ("ly", _LY), ("ang", _ANG), ("Pica", _PT), ("Picapt", _PT))
       for p in ("3", "^3")},
}  # fmt: skip
_AREA = {
    "m2": 1.0, "m^2": 1.0, "ha": 10000.0, "ar": 100.0, "Morgen": 2500.0, "uk_acre": 4046.8564224,
    "us_acre": 4046.87260987425,
    **{u + p: v**2 for u, v in (("in", _INCH), ("ft", _FOOT), ("yd", _YARD), ("mi", _MILE), ("Nmi", _NMI), ("ly", _LY),
                                ("ang", _ANG), ("Pica", _PT), ("Picapt", _PT)) for p in ("2", "^2")},
}  # fmt: skip
_BITS = {"bit": 1.0, "byte": 8.0}
_SPEED = {
    "m/s": 1.0, "m/sec": 1.0, "m/h": 1 / 3600, "m/hr": 1 / 3600, "mph": 0.44704, "kn": 1852 / 3600,
    "admkn": 0.514773333333333,
}  # fmt: skip
_KINDS = (
    _MASS, _LENGTH, _TIME, _PRESSURE, _FORCE, _ENERGY, _POWER, _MAGNETISM, _VOLUME, _AREA, _BITS, _SPEED,
)  # fmt: skip
_PREFIXED = {
    "g", "u", "m", "ang", "ly", "parsec", "pc", "sec", "s", "Pa", "p", "atm", "at", "mmHg", "N", "dyn", "dy",
    "pond", "J", "e", "c", "cal", "eV", "ev", "Wh", "wh", "W", "w", "T", "ga", "l", "L", "lt", "m2", "m^2", "m3", "m^3",
    "ar", "bit", "byte", "m/s", "m/sec", "m/h", "m/hr", "mph", "uk_pt", "ang2", "ang^2", "ang3", "ang^3",
}  # fmt: skip
_PREFIXES = {
    "Y": 1e24, "Z": 1e21, "E": 1e18, "P": 1e15, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "h": 1e2, "da": 1e1, "e": 1e1,
    "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "a": 1e-18, "z": 1e-21, "y": 1e-24,
}  # fmt: skip
_BINARY = {"ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60, "Zi": 2**70, "Yi": 2**80}
_TEMPERATURES = {"C", "cel", "F", "fah", "K", "kel", "Rank", "Reau"}


def _unit(name: str) -> tuple[int, float] | None:
    for kind, units in enumerate(_KINDS):
        if name in units:
            return kind, units[name]
    for prefixes in (_BINARY, _PREFIXES):
        for prefix, factor in prefixes.items():
            base = name[len(prefix) :]
            if name.startswith(prefix) and base in _PREFIXED:
                if prefixes is _BINARY and base not in _BITS:
                    continue
                for kind, units in enumerate(_KINDS):
                    if base in units:
                        power = 2 if base.endswith("2") else 3 if base.endswith("3") else 1
                        return kind, units[base] * factor**power
    return None


def _kelvin(x: float, unit: str) -> float:
    match unit:
        case "C" | "cel":
            return x + 273.15
        case "F" | "fah":
            return (x + 459.67) * 5 / 9
        case "Rank":
            return x * 5 / 9
        case "Reau":
            return x * 1.25 + 273.15
    return x


def _from_kelvin(x: float, unit: str) -> float:
    match unit:
        case "C" | "cel":
            return x - 273.15
        case "F" | "fah":
            return x * 9 / 5 - 459.67
        case "Rank":
            return x * 9 / 5
        case "Reau":
            return (x - 273.15) / 1.25
    return x


def _kelvins(unit: str) -> float:
    """How many kelvins a unit is, with a prefix or without; 0 for another unit."""
    for name in ("kel", "K"):
        if unit.endswith(name):
            prefix = unit[: -len(name)]
            return _PREFIXES.get(prefix, 0.0) if prefix else 1.0
    return 0.0


@native("CONVERT", "PTT")
def _convert(_: Frame, x: float, source: str, target: str) -> Value:
    kelvins = [_kelvins(unit) for unit in (source, target)]
    if all(kelvins) and max(kelvins) != min(kelvins):
        return x * kelvins[0] / kelvins[1]
    if source in _TEMPERATURES and target in _TEMPERATURES:
        if source == target:
            return x
        pair = {source, target}
        if pair <= {"C", "cel", "F", "fah"}:
            if source in ("C", "cel") and target in ("F", "fah"):
                return x * 1.8 + 32
            if source in ("F", "fah") and target in ("C", "cel"):
                return (x - 32) / 1.8
            return x
        return _from_kelvin(_kelvin(x, source), target)
    first, second = _unit(source), _unit(target)
    if first is None or second is None or first[0] != second[0]:
        return NA
    return x * first[1] / second[1]
