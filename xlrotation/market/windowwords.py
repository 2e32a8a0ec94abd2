"""Windows and tenors as people write them, in English and Chinese, put into the short form: ``1 month`` is ``1M``."""

from __future__ import annotations

import re
import unicodedata

_UNITS = {
    "D": "d day days session sessions bday bdays tradingday tradingdays tradingsession tradingsessions businessday "
    "businessdays td 日 天 交易日 个交易日 个工作日 工作日",
    "W": "w wk wks week weeks 周 星期 个星期 礼拜 个礼拜",
    "M": "m mo mos mth mths month months 月 个月",
    "2W": "fortnight fortnights",
    "Q": "qtr qtrs quarter quarters 季 季度 个季度 个季",
    "Y": "y yr yrs year years 年",
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words.split()}

_TO_DATE = {
    "WTD": "wtd weektodate thisweek currentweek 本周 这周 本星期 本周以来 本周至今 周初至今 周初以来",
    "MTD": "mtd monthtodate thismonth currentmonth 本月 这个月 当月 本月以来 本月至今 月初至今 月初以来 月内",
    "QTD": "qtd quartertodate thisquarter currentquarter 本季 本季度 当季 本季以来 "
    "本季度以来 本季至今 本季度至今 季初至今 季初以来",
    "YTD": "ytd yeartodate thisyear currentyear 今年 本年 今年以来 今年至今 年初至今 年初以来 本年以来 年内",
    "MAX": "max all everything allhistory sinceinception 全部 全部历史 所有 成立以来 上市以来 有史以来 历史",
}
_WORD = {word: window for window, words in _TO_DATE.items() for word in words.split()}

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_TENS = {word: 10 * number for number, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)}
_NUMBER = {word: number for number, word in enumerate(_ENGLISH)} | _TENS | {"a": 1, "an": 1, "half": 0}
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}

_TRADITIONAL = str.maketrans("個週兩過禮來內歷這當業間無億", "个周两过礼来内历这当业间无亿")
"""Traditional characters of windows, and the simplified ones of the words above."""

_SINCE = re.compile(r"(?:since|from|自从|自|从)?\s*(.*\d.*?)\s*(?:以来|以來|起|至今|to date)?", re.I)
"""A date with words for the time since then."""

_BEFORE = re.compile(
    r"^(?:over |in |for )?(?:the )?(?:last|past|previous|trailing|recent|最近|过去|近|前|近期|近来)\s*", re.I
)
_FORMER = re.compile(r"^(?:the )?(?:last|previous|前|上)", re.I)
"""What may mean the calendar's last week or year as well as the one just passed; with a number it is the latter."""

_AFTER = re.compile(r"\s*(?:以来|之内|以内|内|来|ago|back|window)$", re.I)
_CHINESE = re.compile(r"(?:[一二两三四五六七八九]?百)?零?(?:[一二三四五六七八九]?十)?[零〇一二两三四五六七八九]?")
_COUNTED = re.compile(r"(\d{1,5}|[a-z]+|[零〇一二两三四五六七八九十百]+)?[\s-]*(\D+)", re.I)


def short(text: str) -> str:
    """The short form of *text* (``20D``, ``3M``, ``YTD``), or *text* itself, in capitals, where it is none of these."""
    word = " ".join(unicodedata.normalize("NFKC", text).strip().split())
    plain = word.casefold().translate(_TRADITIONAL).replace("迄今", "至今")
    found = _to_date(plain)
    if found is None:
        stripped = _AFTER.sub("", _BEFORE.sub("", plain))
        found = _to_date(stripped) or _counted(stripped)
        if stripped in _UNIT and _FORMER.match(plain):
            found = None
    return found or word.upper()


def since(text: str) -> str:
    """The date in *text* that says since when: ``since 2025-06-30``, ``自2025年6月30日以来``; else *text* itself."""
    found = _SINCE.fullmatch(text.strip())
    return found[1] if found else text


def parts(text: str) -> list[str]:
    """What stands between commas, semicolons or bars."""
    return re.split(r"[,;|、]", unicodedata.normalize("NFKC", text))


def _to_date(text: str) -> str | None:
    return _WORD.get(re.sub(r"[\s-]+", "", text))


def _counted(text: str) -> str | None:
    """A number and a unit; half a year is six months."""
    if re.fullmatch(r"半年|half(?:[\s-]+a)?[\s-]+year|半個年", text):
        return "6M"
    if text in ("半个月", "半月"):
        return "2W"
    match = _COUNTED.fullmatch(text)
    if match is None:
        return None
    number, unit = match[1], re.sub(r"[\s-]+", "", match[2])
    if number is not None and number.isascii() and number.isalpha():
        # A word for the number and one for the unit; a unit alone is one of it.
        if f"{number}{unit}" in _UNIT:
            number, unit = None, f"{number}{unit}"
        elif number not in _NUMBER:
            return None
    if unit not in _UNIT or (number is None and len(unit) == 1):
        return None
    count = 1 if number is None else _count(number)
    if count is None or count == 0:
        return None
    times, letter = {"Q": (3, "M"), "2W": (2, "W")}.get(_UNIT[unit], (1, _UNIT[unit]))
    return f"{times * count}{letter}"


def _count(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    if text in _NUMBER:
        return _NUMBER[text]
    if _CHINESE.fullmatch(text) is None:
        return None
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.lstrip("零").rpartition("十")
    total = 100 * _DIGITS.get(hundreds, 1) if "百" in text else 0
    total += 10 * _DIGITS.get(tens, 1) if ten else 0
    return total + (_DIGITS.get(ones, 0) if ones else 0)
