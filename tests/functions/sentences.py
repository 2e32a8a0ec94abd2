"""What the audit reads out of a sentence."""

from __future__ import annotations

from xlrotation.functions.auditing import binding


def formulas(text, book, day):
    """The first formula of each figure that is a measurement."""
    read = binding.read(text, book, day)
    return [one.readings[0].formula for one in read.bound if one.figure.kind == "measurement" and one.readings]


def measurements(text, book, day):
    """The figures that are taken for measurements, as printed."""
    read = binding.read(text, book, day)
    return [text[one.figure.start : one.figure.end] for one in read.bound if one.figure.kind == "measurement"]
