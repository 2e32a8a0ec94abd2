"""Financial functions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

from xlrotation.errors import CellError
from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.operators import all_rows, numbers_in
from xlrotation.workbook.evaluation.values import NUM, VALUE, Fault, Value
from xlrotation.workbook.natives.dates import year_fraction
from xlrotation.workbook.natives.registry import native


def _future(rate: float, periods: float, payment: float, present: float, begin: float) -> float:
    if rate == 0:
        return -(present + payment * periods)
    growth = math.pow(1 + rate, periods)
    return -(present * growth + payment * (1 + rate * begin) * (growth - 1) / rate)


@native("FV", "NNN?NN")
def _fv(_: Frame, rate: float, periods: float, payment: float, present: float = 0.0, begin: float = 0.0) -> Value:
    return _future(rate, periods, payment, present, float(begin != 0))


@native("PV", "NNN?NN")
def _pv(_: Frame, rate: float, periods: float, payment: float, future: float = 0.0, begin: float = 0.0) -> Value:
    if rate == 0:
        return -(future + payment * periods)
    growth = math.pow(1 + rate, periods)
    return -(future + payment * (1 + rate * (begin != 0)) * (growth - 1) / rate) / growth


def _payment(rate: float, periods: float, present: float, future: float, begin: float) -> float:
    if periods == 0:
        raise Fault(NUM)
    if rate == 0:
        return -(present + future) / periods
    growth = math.pow(1 + rate, periods)
    return -(present * growth + future) * rate / ((1 + rate * begin) * (growth - 1))


@native("PMT", "NNN?NN")
def _pmt(_: Frame, rate: float, periods: float, present: float, future: float = 0.0, begin: float = 0.0) -> Value:
    return _payment(rate, periods, present, future, float(begin != 0))


def _interest(rate: float, period: float, periods: float, present: float, future: float, begin: float) -> float:
    if not 1 <= period <= periods:
        raise Fault(NUM)
    payment = _payment(rate, periods, present, future, begin)
    if begin and period == 1:
        return 0.0
    result = _future(rate, period - 1, payment, present, begin) * rate
    return result / (1 + rate) if begin else result


@native("IPMT", "NNNN?NN")
def _ipmt(
    _: Frame, rate: float, period: float, periods: float, present: float, future: float = 0.0, begin: float = 0.0
) -> Value:
    return _interest(rate, period, periods, present, future, float(begin != 0))


@native("PPMT", "NNNN?NN")
def _ppmt(
    _: Frame, rate: float, period: float, periods: float, present: float, future: float = 0.0, begin: float = 0.0
) -> Value:
    when = float(begin != 0)
    whole = _payment(rate, periods, present, future, when)
    return whole - _interest(rate, period, periods, present, future, when)


@native("CUMIPMT", "NNNNNN")
def _cumipmt(
    frame: Frame, rate: float, periods: float, present: float, first: float, last: float, begin: float
) -> Value:
    if rate <= 0 or periods <= 0 or present <= 0 or not 1 <= first <= last or begin not in (0, 1):
        return NUM
    frame.machine.step(int(last - first) // 3)
    return sum(_interest(rate, k, periods, present, 0.0, begin) for k in range(math.ceil(first), int(last) + 1))


@native("CUMPRINC", "NNNNNN")
def _cumprinc(
    frame: Frame, rate: float, periods: float, present: float, first: float, last: float, begin: float
) -> Value:
    if rate <= 0 or periods <= 0 or present <= 0 or not 1 <= first <= last or begin not in (0, 1):
        return NUM
    frame.machine.step(int(last - first) // 3)
    whole = _payment(rate, periods, present, 0.0, begin)
    return sum(whole - _interest(rate, k, periods, present, 0.0, begin) for k in range(math.ceil(first), int(last) + 1))


@native("ISPMT", "NNNN")
def _ispmt(_: Frame, rate: float, period: float, periods: float, present: float) -> Value:
    return -present * rate * (1 - period / periods)


@native("NPER", "NNN?NN")
def _nper(_: Frame, rate: float, payment: float, present: float, future: float = 0.0, begin: float = 0.0) -> Value:
    if rate == 0:
        return -(present + future) / payment
    due = payment * (1 + rate * (begin != 0)) / rate
    return math.log((due - future) / (present + due)) / math.log1p(rate)


def root(function: Callable[[float], float], guess: float, low: float = -0.999999999) -> Value:
    """Where a function is zero: steps of Newton's from the guess, then a search between ever wider bounds."""
    found = _newton(function, guess, low)
    try:
        if abs(function(found)) < 1e-9 * max(1.0, abs(function(guess))):
            return found
    except _NO_VALUE:
        pass
    return _bracketed(function, guess, low)


_NO_VALUE = (ZeroDivisionError, OverflowError, ValueError)


def _newton(function: Callable[[float], float], guess: float, low: float) -> float:
    """Where Newton's steps lead, whether that is a zero or not."""
    x = guess
    for _ in range(100):
        try:
            h = 1e-6 * max(1.0, abs(x))
            slope = (function(x + h) - function(x - h)) / (2 * h)
            step = function(x) / slope
        except _NO_VALUE:
            return x
        if not math.isfinite(step):
            return x
        new = x - step
        if new <= low:
            new = (x + low) / 2
        if abs(new - x) < 1e-13 * max(1.0, abs(new)):
            return new
        x = new
    return x


def _bracketed(function: Callable[[float], float], guess: float, low: float) -> Value:
    """The zero nearest to the guess of those between bounds at which the function has opposite signs."""
    edges = [low + (guess - low) * 0.5**k for k in range(30, -1, -1)] + [guess + 0.1 * 1.5**k for k in range(40)]
    best: tuple[float, float, float] | None = None
    for a, b in itertools.pairwise(edges):
        try:
            if function(a) * function(b) <= 0:
                distance = abs((a + b) / 2 - guess)
                if best is None or distance < best[0]:
                    best = (distance, a, b)
        except _NO_VALUE:
            continue
    if best is None:
        return NUM
    _, a, b = best
    for _ in range(200):
        middle = (a + b) / 2
        if function(a) * function(middle) <= 0:
            b = middle
        else:
            a = middle
    return (a + b) / 2


@native("RATE", "NNN?NNN")
def _rate(
    frame: Frame,
    periods: float,
    payment: float,
    present: float,
    future: float = 0.0,
    begin: float = 0.0,
    guess: float = 0.1,
) -> Value:
    if periods <= 0:
        return NUM
    when = float(begin != 0)
    frame.machine.step(20)
    return root(lambda rate: _future(rate, periods, payment, present, when) - future, guess)


@native("NPV", "NR*R")
def _npv(frame: Frame, rate: float, *values: Value) -> Value:
    if rate == -1:
        return CellError.DIV0
    return sum(x / (1 + rate) ** i for i, x in enumerate(numbers_in(values, frame), 1))


@native("IRR", "R?N")
def _irr(frame: Frame, values: Value, guess: float = 0.1) -> Value:
    flows = numbers_in([values], frame)
    if guess <= -1:
        return VALUE
    if not flows or min(flows) >= 0 or max(flows) <= 0:
        return NUM

    def worth(rate: float) -> float:
        frame.machine.step(len(flows) // 10 + 1)
        return float(sum(x * (1 + rate) ** -i for i, x in enumerate(flows)))

    return root(worth, guess)


@native("MIRR", "RNN")
def _mirr(frame: Frame, values: Value, borrowed: float, invested: float) -> Value:
    flows = numbers_in([values], frame)
    n = len(flows)
    gains = sum(x * (1 + invested) ** (n - 1 - i) for i, x in enumerate(flows) if x > 0)
    costs = sum(x / (1 + borrowed) ** i for i, x in enumerate(flows) if x < 0)
    return CellError.DIV0 if not gains or not costs else (gains / -costs) ** (1 / (n - 1)) - 1


def _dated(frame: Frame, values: Value, days: Value) -> tuple[list[float], list[float]]:
    flows, when = numbers_in([values], frame), [float(math.floor(d)) for d in numbers_in([days], frame)]
    if len(flows) != len(when) or not flows or min(when) < when[0]:
        raise Fault(NUM)
    return flows, when


@native("XNPV", "NRR")
def _xnpv(frame: Frame, rate: float, values: Value, days: Value) -> Value:
    flows, when = _dated(frame, values, days)
    return NUM if rate <= -1 else sum(x / (1 + rate) ** ((d - when[0]) / 365) for x, d in zip(flows, when, strict=True))


@native("XIRR", "RR?N")
def _xirr(frame: Frame, values: Value, days: Value, guess: float = 0.1) -> Value:
    flows, when = _dated(frame, values, days)
    if min(flows) >= 0 or max(flows) <= 0:
        return NUM

    def worth(rate: float) -> float:
        frame.machine.step(len(flows) // 10 + 1)
        return float(sum(x * (1 + rate) ** (-(d - when[0]) / 365) for x, d in zip(flows, when, strict=True)))

    return root(worth, guess)


@native("EFFECT", "PP")
def _effect(_: Frame, rate: float, periods: float) -> Value:
    n = int(periods)
    return NUM if rate <= 0 or n < 1 else (1 + rate / n) ** n - 1


@native("NOMINAL", "PP")
def _nominal(_: Frame, rate: float, periods: float) -> Value:
    n = int(periods)
    return NUM if rate <= 0 or n < 1 else n * ((1 + rate) ** (1 / n) - 1)


@native("RRI", "NNN")
def _rri(_: Frame, periods: float, present: float, future: float) -> Value:
    return NUM if periods <= 0 or present == 0 else (future / present) ** (1 / periods) - 1


@native("PDURATION", "NNN")
def _pduration(_: Frame, rate: float, present: float, future: float) -> Value:
    return NUM if min(rate, present, future) <= 0 else math.log(future / present) / math.log1p(rate)


@native("SLN", "NNN")
def _sln(_: Frame, cost: float, rest: float, life: float) -> Value:
    return (cost - rest) / life


@native("SYD", "NNNN")
def _syd(_: Frame, cost: float, rest: float, life: float, period: float) -> Value:
    return NUM if not 1 <= period <= life else (cost - rest) * (life - period + 1) * 2 / (life * (life + 1))


@native("DDB", "NNNN?N")
def _ddb(frame: Frame, cost: float, rest: float, life: float, period: float, factor: float = 2.0) -> Value:
    if cost < 0 or rest < 0 or life <= 0 or not 1 <= period <= life or factor <= 0:
        return NUM
    frame.machine.step(int(period) // 5)
    value = cost
    written = 0.0
    for _i in range(int(period)):
        written = max(min(value * factor / life, value - rest), 0.0)
        value -= written
    return written


@native("DB", "NNNN?N")
def _db(frame: Frame, cost: float, rest: float, life: float, period: float, month: float = 12.0) -> Value:
    if cost < 0 or rest < 0 or life <= 0 or period < 1 or not 1 <= month <= 12 or period > life + 1:
        return NUM
    if cost == 0:
        return 0.0
    rate = round(1 - (rest / cost) ** (1 / life), 3)
    written = cost * rate * month / 12
    total = written
    frame.machine.step(int(period) // 5)
    for k in range(2, int(period) + 1):
        written = (cost - total) * rate
        if k == int(life) + 1:
            written *= (12 - month) / 12
        total += written
    return written


@native("FVSCHEDULE", "NR")
def _fvschedule(frame: Frame, start: float, rates: Value) -> Value:
    for row in all_rows(rates, frame):
        for rate in row:
            if isinstance(rate, str | bool):
                return VALUE
            if isinstance(rate, CellError):
                return rate
            start *= 1 + (rate or 0.0)
    return start


@native("DOLLARDE", "PP")
def _dollarde(_: Frame, price: float, parts: float) -> Value:
    n = int(parts)
    if n < 0:
        return NUM
    if n == 0:
        return CellError.DIV0
    whole = math.trunc(price)
    return whole + (price - whole) * 10 ** math.ceil(math.log10(n)) / n


@native("DOLLARFR", "PP")
def _dollarfr(_: Frame, price: float, parts: float) -> Value:
    n = int(parts)
    if n < 0:
        return NUM
    if n == 0:
        return CellError.DIV0
    whole = math.trunc(price)
    return whole + (price - whole) * n / 10 ** math.ceil(math.log10(n))


def _discounted(names: str, formula: Callable[[float, float, float], float]) -> None:
    @native(names, "NNNN?N")
    def _compute(
        frame: Frame, settle: float, maturity: float, first: float, second: float, basis: float = 0.0
    ) -> Value:
        if settle >= maturity or first <= 0 or second <= 0 or not 0 <= basis < 5:
            return NUM
        return formula(first, second, year_fraction(settle, maturity, int(basis), frame.date1904))


_discounted("DISC", lambda price, redemption, years: (redemption - price) / redemption / years)
_discounted("INTRATE", lambda invested, redemption, years: (redemption - invested) / invested / years)
_discounted("PRICEDISC", lambda rate, redemption, years: redemption * (1 - rate * years))
_discounted("RECEIVED", lambda invested, rate, years: invested / (1 - rate * years))


@native("TBILLPRICE", "NNN")
def _tbillprice(_: Frame, settle: float, maturity: float, rate: float) -> Value:
    days = int(maturity) - int(settle)
    return NUM if not 0 < days <= 366 or rate <= 0 else 100 * (1 - rate * days / 360)


@native("TBILLYIELD", "NNN")
def _tbillyield(_: Frame, settle: float, maturity: float, price: float) -> Value:
    days = int(maturity) - int(settle)
    return NUM if not 0 < days <= 366 or price <= 0 else (100 - price) / price * 360 / days
