"""Numbers in words, in English and Chinese."""

from __future__ import annotations

import re

_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_WORDS = {word: value for value, word in enumerate(_UNITS, 1)} | {
    word: value for value, word in enumerate(_ORDINALS, 1)
}
_WORDS |= {"a": 1, "an": 1, "both": 2, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}

CARDINAL = "(?:" + "|".join(sorted((*_UNITS, "thirty", "forty", "fifty"), key=len, reverse=True)) + ")"
ORDINAL = "(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + r"|\d{1,3}(?:st|nd|rd|th))"
CHINESE = "[零一二三四五六七八九十百两]{1,5}"
COUNT = rf"(?:\d{{1,4}}|{CARDINAL}|{CHINESE})"


def number(text: str) -> float | None:
    """The number that a word, a Chinese numeral or digits mean."""
    bare = text.strip().replace(",", "")
    if re.fullmatch(r"\d+(?:\.\d+)?", bare):
        return float(bare)
    if re.fullmatch(r"\d{1,3}(?:st|nd|rd|th)", bare):
        return float(bare[:-2])
    if bare in _WORDS:
        return float(_WORDS[bare])
    return _chinese(bare)


def _chinese(text: str) -> float | None:
    if not text or any(character not in _DIGITS and character not in "十百" for character in text):
        return None
    total = current = 0
    for character in text:
        if character == "十":
            total, current = total + (current or 1) * 10, 0
        elif character == "百":
            total, current = total + (current or 1) * 100, 0
        else:
            current = _DIGITS[character]
    return float(total + current)
