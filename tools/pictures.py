"""Make the pictures of front pages that docs and README show: ``make pictures``; ``--check`` says which are stale.

A picture is the first page of the PDF that ``xlrotation export --pdf`` makes of a committed workbook on sample data.
It carries the digest of the workbook that it was made of, so that it cannot go stale unseen. Needed are LibreOffice,
pdftoppm (Debian: poppler-utils) and a font for Chinese (Debian: fonts-noto-cjk); the check needs none of them.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from xlrotation import jobs
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import ENGLISH, known

ROOT = Path(__file__).parents[1]
BOOKS, PICTURES = ROOT / "workbooks", ROOT / "docs" / "images"
FINE, STALE, CANNOT = 0, 1, 2

_DIGEST = "Workbook"
"""The name of the digest among a picture's texts."""

_DOTS = 110
"""Dots of an inch: a page is 910 wide."""

_LINK = re.compile(r"images/([\w-]+\.png)")


def digest(book: Path) -> str:
    """What a workbook's parts say, however they are packed."""
    made = hashlib.sha256()
    with zipfile.ZipFile(book) as archive:
        for name in sorted(archive.namelist()):
            made.update(name.encode() + b"\0" + hashlib.sha256(archive.read(name)).digest())
    return made.hexdigest()


def pictures() -> Iterator[tuple[Path, Path, str]]:
    """Each picture that there should be, with its workbook and language."""
    for book in sorted(BOOKS.glob("*.xlsx")):
        for lang in known():
            name = book.stem if lang == ENGLISH else f"{book.stem}_{lang}"
            yield PICTURES / f"{name}.png", book, lang


def stale() -> list[str]:
    """What is wrong with the pictures, as sentences."""
    wanted = {picture: book for picture, book, _ in pictures()}
    found = [
        f"{picture.relative_to(ROOT)}: is of another {book.name}"
        for picture, book in wanted.items()
        if _carried(picture) != digest(book)
    ]
    found += [f"{p.relative_to(ROOT)}: is of no workbook" for p in sorted(PICTURES.glob("*.png")) if p not in wanted]
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        missing = {name for name in _LINK.findall(page.read_text("utf-8")) if PICTURES / name not in wanted}
        found += [f"{page.relative_to(ROOT)}: shows {name}, which is no picture of a workbook" for name in missing]
    return found


def _carried(picture: Path) -> str | None:
    try:
        with Image.open(picture) as image:
            text = image.info.get(_DIGEST)
    except OSError:
        return None
    return text if isinstance(text, str) else None


def make(names: Sequence[str] = ()) -> list[str]:
    """Make the stale pictures, or those of some workbooks; returns why some could not be."""
    troubles = []
    for picture, book, lang in pictures():
        if book.stem in names or (not names and _carried(picture) != digest(book)):
            with tempfile.TemporaryDirectory(prefix="xlrotation-pictures-") as folder:
                report = jobs.export(book, Path(folder), Session("sample"), pdf=True, lang=lang)
                if report.lacking:
                    troubles += [f"{picture.name}: {sentence}" for sentence in report.lacking]
                    continue
                _draw(Path(folder) / f"{book.stem}.pdf", picture, digest(book))
                print(picture.relative_to(ROOT))
    return troubles


def _draw(pdf: Path, picture: Path, told: str) -> None:
    """The first page as a picture, without the paper's margins."""
    command = [
        "pdftoppm",
        "-r",
        str(_DOTS),
        "-f",
        "1",
        "-l",
        "1",
        "-png",
        "-singlefile",
        str(pdf),
        str(pdf.with_suffix("")),
    ]
    subprocess.run(command, check=True, timeout=120)
    with Image.open(pdf.with_suffix(".png")) as image:
        info = PngInfo()
        info.add_text(_DIGEST, told)
        image.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(picture, optimize=True, pnginfo=info)


def main(arguments: Sequence[str]) -> int:
    """Make or check; returns the exit status."""
    if "--check" in arguments:
        for sentence in (found := stale()):
            print(f"{sentence}; run: make pictures")
        return STALE if found else FINE
    if shutil.which("pdftoppm") is None:
        print("pdftoppm is not installed (Debian: poppler-utils)", file=sys.stderr)
        return CANNOT
    for trouble in (troubles := make(arguments)):
        print(trouble, file=sys.stderr)
    return CANNOT if troubles else FINE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
