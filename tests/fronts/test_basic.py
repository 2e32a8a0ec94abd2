"""The generated VBA module run by LibreOffice, whose Basic reads VBA: it compiles, and makes real error values."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from xlrotation.errors import CellError
from xlrotation.fronts import calls
from xlrotation.workbook.pdf import find_libreoffice

pytestmark = pytest.mark.skipif(
    os.name != "posix" or (find_libreoffice() is None and not os.environ.get("XLROTATION_NEED_LIBREOFFICE")),
    reason="needs LibreOffice on Linux or macOS",
)

MODULE = (Path(__file__).parents[2] / "vba" / "xlrotation.bas").read_bytes().decode("ascii").replace("\r\n", "\n")
TYPE = '<!DOCTYPE {0} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{1}">'
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n{TYPE}'
MAIN = """
Sub Main
    Dim grid(0 To 1, 0 To 1) As Variant
    Dim row(0 To 2) As Variant
    Dim answer As Variant
    Dim f As Integer
    f = FreeFile
    Open "{out}" For Output As #f
    grid(0, 0) = 1.5
    grid(0, 1) = ChrW({mark}) & "#N/A"
    grid(1, 0) = "#N/A"
    grid(1, 1) = ChrW({mark}) & "#DIV/0!"
    answer = Decoded(grid)
    Print #f, Told(answer(0, 0)) & "|" & Told(answer(0, 1)) & "|" & Told(answer(1, 0)) & "|" & Told(answer(1, 1))
    row(0) = ChrW({mark}) & "#NUM!"
    row(1) = True
    row(2) = "x"
    answer = Decoded(row)
    Print #f, Told(answer(0)) & "|" & Told(answer(1)) & "|" & Told(answer(2))
    Print #f, {singles}
    Print #f, Told(Decoded(2.5)) & "|" & Told(Decoded("")) & "|" & Told(Decoded(ChrW({mark}) & "what"))
    Close #f
    StarDesktop.terminate()
End Sub

Function Told(ByVal value As Variant) As String
    If IsError(value) Then
        Told = CStr(value)
    Else
        Told = TypeName(value) & ":" & CStr(value)
    End If
End Function
"""


def for_libreoffice(text: str) -> str:
    """The module without what LibreOffice's Basic lacks: conditional compilation, and ``base`` as a name."""
    lines = [line for line in text.split("\n") if not line.startswith(("Attribute ", "#Const ", "Option "))]
    text = re.sub(r'#If App = "Microsoft Excel" Then\n(.*?)#Else\n.*?#End If\n', r"\1", "\n".join(lines), flags=re.S)
    assert "#If" not in text
    return re.sub(r'"[^"]*"|\bbase\b', lambda found: "base1" if found[0] == "base" else found[0], text)


def library(name: str, body: str) -> str:
    xmlns = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{HEAD.format(f'library:{name}', f'{name}.dtd')}\n<library:{name} {xmlns} {body}</library:{name}>"


def install(profile: Path, source: str) -> None:
    """Put *source* into the profile as the module Standard.Module1."""
    folder = profile / "user" / "basic" / "Standard"
    folder.mkdir(parents=True, exist_ok=True)
    plain = 'library:name="Standard" library:readonly="false" library:passwordprotected="false">'
    for kind, content in (("script", '<library:element library:name="Module1"/>'), ("dialog", "")):
        (folder / f"{kind}.xlb").write_text(library("library", plain + content), "utf-8")
        link = f'<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/{kind}.xlb/"'
        whole = library("libraries", f'>{link} xlink:type="simple" library:link="false"/>')
        (folder.parent / f"{kind}.xlc").write_text(whole, "utf-8")
    attributes = 'script:name="Module1" script:language="StarBasic" xmlns:script="http://openoffice.org/2000/script"'
    module = f"<script:module {attributes}>{escape(source)}</script:module>"
    (folder / "Module1.xba").write_text(f"{HEAD.format('script:module', 'module.dtd')}\n{module}", "utf-8")


def run(profile: Path, *arguments: str) -> None:
    """Run LibreOffice; one that stops at an error in the Basic code is ended with all that it started."""
    command = [find_libreoffice() or "soffice", "--headless", "--norestore", "--nologo"]
    process = subprocess.Popen(
        [*command, f"-env:UserInstallation={profile.as_uri()}", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        pytest.fail("LibreOffice stopped at the module: it does not compile")


def test_the_module_compiles_and_turns_marked_names_into_errors(tmp_path):
    profile, out = tmp_path / "profile", tmp_path / "out.txt"
    mark = ord(calls.MARK)
    singles = ' & "|" & '.join(f'Told(Decoded(ChrW({mark}) & "{error.value}"))' for error in CellError)
    main = MAIN.format(out=out, mark=mark, singles=singles)
    run(profile, "--terminate_after_init")  # makes the profile
    install(profile, f"Option VBASupport 1\nOption Explicit\n{for_libreoffice(MODULE)}{main}")
    run(profile, "macro:///Standard.Module1.Main")
    grid, row, errors, rest = out.read_text("utf-8").splitlines()
    assert grid.split("|") == ["Double:1.5", "Error 2042", "String:#N/A", "Error 2007"]
    assert row.split("|") == ["Error 2036", "Boolean:True", "String:x"]
    assert errors.split("|") == [f"Error {calls.ERROR_NUMBERS[error]}" for error in CellError]
    assert rest.split("|") == ["Double:2.5", "String:", "Error 2015"]
