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
from xlrotation.hosts import ERROR_NUMBERS, MARK
from xlrotation.workbook.output.pdf import find_libreoffice

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
    Print #f, Shown(answer(0, 0)) & "|" & Shown(answer(0, 1)) & "|" & Shown(answer(1, 0)) & "|" & Shown(answer(1, 1))
    row(0) = ChrW({mark}) & "#NUM!"
    row(1) = True
    row(2) = "x"
    answer = Decoded(row)
    Print #f, Shown(answer(0)) & "|" & Shown(answer(1)) & "|" & Shown(answer(2))
    Print #f, {singles}
    Print #f, Shown(Decoded(2.5)) & "|" & Shown(Decoded("")) & "|" & Shown(Decoded(ChrW({mark}) & "what"))
    Close #f
    StarDesktop.terminate()
End Sub

Function Shown(ByVal value As Variant) As String
    If IsError(value) Then
        Shown = CStr(value)
    Else
        Shown = TypeName(value) & ":" & CStr(value)
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


def install(profile: Path, **modules: str) -> None:
    """Put *modules* into the library Standard of the profile."""
    folder = profile / "user" / "basic" / "Standard"
    folder.mkdir(parents=True, exist_ok=True)
    plain = 'library:name="Standard" library:readonly="false" library:passwordprotected="false">'
    elements = "".join(f'<library:element library:name="{name}"/>' for name in modules)
    for kind, content in (("script", elements), ("dialog", "")):
        (folder / f"{kind}.xlb").write_text(library("library", plain + content), "utf-8")
        link = f'<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/{kind}.xlb/"'
        whole = library("libraries", f'>{link} xlink:type="simple" library:link="false"/>')
        (folder.parent / f"{kind}.xlc").write_text(whole, "utf-8")
    for name, source in modules.items():
        attributes = (
            f'script:name="{name}" script:language="StarBasic" xmlns:script="http://openoffice.org/2000/script"'
        )
        module = f"<script:module {attributes}>{escape(source)}</script:module>"
        (folder / f"{name}.xba").write_text(f"{HEAD.format('script:module', 'module.dtd')}\n{module}", "utf-8")


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
    mark = ord(MARK)
    singles = ' & "|" & '.join(f'Shown(Decoded(ChrW({mark}) & "{error.value}"))' for error in CellError)
    main = MAIN.format(out=out, mark=mark, singles=singles)
    run(profile, "--terminate_after_init")  # makes the profile
    install(profile, Module1=f"Option VBASupport 1\nOption Explicit\n{for_libreoffice(MODULE)}{main}")
    run(profile, "macro:///Standard.Module1.Main")
    grid, row, errors, rest = out.read_text("utf-8").splitlines()
    assert grid.split("|") == ["Double:1.5", "Error 2042", "String:#N/A", "Error 2007"]
    assert row.split("|") == ["Error 2036", "Boolean:True", "String:x"]
    assert errors.split("|") == [f"Error {ERROR_NUMBERS.get(error, 2015)}" for error in CellError]
    assert rest.split("|") == ["Double:2.5", "String:", "Error 2015"]


CLASS = "Option VBASupport 1\nOption ClassModule\nOption Explicit\n"
STAND_INS = {
    "FakeApplication": """
Public ScreenUpdating As Boolean
Public EnableCancelKey As Long
Public CalculationInterruptKey As Long
Public CalculationState As Long
Public StatusBar As Variant
Public Outcome As String
Public During As String

Sub Calculate()
    During = ScreenUpdating & " " & EnableCancelKey & " " & CalculationInterruptKey & " " & StatusBar
    If Outcome = "error" Then Err.Raise 1004, "", "the sheet is busy"
    If Outcome = "esc" Then CalculationState = 2
End Sub
""",
    "FakeBook": """
Public Worksheets As Collection
Public Names As Collection
""",
    "FakeSheet": """
Public UsedRange As Object
""",
    "FakeName": """
Public Name As String
Public RefersTo As String
""",
    "FakeRange": """
Public Formula As Variant
Public Label As String

Function Cells(ByVal r As Long, ByVal c As Long) As Object
    Dim found As New FakeRange
    found.Label = Label & r & "," & c
    Set Cells = found
End Function

Sub Dirty()
    Marked = Marked & Label & ";"
End Sub
""",
    "FakePython": """
Public Executed As String
Public Outcome As String

Sub Exec(ByVal code As String)
    Executed = Executed & code
    If Outcome = "esc" Then Err.Raise 18, "", "interrupted"
    If Outcome = "error" Then Err.Raise 1000, "", "no Python"
End Sub

Function CallUDF(ByVal script As String, ByVal fname As String, ByVal arguments As Variant) As Variant
    Dim answer(0 To 1, 0 To 1) As Variant
    If Outcome = "error" Then Err.Raise 1000, "", "no Python"
    answer(0, 0) = fname
    answer(0, 1) = arguments(0)
    answer(1, 0) = "newest"
    answer(1, 1) = "2026-02-13"
    CallUDF = answer
End Function
""",
}
GLOBALS = """
Global Application As Object
Global ActiveWorkbook As Object
Global XLPy As Object
Global Marked As String
Global Message As String
"""
REFRESH = """
Sub Main
    Dim f As Integer
    Dim cases As Variant
    Dim i As Long
    f = FreeFile
    Open "{out}" For Output As #f
    cases = Array("fine", "error", "esc", "python error", "python esc")
    For i = 0 To UBound(cases)
        Set Application = New FakeApplication
        Application.ScreenUpdating = True
        Application.EnableCancelKey = 1
        Application.CalculationInterruptKey = 2
        Application.StatusBar = "mine"
        Application.Outcome = cases(i)
        Set XLPy = New FakePython
        If Left$(cases(i), 7) = "python " Then XLPy.Outcome = Mid$(cases(i), 8)
        Marked = ""
        Message = ""
        BuildBook
        XlRotationRefresh
        Print #f, cases(i) & "|" & Marked & "|" & Message & "|" & Application.During & "|" & _
            Application.ScreenUpdating & " " & Application.EnableCancelKey & " " & _
            Application.CalculationInterruptKey & " " & Application.StatusBar & "|" & XLPy.Executed
    Next i
    Set XLPy = New FakePython
    XlRotationStatus
    Print #f, Replace(Message, Chr$(10), "/")
    XlRotationHelp
    Print #f, Replace(Message, Chr$(10), "/")
    XLPy.Outcome = "error"
    XlRotationStatus
    Print #f, Message
    Set ActiveWorkbook = Nothing
    Marked = ""
    XlRotationRefresh
    Print #f, Marked & "none"
    Close #f
    StarDesktop.terminate()
End Sub

Sub BuildBook
    Dim book As New FakeBook
    Dim grid({last}, 0 To 0) As Variant
    Set book.Worksheets = New Collection
    Set book.Names = New Collection
{names}
{formulas}
    book.Worksheets.Add SheetOf("a", grid)
    book.Worksheets.Add SheetOf("b", "=PX_RET(1)")
    book.Worksheets.Add SheetOf("c", "text")
    Set ActiveWorkbook = book
End Sub

Sub AddName(ByVal book As Object, ByVal label As String, ByVal content As String)
    Dim item As New FakeName
    item.Name = label
    item.RefersTo = content
    book.Names.Add item
End Sub

Function SheetOf(ByVal label As String, ByVal content As Variant) As Object
    Dim sheet As New FakeSheet
    Dim used As New FakeRange
    used.Formula = content
    used.Label = label
    Set sheet.UsedRange = used
    Set SheetOf = sheet
End Function
"""
CALLING = [
    '=PX_RET("XLK")',
    "=1+px_ret(A1)",
    "=SUM(1,IFERROR(ROT_SECTOR_TABLE( ),0))",
    "='C:\\folder\\xlrotation.xlam'!XLR_STATUS()",
    "=OURS*2",
    "=Sheet1!Local",
    '="PX_RET("&XLR_VERSION()',
    "=@VOL_REALIZED(A1)",
]
NOT_CALLING = [
    "=SUM(A1:A9)",
    '="PX_RET(1)"',
    "=MY_PX_RET(1)",
    "=PX_RETURN(1)",
    "=PX_RET",
    "PX_RET(1)",
    "=OURSELVES",
    "=THEIRS",
    '="a ""quoted"" PX_RET("',
    "=_xldudf_PX_RET(1)",
    1.5,
    "",
]


def test_refresh_marks_our_cells_and_leaves_excel_as_it_was(tmp_path):
    """Run on stand-ins for Excel's objects: what is marked, and what is restored after errors and Esc."""
    profile, out = tmp_path / "profile", tmp_path / "out.txt"
    formulas = [*CALLING, *NOT_CALLING]

    def text(value: object) -> str:
        return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)

    names = {
        "Another": "=OURS+1",
        "OURS": '=PX_RET("XLK")',
        "Sheet1!Local": "=Another",
        "Theirs": "=SUM(A1)",
    }
    main = REFRESH.format(
        out=out,
        last=len(formulas) - 1,
        names="\n".join(f"    AddName book, {text(name)}, {text(content)}" for name, content in names.items()),
        formulas="\n".join(f"    grid({i}, 0) = {text(formula)}" for i, formula in enumerate(formulas)),
    )
    module = for_libreoffice(MODULE)
    for said, recorded in (
        ('MsgBox message, vbInformation, "xlrotation"', "Module2.Message = message"),
        ('InputBox("Name of a function, such as PX_RET:", "xlrotation", "PX_RET")', '"PX_RET"'),
    ):
        assert said in module
        module = module.replace(said, recorded)
    run(profile, "--terminate_after_init")
    install(
        profile,
        Module2=f"Option VBASupport 1\n{GLOBALS}",
        **{name: CLASS + source for name, source in STAND_INS.items()},
        Module1=f"Option VBASupport 1\nOption Explicit\n{module}{main}",
    )
    run(profile, "macro:///Standard.Module1.Main")
    *cases, status, helped, unreached, none = out.read_text("utf-8").splitlines()
    marked = "".join(f"a{i + 1},1;" for i in range(len(CALLING))) + "b;"
    before = "True 1 2 False"
    code = "from xlrotation.fronts.excel import calls; calls.reload()"
    during = f"False 0 1 xlrotation: calculating {len(CALLING) + 1} cells (Esc stops)"
    assert [case.split("|") for case in cases] == [
        ["fine", marked, "", during, before, code],
        ["error", marked, "Not refreshed: the sheet is busy", during, before, code],
        ["esc", marked, "Stopped; the cells left are calculated next time (F9).", during, before, code],
        ["python error", "", "Not refreshed: no Python", "", before, code],
        ["python esc", "", "Stopped; nothing was calculated.", "", before, code],
    ]
    assert status == "XLR_STATUS: False/newest: 2026-02-13/"
    assert helped == "XLR_HELP: PX_RET/newest: 2026-02-13/"
    assert unreached == "Python was not reached: no Python"
    assert none == "none"
