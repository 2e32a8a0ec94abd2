"""The currencies that became the euro, and amounts in Thai words."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from xlrotation.workbook.evaluation.machine import Frame
from xlrotation.workbook.evaluation.values import VALUE, Value
from xlrotation.workbook.natives.registry import native

_EURO = {
    "ATS": "13.7603", "BEF": "40.3399", "DEM": "1.95583", "ESP": "166.386", "EUR": "1", "FIM": "5.94573",
    "FRF": "6.55957", "GRD": "340.75", "IEP": "0.787564", "ITL": "1936.27", "LUF": "40.3399", "NLG": "2.20371",
    "PTE": "200.482", "SIT": "239.64", "MTL": "0.4293", "CYP": "0.585274", "SKK": "30.126", "EEK": "15.6466",
    "LVL": "0.702804", "LTL": "3.4528",
}  # fmt: skip
"""Units of a currency to one euro, as the council of the European Union fixed them."""

_NO_CENTS = frozenset({"BEF", "ESP", "GRD", "ITL", "LUF", "PTE", "JPY"})


@native("EUROCONVERT", "NTT?BN")
def _euroconvert(
    _: Frame, amount: float, source: str, target: str, full: bool = False, digits: float | None = None
) -> Value:
    source, target = source.upper(), target.upper()
    if source not in _EURO or target not in _EURO or (digits is not None and digits < 3):
        return VALUE
    euros = amount if source == target else amount / float(_EURO[source])
    if digits is not None and source != "EUR":
        euros = float(f"{euros:.{int(digits)}g}") if euros else 0.0
    result = amount if source == target else euros * float(_EURO[target])
    if full:
        return result
    places = Decimal(1) if target in _NO_CENTS else Decimal("0.01")
    return float(Decimal(repr(result)).quantize(places, ROUND_HALF_UP))


_DIGITS = ("", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
_PLACES = ("", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน")


def _thai(number: int) -> str:
    """A whole number in Thai words; empty for none."""
    head, rest = divmod(number, 1_000_000)
    words = _thai(head) + "ล้าน" if head else ""
    digits = f"{rest}" if rest else ""
    for place, mark in enumerate(digits):
        power, digit = len(digits) - 1 - place, int(mark)
        if not digit:
            continue
        if power == 0 and digit == 1 and (len(digits) > 1 or head):
            words += "เอ็ด"
        elif power == 1:
            words += ("" if digit == 1 else "ยี่" if digit == 2 else _DIGITS[digit]) + "สิบ"
        else:
            words += _DIGITS[digit] + _PLACES[power]
    return words


@native("BAHTTEXT", "N")
def _bahttext(_: Frame, amount: float) -> Value:
    if abs(amount) >= 1e15:
        return VALUE
    cents = int((Decimal(repr(abs(amount))) * 100).to_integral_value(ROUND_HALF_UP))
    baht, satang = divmod(cents, 100)
    words = _thai(baht) + "บาท" if baht else "" if satang else "ศูนย์บาท"
    words += _thai(satang) + "สตางค์" if satang else "ถ้วน"
    return "ลบ" + words if amount < 0 and cents else words
