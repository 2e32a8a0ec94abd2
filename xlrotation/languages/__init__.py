"""The languages that are spoken: English in the code, every further one in one file.

A text that a reader sees is a :class:`Text`: its English words, written where they are used. ``zh.po`` beside this
module, and any further ``*.po``, holds the same texts in another language, in the format that translators' programs
read. A text that a file lacks is shown in English.
"""

from __future__ import annotations

from xlrotation.languages.catalogues import ENGLISH, known, language, locale, spoken, told_as, translated
from xlrotation.languages.places import pieces
from xlrotation.languages.texts import NO_TEXT, Items, Text, alternatives, listed, remarks

__all__ = [
    "ENGLISH",
    "NO_TEXT",
    "Items",
    "Text",
    "alternatives",
    "known",
    "language",
    "listed",
    "locale",
    "pieces",
    "remarks",
    "spoken",
    "told_as",
    "translated",
]
