"""Render a workbook to PDF with LibreOffice."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from xlrotation.errors import RotationError

TIMEOUT_SECONDS = 180


class NoLibreOffice(RotationError):
    """LibreOffice is not installed, or it made no PDF."""


def find_libreoffice() -> str | None:
    """The path of LibreOffice's program; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def render_pdf(workbook: Path | str, folder: Path | str, timeout: float = TIMEOUT_SECONDS) -> Path:
    """Write ``folder/NAME.pdf`` from a workbook.

    Each job has a LibreOffice profile of its own, so jobs can run side by side.

    Raises:
        NoLibreOffice: LibreOffice is missing, took too long, or wrote nothing.
        RotationError: There is no such workbook.
    """
    program = find_libreoffice()
    if program is None:
        raise NoLibreOffice("LibreOffice is not installed; install it (Debian: libreoffice-calc) or leave out --pdf")
    workbook, folder = Path(workbook).resolve(), Path(folder).resolve()
    if not workbook.is_file():
        raise RotationError(f"{workbook}: no such file")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="xlrotation-pdf-", ignore_cleanup_errors=True) as job:
        out = Path(job) / "out"
        command = [
            *(program, f"-env:UserInstallation={(Path(job) / 'profile').as_uri()}", "--headless", "--norestore"),
            *("--convert-to", "pdf:calc_pdf_Export", "--outdir", str(out), str(workbook)),
        ]
        said = _run(command, timeout, workbook.name)
        made = out / f"{workbook.stem}.pdf"
        if not made.exists() or made.stat().st_size == 0:
            raise NoLibreOffice(f"LibreOffice made no PDF of {workbook.name}: {said[-200:] or 'it gave no reason'}")
        return _put(made, folder / made.name)


def _run(command: Sequence[str], timeout: float, name: str) -> str:
    """Run LibreOffice; returns what it said. On a time-out its helper processes end too."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
    )
    try:
        said, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise NoLibreOffice(f"LibreOffice took more than {timeout:g} s over {name}; try again") from None
    finally:
        if process.poll() is None:
            _end(process)
    return said.strip()


def _end(process: subprocess.Popen[str]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def _put(made: Path, target: Path) -> Path:
    """Move a finished file into its folder, whole or not at all."""
    temporary = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        shutil.move(made, temporary)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RotationError(
            f"{target}: cannot be written ({error.strerror or error}); close it and try again"
        ) from None
    return target
