"""Render a workbook to PDF with LibreOffice.

LibreOffice reads what somebody else may have made. It works with a profile of its own in which macros, links to other
files and the network are shut off, may write no huge file, is ended with all its helpers when its time is up or this
process goes, and what it leaves counts only if it is a whole PDF.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from xlrotation import files, guard
from xlrotation.errors import RotationError
from xlrotation.outside import printable
from xlrotation.workbook.output.fonts import substitutes

TIMEOUT_SECONDS = 180

_LARGEST = 2**30
"""Bytes of the largest file that LibreOffice may write."""

_TAIL = 1024
"""The end mark stands in so many last bytes of a PDF (PDF 32000-1, Annex H, note 18)."""

_NO_PROXY = "127.0.0.1"

_SHUT = {
    "Office.Common/Security/Scripting": {
        "MacroSecurityLevel": ("int", "3"),
        "DisableMacrosExecution": ("boolean", "true"),
        "DisablePythonRuntime": ("boolean", "true"),
        "DisableActiveContent": ("boolean", "true"),
        "DisableOLEAutomation": ("boolean", "true"),
        "BlockUntrustedRefererLinks": ("boolean", "true"),
    },
    "Office.Calc/Content/Update": {"Link": ("short", "2")},
    "Inet/Settings": {
        "ooInetProxyType": ("int", "2"),
        "ooInetHTTPProxyName": ("string", _NO_PROXY),
        "ooInetHTTPProxyPort": ("int", "9"),
        "ooInetHTTPSProxyName": ("string", _NO_PROXY),
        "ooInetHTTPSProxyPort": ("int", "9"),
        "ooInetNoProxy": ("string", ""),
    },
}
"""Settings of the profile: no macros, links never updated, and a proxy that nobody answers."""


class NoLibreOffice(RotationError):
    """LibreOffice is not installed, or it made no PDF."""


def find_libreoffice() -> str | None:
    """The path of LibreOffice's program; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def render_pdf(
    workbook: Path | str, folder: Path | str, timeout: float = TIMEOUT_SECONDS, fonts: Sequence[str] = ()
) -> Path:
    """Write ``folder/NAME.pdf`` from a workbook.

    Each job has a LibreOffice profile of its own, so jobs can run side by side.

    Args:
        workbook: The workbook.
        folder: Where the PDF goes.
        timeout: Seconds that it may take.
        fonts: What is taken first where Excel's usual fonts are missing.

    Raises:
        NoLibreOffice: LibreOffice is missing, took too long, or wrote no whole PDF.
        RotationError: There is no such workbook, or the PDF cannot be written.
    """
    program = find_libreoffice()
    if program is None:
        raise NoLibreOffice("LibreOffice is not installed; install it (Debian: libreoffice-calc) or leave out --pdf")
    workbook, folder = Path(workbook).resolve(), Path(folder).resolve()
    if not workbook.is_file():
        raise RotationError(f"{workbook}: no such file")
    with guard.scratch("xlrotation-pdf-") as job:
        out, profile = job / "out", job / "profile"
        make_profile(profile)
        drawn = workbook
        if (name := files.plain_name(workbook)) != workbook.name:
            drawn = job / name
            shutil.copyfile(workbook, drawn)
        command = [
            *(program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo"),
            *("--convert-to", "pdf:calc_pdf_Export", "--outdir", str(out), str(drawn)),
        ]
        try:
            done = guard.run(command, timeout, surroundings(job, fonts), _LARGEST)
        except TimeoutError:
            raise NoLibreOffice(f"LibreOffice took more than {timeout:g} s over {workbook.name}; try again") from None
        except OSError as error:
            raise NoLibreOffice(f"LibreOffice cannot be started ({error.strerror or error}); install it anew") from None
        made = out / f"{drawn.stem}.pdf"
        if not _is_whole(made):
            said = "what it wrote is none, or a part of one; " if os.path.lexists(made) else ""
            said += printable(done.said[-200:]) or f"it gave no reason, exit status {done.status}"
            raise NoLibreOffice(f"LibreOffice made no PDF of {workbook.name}: {said}")
        return _put(made, folder / f"{workbook.stem}.pdf")


def make_profile(profile: Path, recalculate: bool = False) -> None:
    """Make a profile for LibreOffice in which all is shut off that reaches out of the document.

    Args:
        profile: The folder that becomes the profile.
        recalculate: Compute every formula anew, instead of showing the values that are stored.
    """
    load = {"Office.Calc/Formula/Load": {"OOXMLRecalcMode": ("int", "0" if recalculate else "1")}}
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse" oor:type="xs:{kind}">'
        f"<value>{value}</value></prop></item>"
        for path, settings in (_SHUT | load).items()
        for name, (kind, value) in settings.items()
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>\n",
        "utf-8",
    )


def surroundings(job: Path, fonts: Sequence[str] = ()) -> dict[str, str]:
    """The environment of LibreOffice: temporary files of the job, no proxy of ours, and fonts that fit."""
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy")
    ours = {name: value for name, value in guard.working_below(job).items() if name.lower() not in proxies}
    ours |= substitutes(job, fonts)
    return ours | dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), f"http://{_NO_PROXY}:9")


def _is_whole(made: Path) -> bool:
    """Whether a file begins and ends as a PDF does."""
    try:
        if made.is_symlink() or not made.is_file():
            return False
        with made.open("rb") as file:
            head = file.read(5)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            return head == b"%PDF-" and file.read().rstrip(b"\0 \t\r\n").endswith(b"%%EOF")
    except OSError:
        return False


def _put(made: Path, target: Path) -> Path:
    """Copy a finished file to its place, whole or not at all."""
    try:
        with made.open("rb") as source, files.replacing(target) as file:
            shutil.copyfileobj(source, file)
    except OSError as error:
        raise RotationError(
            f"{target}: cannot be written ({error.strerror or error}); close it and try again"
        ) from None
    return target
