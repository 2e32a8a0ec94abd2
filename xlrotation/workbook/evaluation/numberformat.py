"""Number formats: a value as a spreadsheet shows it, which is what TEXT gives."""

from __future__ import annotations

import functools
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from xlrotation.workbook.evaluation.dateformat import _moment, _Section
from xlrotation.workbook.evaluation.values import VALUE, Fault

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)|\\(?P<escaped>.)|_(?P<room>.)|\*(?P<fill>.)
    |\[(?P<elapsed>[hH]+|[mM]+|[sS]+)\]|\[(?P<test>\s*[<>=]+\s*-?[\d.]+)\s*\]|\[\$(?P<money>[^\]-]*)(?:-[^\]]*)?\]|\[(?P<color>[^\]]*)\]
    |(?P<general>[Gg]eneral)|(?P<half>[Aa][Mm]/[Pp][Mm]|[Aa]/[Pp]|上午/下午)
    |(?P<part>[yY]+|[eE]+(?![eE+-])|[mM]+|[dD]+|[hH]+|[sS]+|[aA]{3,4}|[gG]+|[bB]+)
    |(?P<exponent>[eE][+-])|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<text>@)
    |(?P<literal>.)""",
    re.VERBOSE | re.DOTALL,
)


_PLAIN = set(" $-+():!^&'~{}=<>€£¥￥¢年月日时時分秒点，。、／－周星期第季度号個个元万亿天周岁“”‘’·°|;")


_TESTS = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


_LETTERS = frozenset("cfijkloqrtuvwxzCFIJKLOQRTUVWXZ")
"""Letters that stand for themselves without quotes."""

_GENERAL = _Section([("general", "General")])


def formatted(value: float | str, code: str, date1904: bool = False) -> str:
    """A number or text as a format shows it.

    Raises:
        Fault: The format means nothing, or the value is no day that it could show.
    """
    sections = _sections(code)
    if isinstance(value, str):
        section = sections[3] if len(sections) > 3 else sections[0] if sections[0].has("text") else None
        if section is None or not section.has("text"):
            return value if section is None else _literals(section)
        return "".join(value if kind == "text" else text for kind, text in section.tokens)
    section, minus = _chosen(sections, value)
    if section is None:
        return "#"
    shown = abs(value)
    if section.has("part", "elapsed", "half"):
        if value < 0:
            if section.has("elapsed") and (date1904 or len(section.tokens) == 1):
                return f"-{_moment(section, -value, date1904)}"
            raise Fault(VALUE)
        try:
            return _moment(section, value, date1904)
        except Fault:
            raise Fault(VALUE) from None
    if not section.tokens:
        return "-" if minus and len(sections) == 1 else ""
    if section.has("general"):
        body = "".join(general(shown) if kind == "general" else text for kind, text in section.tokens)
    elif section.has("slash") and section.has("digit"):
        body = _fraction(section, shown)
    elif section.has("text") and not section.has("digit"):
        body = "".join(general(shown) if kind == "text" else text for kind, text in section.tokens)
    else:
        body = _number(section, shown)
    return f"-{body}" if minus else body


def general(value: float) -> str:
    """A number as a cell without a format shows it where there is room: up to eleven characters."""
    if value == 0:
        return "0"
    sign, value = ("-" if value < 0 else ""), abs(value)
    if 1e-4 <= value < 1e11:
        whole = len(str(int(value)))
        text = f"{value:.{max(0, 10 - whole)}f}" if value >= 1 else f"{value:.9f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if text != "0":
            return sign + text
    mantissa, _, power = f"{value:.5e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{sign}{mantissa}E{power[0]}{abs(int(power)):02d}"


@functools.lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    sections = [_Section()]
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup or "", match[match.lastgroup or 0]
        section = sections[-1]
        if kind == "literal" and text == ";":
            sections.append(_Section())
        elif kind == "quoted":
            section.tokens.append(("literal", text[1:].removesuffix('"')))
        elif kind in ("escaped", "money"):
            section.tokens.append(("literal", text or ""))
        elif kind == "room":
            section.tokens.append(("literal", " "))
        elif kind in ("fill", "color"):
            continue
        elif kind == "test":
            text = text.replace(" ", "")
            sign = re.match(r"[<>=]+", text)
            assert sign is not None
            if sign[0] not in _TESTS:
                raise Fault(VALUE)
            section.test = sign[0], float(text[sign.end() :])
        elif kind == "literal" and text.isascii() and text.isalpha() and text not in _LETTERS:
            raise Fault(VALUE)
        else:
            section.tokens.append((kind, text))
    if len(sections) > 4 or any(map(_mixed, sections)) or any(section.has("text") for section in sections[:-1]):
        raise Fault(VALUE)
    return tuple(sections)


def _mixed(section: _Section) -> bool:
    """Whether it asks for a day, or a text, and a number at once."""
    numeric = any(kind == "digit" and text != "0" for kind, text in section.tokens)
    if section.has("text") and section.has("digit"):
        return True
    return numeric and section.has("part", "elapsed") and not section.has("slash", "exponent")


def _chosen(sections: tuple[_Section, ...], value: float) -> tuple[_Section | None, bool]:
    """The section for a number, and whether a minus has to stand before it."""
    if any(section.test for section in sections):
        for section in sections[:3]:
            if section.test is None or _TESTS[section.test[0]](value, section.test[1]):
                below = section.test is not None and section.test[0] in ("<", "<=") and section.test[1] <= 0
                return section, value < 0 and not below
        return (_GENERAL, value < 0) if len(sections) == 1 else (None, False)
    numeric = sections[:3] if len(sections) > 3 else sections
    if len(numeric) > 1 and numeric[-1].has("text") and len(sections) <= 3:
        numeric = numeric[:-1]
    if value > 0 or len(numeric) == 1:
        return numeric[0], value < 0
    if value < 0:
        return numeric[1], False
    return (numeric[2] if len(numeric) > 2 else numeric[0]), False


def _literals(section: _Section) -> str:
    return "".join(text for kind, text in section.tokens if kind == "literal")


def _number(section: _Section, value: float) -> str:
    tokens = section.tokens
    exact = Decimal(f"{value:.15g}")
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    if not places:
        return "".join(text for kind, text in tokens if kind in ("literal", "percent", "comma", "point"))
    point = next((i for i, (kind, _) in enumerate(tokens) if kind == "point"), None)
    power = next((i for i, (kind, _) in enumerate(tokens) if kind == "exponent"), None)
    body_end = len(tokens) if power is None else power
    if power is None:
        exact *= Decimal(100) ** sum(kind == "percent" for kind, _ in tokens)
    whole_end = body_end if point is None or point > body_end else point
    grouped = False
    scale = 0
    whole: list[tuple[str, str]] = []
    last_digit = max((i for i in places if i < whole_end), default=-1)
    first_digit = min((i for i in places if i < whole_end), default=len(tokens))
    for i, (kind, text) in enumerate(tokens[:whole_end]):
        if kind != "comma":
            whole.append((kind, text))
        elif first_digit < i < last_digit:
            grouped = True
        elif i > last_digit >= 0:
            scale += 1
        else:
            whole.append(("literal", text))
    fraction: list[tuple[str, str]] = []
    seen_digits = False
    for i in range(whole_end + 1, body_end):
        kind, text = tokens[i]
        if kind == "comma" and not any(j > i for j in places if j < body_end):
            scale += 1
            continue
        seen_digits = seen_digits or kind == "digit"
        fraction.append((kind, text))
    exact = exact.scaleb(-3 * scale if power is None else 0)
    decimals = sum(kind == "digit" for kind, _ in fraction)
    tail = ""
    if power is not None:
        if not exact:
            whole = [(kind, "0" if kind == "digit" else text) for kind, text in whole]
        exact, tail = _exponent(tokens[power:], exact, sum(kind == "digit" for kind, _ in whole), decimals)
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) if exact.adjusted() < 300 else exact
    digits = f"{rounded:f}"
    left, _, right = digits.partition(".")
    left = left.lstrip("0")
    right = right.ljust(decimals, "0")
    shown = _whole(whole, left, grouped)
    if point is not None and point <= body_end:
        shown += "."
    return shown + _decimals(fraction, right) + tail


def _exponent(tokens: list[tuple[str, str]], exact: Decimal, before: int, decimals: int) -> tuple[Decimal, str]:
    width = max(before, 1)
    power = 0
    if exact:
        power = exact.adjusted()
        power = power // width * width if before > 1 else power
        if before == 0:
            power += 1
        scaled = exact.scaleb(-power).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        if scaled >= Decimal(10) ** width and before:
            power += width
        exact = exact.scaleb(-power)
    sign = "-" if power < 0 else "+" if tokens[0][1].endswith("+") else ""
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"] or [len(tokens)]
    first, last = places[0], places[-1] + 1
    before_sign = "".join(text for kind, text in tokens[1:first] if kind in ("literal", "percent"))
    digits = _whole([t for t in tokens[first:last] if t[0] in ("digit", "literal", "percent")], str(abs(power)), False)
    rest = "".join(text for kind, text in tokens[last:] if kind in ("literal", "percent"))
    return exact, f"{tokens[0][1][0]}{before_sign}{sign}{digits}{rest}"


def _whole(tokens: list[tuple[str, str]], digits: str, grouped: bool) -> str:
    pieces: list[str] = []
    left = len([1 for kind, _ in tokens if kind == "digit"])
    if not left:
        return "".join(text for _, text in tokens) + digits
    count = 0
    rest = digits
    for kind, text in reversed(tokens):
        if kind != "digit":
            pieces.append(text)
            continue
        left -= 1
        taken = rest[-1:] if left else rest
        rest = rest[:-1] if left else ""
        if not taken:
            taken = "0" if text == "0" else " " if text == "?" else ""
        for mark in reversed(taken):
            if grouped and count and count % 3 == 0:
                pieces.append(" " if mark == " " else ",")
            pieces.append(mark)
            count += 1
    return "".join(reversed(pieces))


def _decimals(tokens: list[tuple[str, str]], digits: str) -> str:
    kept = len(digits.rstrip("0"))
    pieces: list[str] = []
    place = 0
    for kind, text in tokens:
        if kind != "digit":
            pieces.append(text)
            continue
        if place < kept or text == "0":
            pieces.append(digits[place])
        elif text == "?":
            pieces.append(" ")
        place += 1
    return "".join(pieces)


def _fraction(section: _Section, value: float) -> str:
    tokens = section.tokens
    slash = next(i for i, (kind, _) in enumerate(tokens) if kind == "slash")
    start = slash
    while start > 0 and tokens[start - 1][0] == "digit":
        start -= 1
    top = slash - start
    end = slash + 1
    fixed = ""
    while end < len(tokens) and (tokens[end][0] == "digit" or tokens[end][1].isdigit()):
        fixed += tokens[end][1]
        end += 1
    exact = Fraction(f"{value:.15g}")
    mixed = any(kind == "digit" for kind, _ in tokens[:start])
    whole = int(exact) if mixed else 0
    part = exact - whole
    width = end - slash - 1
    if fixed.strip("0#?") or (fixed and fixed[0].isdigit() and fixed[0] != "0"):
        bottom = int(re.sub(r"[#?]", "", fixed) or "1")
        upper = int(part * bottom + Fraction(1, 2))
    else:
        near = part.limit_denominator(10**width - 1)
        upper, bottom = near.numerator, near.denominator
    if mixed and upper == bottom and upper:
        whole, upper = whole + 1, 0
    before = tokens[:start]
    text = ""
    if mixed:
        text = _whole([t for t in before if t[0] in ("digit", "literal")], str(whole) if whole else "", False)
        if whole == 0 and upper == 0 and "0" not in text:
            text = _whole([("digit", "0")], "", False) + text.lstrip() if text.strip() == "" else text
            if not text.endswith(" "):
                text += " "
    else:
        text = "".join(t for k, t in before if k == "literal")
    after = "".join(t for k, t in tokens[end:] if k == "literal")
    if mixed and upper == 0:
        return text + " " * (top + 1 + width) + after
    return text + str(upper).rjust(top if tokens[start][1] == "?" else 0) + "/" + str(bottom).ljust(width) + after
