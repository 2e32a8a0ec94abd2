"""Render a workbook to PDF with LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from xlrotation.errors import RotationError

TIMEOUT_SECONDS = 180


class NoLibreOffice(RotationError):
    """LibreOffice is not installed, or it made no PDF."""


def find_libreoffice() -> str | None:
    """The path of LibreOffice's program; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def render_pdf(workbook: Path | str, folder: Path | str) -> Path:
    """Write ``folder/NAME.pdf`` from a workbook.

    Each job has a LibreOffice profile of its own, so jobs can run side by side.

    Raises:
        NoLibreOffice: LibreOffice is missing, took too long, or wrote nothing.
    """
    program = find_libreoffice()
    if program is None:
        raise NoLibreOffice("LibreOffice is not installed; install it (Debian: libreoffice-calc) or leave out --pdf")
    workbook, folder = Path(workbook).resolve(), Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="xlrotation-pdf-") as profile:
        out = Path(profile) / "out"
        command = [
            *(program, f"-env:UserInstallation={(Path(profile) / 'profile').as_uri()}", "--headless", "--norestore"),
            *("--convert-to", "pdf:calc_pdf_Export", "--outdir", str(out), str(workbook)),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise NoLibreOffice(
                f"LibreOffice took more than {TIMEOUT_SECONDS} s over {workbook.name}; try again"
            ) from None
        made = out / f"{workbook.stem}.pdf"
        if not made.exists() or made.stat().st_size == 0:
            said = (done.stderr or done.stdout).strip()[-200:]
            raise NoLibreOffice(f"LibreOffice made no PDF of {workbook.name}: {said or 'it gave no reason'}")
        target = folder / made.name
        shutil.move(made, target)
    return target
