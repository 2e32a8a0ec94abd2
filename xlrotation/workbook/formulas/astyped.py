"""Formulas as people type and paste them: full-width marks and curly quotes put as a spreadsheet reads them.

A cell refuses such marks, or mends them while they are typed; a formula that is given as a text goes past that.
"""

from __future__ import annotations

_CURLY = "\u201c\u201d\u201e\u201f\u301d\u301e\uff02"
"""Curly quotes, those of East Asian texts, and the full-width one."""

_MARKS = {
    **{0xFEE0 + code: chr(code) for code in range(0x21, 0x7F) if chr(code) not in "\"'"},
    ord("\u3000"): " ",
    ord("≥"): ">=",
    ord("≧"): ">=",
    ord("≤"): "<=",
    ord("≦"): "<=",
    ord("≠"): "<>",
    ord("\u2212"): "-",
}


def as_typed(text: str) -> str:
    """*text* with plain marks in the place of full-width ones, and with straight quotes around its texts.

    What stands within straight quotes, and in the quotes of a sheet's name, stays as it is.
    """
    if text.isascii():
        return text
    found: list[str] = []
    place = 0
    while place < len(text):
        mark = text[place]
        if mark in "\"'":
            end = text.find(mark, place + 1)
            end = len(text) if end < 0 else end + 1
            found.append(text[place:end])
        elif mark in _CURLY:
            end = next((at for at in range(place + 1, len(text)) if text[at] in _CURLY), -1) + 1
            if end == 0:  # a quote that is not closed is for the reader of formulas to tell
                end = len(text)
                found.append(text[place:end])
            else:
                within = text[place + 1 : end - 1].replace('"', '""')
                found.append(f'"{within}"')
        else:
            end = place + 1
            found.append(mark.translate(_MARKS))
        place = end
    return "".join(found)
