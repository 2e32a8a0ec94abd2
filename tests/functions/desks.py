"""A desk's folder with lists of its own, and who is in them."""

from __future__ import annotations

from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session


def folder_desk(folder, prices, lists, **files):
    """A session on a folder with prices, ``universes.csv`` and further tables."""
    for name, text in {"prices": prices, "universes": lists, **files}.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return Session(f"folder:{folder}", lang="en")


def members(session, universe, asof=None):
    found = session.call("UNI_MEMBERS", universe, asof, False)
    return found if isinstance(found, CellError) else [row[0] for row in found]
