"""Prices, yields and lives of bonds, and of what is paid once, at the end."""

from __future__ import annotations

import itertools
import math

from xlrotation.workbook.evaluation.machine import Frame, Unsupported
from xlrotation.workbook.evaluation.values import NUM, Fault, Value
from xlrotation.workbook.natives.coupons import Terms, is_month_end, terms
from xlrotation.workbook.natives.dates import year_fraction
from xlrotation.workbook.natives.finance import root
from xlrotation.workbook.natives.registry import native


def _ordered(*days: float) -> list[int]:
    """Days without their times; they must rise."""
    found = [int(day) for day in days]
    if found[0] < 0 or any(a >= b for a, b in itertools.pairwise(found)):
        raise Fault(NUM)
    return found


def _price(how: Terms, settle: int, maturity: int, rate: float, yearly: float, redemption: float) -> float:
    before, after, count = how.coupons(settle, maturity)
    length, gone = how.period(before, after), how.between(before, settle)
    left = (length - gone) / length
    coupon = 100 * rate / how.frequency
    step = yearly / how.frequency
    if count == 1:
        return (coupon + redemption) / (1 + left * step) - coupon * gone / length
    paid = sum(coupon / math.pow(1 + step, left + k) for k in range(count))
    return redemption / math.pow(1 + step, count - 1 + left) + paid - coupon * gone / length


@native("PRICE", "NNNNNN?N")
def _price_(
    frame: Frame,
    settle: float,
    maturity: float,
    rate: float,
    yearly: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    how = terms(frame, frequency, basis)
    start, end = _ordered(settle, maturity)
    if rate < 0 or yearly < 0 or redemption <= 0:
        return NUM
    return _price(how, start, end, rate, yearly, redemption)


@native("YIELD", "NNNNNN?N")
def _yield(
    frame: Frame,
    settle: float,
    maturity: float,
    rate: float,
    price: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    how = terms(frame, frequency, basis)
    start, end = _ordered(settle, maturity)
    if rate < 0 or price <= 0 or redemption <= 0:
        return NUM
    before, after, count = how.coupons(start, end)
    if count == 1:
        length, gone = how.period(before, after), how.between(before, start)
        coupon = rate / how.frequency
        paid = price / 100 + gone / length * coupon
        return (redemption / 100 + coupon - paid) / paid * how.frequency * length / (length - gone)
    return root(
        lambda yearly: _price(how, start, end, rate, yearly, redemption) - price, max(rate, 0.01), 1e-9 - how.frequency
    )


def _duration(how: Terms, start: int, end: int, rate: float, yearly: float) -> float:
    before, after, count = how.coupons(start, end)
    length = how.period(before, after)
    left = (length - how.between(before, start)) / length
    growth = 1 + yearly / how.frequency
    flows = [100 * rate / how.frequency] * count
    flows[-1] += 100
    worth = [flow / math.pow(growth, k + left) for k, flow in enumerate(flows)]
    return sum(w * (k + left) for k, w in enumerate(worth)) / sum(worth) / how.frequency


@native("DURATION", "NNNNN?N")
def _duration_(
    frame: Frame, settle: float, maturity: float, rate: float, yearly: float, frequency: float, basis: float = 0.0
) -> Value:
    how = terms(frame, frequency, basis)
    start, end = _ordered(settle, maturity)
    return NUM if rate < 0 or yearly < 0 else _duration(how, start, end, rate, yearly)


@native("MDURATION", "NNNNN?N")
def _mduration(
    frame: Frame, settle: float, maturity: float, rate: float, yearly: float, frequency: float, basis: float = 0.0
) -> Value:
    how = terms(frame, frequency, basis)
    start, end = _ordered(settle, maturity)
    if rate < 0 or yearly < 0:
        return NUM
    return _duration(how, start, end, rate, yearly) / (1 + yearly / how.frequency)


# ---------------------------------------------------------------------- paid at the end


def _years(frame: Frame, start: int, end: int, basis: float) -> float:
    return year_fraction(start, end, int(basis), frame.date1904)


def _at_maturity(frame: Frame, days: tuple[float, float, float], basis: float) -> tuple[float, float, float]:
    """The years from issue to maturity, from settlement to maturity, and from issue to settlement."""
    issue, settle, maturity = _ordered(*days)
    if not 0 <= basis < 5:
        raise Fault(NUM)
    pairs = ((issue, maturity), (settle, maturity), (issue, settle))
    whole, left, gone = (_years(frame, a, b, basis) for a, b in pairs)
    if int(basis) == 1:  # all by the years from issue to settlement
        length = (settle - issue) / gone
        whole, left = (maturity - issue) / length, (maturity - settle) / length
    elif abs(whole - gone - left) > 1e-12:
        raise Unsupported("counts months of thirty days that do not add up, which is not told how")
    return whole, left, gone


@native("PRICEMAT", "NNNNN?N")
def _pricemat(
    frame: Frame, settle: float, maturity: float, issue: float, rate: float, yearly: float, basis: float = 0.0
) -> Value:
    whole, left, gone = _at_maturity(frame, (issue, settle, maturity), basis)
    if rate < 0 or yearly < 0:
        return NUM
    return (100 + whole * rate * 100) / (1 + left * yearly) - gone * rate * 100


@native("YIELDMAT", "NNNNN?N")
def _yieldmat(
    frame: Frame, settle: float, maturity: float, issue: float, rate: float, price: float, basis: float = 0.0
) -> Value:
    whole, left, gone = _at_maturity(frame, (issue, settle, maturity), basis)
    if rate < 0 or price <= 0:
        return NUM
    return ((1 + whole * rate) / (price / 100 + gone * rate) - 1) / left


@native("YIELDDISC", "NNNN?N")
def _yielddisc(
    frame: Frame, settle: float, maturity: float, price: float, redemption: float, basis: float = 0.0
) -> Value:
    start, end = _ordered(settle, maturity)
    if price <= 0 or redemption <= 0 or not 0 <= basis < 5:
        return NUM
    return (redemption - price) / price / _years(frame, start, end, basis)


@native("ACCRINTM", "NNNN?N")
def _accrintm(frame: Frame, issue: float, settle: float, rate: float, par: float, basis: float = 0.0) -> Value:
    start, end = _ordered(issue, settle)
    if rate <= 0 or par <= 0 or not 0 <= basis < 5:
        return NUM
    return par * rate * _years(frame, start, end, basis)


@native("ACCRINT", "NNNNNN?NB")
def _accrint(
    frame: Frame,
    issue: float,
    first: float,
    settle: float,
    rate: float,
    par: float,
    frequency: float,
    basis: float = 0.0,
    from_issue: bool = True,
) -> Value:
    how = terms(frame, frequency, basis)
    if rate <= 0 or par <= 0 or min(issue, first) < 0 or int(issue) >= int(settle):
        return NUM
    return par * rate / how.frequency * _run_up(how, int(issue), int(first), int(settle), from_issue)


def _run_up(how: Terms, issue: int, first: int, settle: int, from_issue: bool) -> float:
    """The coupon periods that interest has run up for, as Excel counts them.

    The period that the settlement lies in counts by the length of the one before the first coupon. Whole periods before
    it count only from the issue on; the one that the issue lies in counts either way.
    """
    step, to_end = 12 // how.frequency, is_month_end(how.day(first))

    def coupon(k: int) -> int:
        return how.moved(first, k * step, to_end)

    k = -1
    while from_issue and coupon(k + 1) < settle:
        how.step(1)
        k += 1
    total = how.between(max(issue, coupon(k)), settle) / how.period(coupon(-1), first)
    while coupon(k) > issue:
        how.step(1)
        k -= 1
        before, after = coupon(k), coupon(k + 1)
        if issue > before:
            total += how.between(issue, after) / how.period(before, after)
        else:
            total += from_issue
    return total


@native("TBILLEQ", "NNN")
def _tbilleq(_: Frame, settle: float, maturity: float, rate: float) -> Value:
    days = int(maturity) - int(settle)
    if not 0 < days <= 366 or rate <= 0:
        return NUM
    if days <= 182:
        return 365 * rate / (360 - rate * days)
    price = 1 - rate * days / 360
    share = days / (366 if days == 366 else 365)
    below = share**2 - (2 * share - 1) * (1 - 1 / price)
    return 2 * (math.sqrt(below) - share) / (2 * share - 1)


# ---------------------------------------------------------------------- odd periods


def _quasi(how: Terms, start: int, end: int, upper: int, forward: bool) -> float:
    """The part of whole coupon periods, laid from *upper* back (or on from it), that lies between two days."""
    step = 12 // how.frequency
    total = 0.0
    for k in range(10_000):
        how.step(2)
        if forward:
            first, last = how.moved(upper, k * step, False), how.moved(upper, (k + 1) * step, False)
        else:
            first, last = how.moved(upper, -(k + 1) * step, False), how.moved(upper, -k * step, False)
        a, b = max(start, first), min(end, last)
        if a < b:
            total += how.between(a, b) / how.period(first, last)
        if (last >= end) if forward else (first <= start):
            break
    return total


def _odd_first(how: Terms, days: list[int], rate: float, yearly: float, redemption: float) -> float:
    issue, settle, first, maturity = days
    coupon, growth = 100 * rate / how.frequency, 1 + yearly / how.frequency
    before, after, whole = how.coupons(settle, first)
    length = how.period(before, after)
    if how.basis in (2, 3):
        left = how.between(settle, after) / length
    else:
        left = (length - how.between(before, settle)) / length
    left += whole - 1
    _, _, count = how.coupons(first, maturity)
    worth = redemption / math.pow(growth, count + left)
    worth += coupon * _quasi(how, issue, first, first, False) / math.pow(growth, left)
    worth += sum(coupon / math.pow(growth, k + left) for k in range(1, count + 1))
    return worth - coupon * _quasi(how, issue, settle, first, False)


def _odd_last(how: Terms, days: list[int], rate: float) -> tuple[float, float, float]:
    """Coupon at the end, interest run up, and the periods that are left; of an odd last period."""
    last, settle, maturity = days
    coupon = 100 * rate / how.frequency
    return (
        coupon * _quasi(how, last, maturity, last, True),
        coupon * _quasi(how, last, settle, last, True),
        _quasi(how, settle, maturity, last, True),
    )


@native("ODDFPRICE", "NNNNNNNN?N")
def _oddfprice(
    frame: Frame,
    settle: float,
    maturity: float,
    issue: float,
    first: float,
    rate: float,
    yearly: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    how = terms(frame, frequency, basis)
    days = _ordered(issue, settle, first, maturity)
    if rate < 0 or yearly < 0 or redemption <= 0:
        return NUM
    return _odd_first(how, days, rate, yearly, redemption)


@native("ODDFYIELD", "NNNNNNNN?N")
def _oddfyield(
    frame: Frame,
    settle: float,
    maturity: float,
    issue: float,
    first: float,
    rate: float,
    price: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    how = terms(frame, frequency, basis)
    days = _ordered(issue, settle, first, maturity)
    if rate < 0 or price <= 0 or redemption <= 0:
        return NUM
    return root(
        lambda yearly: _odd_first(how, days, rate, yearly, redemption) - price, max(rate, 0.01), 1e-9 - how.frequency
    )


@native("ODDLPRICE", "NNNNNNN?N")
def _oddlprice(
    frame: Frame,
    settle: float,
    maturity: float,
    last: float,
    rate: float,
    yearly: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    how = terms(frame, frequency, basis)
    days = _ordered(last, settle, maturity)
    if rate < 0 or yearly < 0 or redemption <= 0:
        return NUM
    paid, gone, left = _odd_last(how, days, rate)
    return (redemption + paid) / (1 + left * yearly / how.frequency) - gone


@native("ODDLYIELD", "NNNNNNN?N")
def _oddlyield(
    frame: Frame,
    settle: float,
    maturity: float,
    last: float,
    rate: float,
    price: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    how = terms(frame, frequency, basis)
    days = _ordered(last, settle, maturity)
    if rate < 0 or price <= 0 or redemption <= 0:
        return NUM
    paid, gone, left = _odd_last(how, days, rate)
    return (redemption + paid - price - gone) / (price + gone) * how.frequency / left
