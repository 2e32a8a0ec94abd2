"""Formulas that show a text in the language of the cell named ``lang``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xlrotation.languages import ENGLISH, Text, known, pieces, translated

Part = str | Callable[[str], str]
"""A formula that fills a place; or what gives it for a language."""

_LONGEST = 255
"""Characters that a text within a formula may have."""


def quoted(text: str) -> str:
    """A text as a formula writes it."""
    parts = [text[place : place + _LONGEST] for place in range(0, len(text), _LONGEST)] or [""]
    return "&".join('"' + part.replace('"', '""') + '"' for part in parts)


def in_every(text: Text) -> list[str]:
    """What a cell may show of a text, whatever the language: each wording once."""
    return list(dict.fromkeys(text.into(lang) for lang in known()))


def chosen(by_language: Mapping[str, str]) -> str:
    """The expression that is *by_language*'s; the English one for a language that it lacks."""
    made = by_language[ENGLISH]
    for lang in reversed([lang for lang in by_language if lang != ENGLISH]):
        made = f'IF(lang="{lang}",{by_language[lang]},{made})'
    return made


def expression(text: Text, **parts: Part) -> str:
    """The expression that shows a text.

    Args:
        text: The text.
        **parts: What fills its places, where a formula does.
    """
    spoken = [lang for lang in known() if lang == ENGLISH or translated(lang, text.english, text.context) is not None]
    if not parts:  # a name of a symbol may stand elsewhere than among the texts
        apart = [lang for lang in known() if lang in spoken or text.into(lang) != text.into(ENGLISH)]
        return chosen({lang: quoted(text.into(lang)) for lang in apart})
    cut = {lang: _cut(text, lang, parts) for lang in spoken}
    orders = {tuple(names) for _, names in cut.values()}
    if len(orders) > 1 or any(map(callable, parts.values())):  # the whole, where words stand in another order
        return chosen(
            {lang: _joined([quoted(word) for word in cut[lang][0]], cut[lang][1], lang, parts) for lang in spoken}
        )
    words = []
    for same in zip(*(cut[lang][0] for lang in spoken), strict=True):
        by_language = dict(zip(spoken, map(quoted, same), strict=True))
        words.append(by_language[ENGLISH] if len(set(same)) == 1 else chosen(by_language))
    return _joined(words, cut[ENGLISH][1], ENGLISH, parts)


def _cut(text: Text, lang: str, parts: Mapping[str, Part]) -> tuple[list[str], list[str]]:
    """The words of a text between the places that formulas fill, and the names of these places."""
    words, names, values = [""], [], dict(text.values)
    for before, name, _ in pieces(text.template(lang)):
        words[-1] += before
        if name in parts:
            names.append(str(name))
            words.append("")
        elif name is not None:
            value = values[name]
            words[-1] += value.into(lang) if isinstance(value, Text) else str(value)
    return words, names


def _joined(words: list[str], names: list[str], lang: str, parts: Mapping[str, Part]) -> str:
    made = [words[0]]
    for name, word in zip(names, words[1:], strict=True):
        part = parts[name]
        made += [part if isinstance(part, str) else part(lang), word]
    return "&".join(piece for piece in made if piece != '""')
