"""A text that a reader sees, and how its places are filled.

A place is ``{name}`` or ``{name:format}``. Beside Python's formats there are, for numbers: ``%`` a signed percentage,
``a`` the size, ``pp`` hundred times the size, ``n`` the size as a whole number; ``?a|b`` chooses a where the number is
not negative and b where it is; ``#a|b`` chooses by the plural form that the language has for the number.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from xlrotation.errors import BadArgument
from xlrotation.languages.catalogues import ENGLISH, known, plural, translated
from xlrotation.languages.places import pieces


@dataclass(frozen=True, slots=True)
class Text:
    """A text, told in any language.

    Attributes:
        english: The text in English, by which translations are found.
        context: What sets it apart from another text of the same words.
        values: What fills its places, where that is known; texts among them are told in the same language.
    """

    english: str
    context: str = ""
    values: tuple[tuple[str, object], ...] = ()

    def of(self, **values: object) -> Text:
        """This text with what fills its places."""
        return replace(self, values=(*self.values, *values.items()))

    def template(self, lang: str) -> str:
        """The text in *lang*, its places open; in English where *lang* lacks it."""
        return translated(lang, self.english, self.context) or self.english

    def into(self, lang: str, **values: object) -> str:
        """The text in *lang*; in English where *lang* lacks it.

        Args:
            lang: Code of a language.
            **values: What fills its places.
        """
        found = translated(lang, self.english, self.context)
        lang, template = (ENGLISH, self.english) if found is None else (lang, found)
        filled = {**dict(self.values), **values}
        if not filled:
            return template
        parts = []
        for words, name, form in pieces(template):
            parts.append(words)
            if name is not None:
                parts.append(_filled(filled[name], form, lang))
        return "".join(parts)

    def anywhere(self) -> Iterator[str]:
        """The text in each language, English first, to be compared with what is typed; files are read one by one."""
        for lang in known():
            with contextlib.suppress(BadArgument):  # a file that is none disturbs its own language alone
                yield self.into(lang)

    def __str__(self) -> str:
        return self.into(ENGLISH)

    def __call__(self) -> str:
        """The text in English: so an error may carry it as its message, and whoever shows it choose the language."""
        return str(self)


_COMMA, _SEMICOLON = Text(", ", "between the items of a list"), Text("; ", "between remarks")
_OR = Text(" or ", "between two choices")
_POINT, _THOUSANDS = Text(".", "decimal point"), Text(",", "between thousands")


NO_TEXT = Text("")


@dataclass(frozen=True, slots=True)
class Items:
    """Items in one line.

    Attributes:
        items: The items; texts among them are told in the language of the line.
        between: What stands between two.
        last: What stands before the last one.
    """

    items: tuple[object, ...]
    between: Text
    last: Text

    def into(self, lang: str) -> str:
        """The line in *lang*."""
        told = [_filled(item, "", lang) for item in self.items]
        ended = [*told[:-2], self.last.into(lang).join(told[-2:])]
        return self.between.into(lang).join(ended)

    def __str__(self) -> str:
        return self.into(ENGLISH)


def listed(items: Iterable[object]) -> Items:
    """Items of a list."""
    return Items(tuple(items), _COMMA, _COMMA)


def remarks(items: Iterable[object]) -> Items:
    """Remarks one after the other."""
    return Items(tuple(items), _SEMICOLON, _SEMICOLON)


def alternatives(items: Iterable[object]) -> Items:
    """Items to choose from."""
    return Items(tuple(items), _COMMA, _OR)


def _filled(value: object, form: str, lang: str) -> str:
    if isinstance(value, Text | Items):
        return value.into(lang)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return form[1:].rpartition("|")[2] if form[:1] in ("?", "#") else format(value, form)
    if form.startswith("?"):
        first, _, second = form[1:].partition("|")
        return first if value >= 0 else second
    if form.startswith("#"):
        forms = form[1:].split("|")
        return forms[min(plural(lang)(abs(round(value))), len(forms) - 1)]
    return _marked(_number(value, form), lang)


def _number(value: float, form: str) -> str:
    match form:
        case "%":
            return f"{value:+.2%}"
        case "a":
            return f"{abs(value):.2f}"
        case "pp":
            return f"{abs(value) * 100:.2f}"
        case "n":
            return f"{abs(value):.0f}"
    return format(value, form)


def _marked(number: str, lang: str) -> str:
    """A number with the marks of a language."""
    point, thousands = _POINT.into(lang), _THOUSANDS.into(lang)
    return number if (point, thousands) == (".", ",") else number.translate({ord("."): point, ord(","): thousands})
