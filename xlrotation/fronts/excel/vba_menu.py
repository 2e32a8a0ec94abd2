"""The part of the VBA module that a person runs: Refresh, Status and Help, and the menu that offers them.

Excel calculates a cell again when one of its arguments changes. Ours also go out of date when the data do, so Refresh
marks exactly those cells whose formulas call our functions, or use a name that does, and calculates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_WIDTH = 100

ENTRIES: Sequence[tuple[str, str, str]] = (
    ("Refresh", "XlRotationRefresh", "Read the data again and calculate the cells that call xlrotation (Esc stops)"),
    ("Fetch", "RefreshMarketData", "Fetch what the data lack, then calculate every open workbook in full"),
    ("Status", "XlRotationStatus", "Source, newest session, stale and missing symbols"),
    ("Help", "XlRotationHelp", "What a function gives, its arguments and their units"),
)
"""Caption, macro and tip of each entry of the menu and the ribbon."""

_CODE = """Public Sub XlRotationRefresh()
    ' Esc while cells are looked for ends here with error 18. Esc while they are calculated is left to Excel, which
    ' stops between two cells and keeps the rest marked: an interrupted function would leave #VALUE! behind.
    Dim message As String
    Dim marked As Long
    Dim oldScreen As Boolean
    Dim oldCancel As Long
    Dim oldInterrupt As Long
    If ActiveWorkbook Is Nothing Then Exit Sub
    oldScreen = Application.ScreenUpdating
    oldCancel = Application.EnableCancelKey
    oldInterrupt = Application.CalculationInterruptKey
    On Error GoTo failed
    Application.EnableCancelKey = 2
    Application.CalculationInterruptKey = 1
    Application.ScreenUpdating = False
    Application.StatusBar = "xlrotation: reading the data (Esc stops)"
    XLPy.Exec "from xlrotation.fronts.excel import calls; calls.reload()"
    marked = MarkedCells(ActiveWorkbook)
    Application.StatusBar = "xlrotation: calculating " & marked & " cells (Esc stops)"
    Application.EnableCancelKey = 0
    Application.Calculate
    If Application.CalculationState <> 0 Then message = "Stopped; the cells left are calculated next time (F9)."
restored:
    On Error Resume Next
    Application.ScreenUpdating = oldScreen
    Application.EnableCancelKey = oldCancel
    Application.CalculationInterruptKey = oldInterrupt
    Application.StatusBar = False
    If message <> "" Then Told message
    Exit Sub
failed:
    message = "Not refreshed: " & Err.Description
    If Err.Number = 18 Then message = "Stopped; nothing was calculated."
    Resume restored
End Sub

Private Function MarkedCells(ByVal book As Object) As Long
    Dim sheet As Object
    Dim used As Object
    Dim formulas As Variant
    Dim ours As String
    Dim aliases As String
    Dim r As Long
    Dim c As Long
    ours = OurFunctions()
    aliases = NamesThatCall(book, ours)
    For Each sheet In book.Worksheets
        Set used = sheet.UsedRange
        formulas = used.Formula
        If IsArray(formulas) Then
            For r = LBound(formulas, 1) To UBound(formulas, 1)
                For c = LBound(formulas, 2) To UBound(formulas, 2)
                    If CallsUs(formulas(r, c), ours, aliases) Then
                        used.Cells(r - LBound(formulas, 1) + 1, c - LBound(formulas, 2) + 1).Dirty
                        MarkedCells = MarkedCells + 1
                    End If
                Next c
            Next r
        ElseIf CallsUs(formulas, ours, aliases) Then
            used.Dirty
            MarkedCells = MarkedCells + 1
        End If
    Next sheet
End Function

Private Function NamesThatCall(ByVal book As Object, ByVal ours As String) As String
    ' Names whose definitions call our functions: a cell that uses one has no call in its own formula. A name may be
    ' defined by another, so this looks until it finds no more.
    Dim item As Object
    Dim found As String
    Dim label As String
    Dim before As Long
    found = "|"
    Do
        before = Len(found)
        For Each item In book.Names
            label = UCase$(Mid$(item.Name, InStr(item.Name, "!") + 1)) & "|"
            If InStr(found, "|" & label) = 0 Then
                If CallsUs(item.RefersTo, ours, found) Then found = found & label
            End If
        Next item
    Loop While Len(found) > before
    NamesThatCall = found
End Function

Private Function CallsUs(ByVal content As Variant, ByVal ours As String, ByVal aliases As String) As Boolean
    ' Looks at each word outside of texts: a function of ours before a parenthesis, or one of the names.
    Dim text As String
    Dim letter As String
    Dim word As String
    Dim quoted As Boolean
    Dim i As Long
    If VarType(content) <> vbString Then Exit Function
    If Left$(content, 1) <> "=" Then Exit Function
    text = UCase$(content) & " "
    For i = 2 To Len(text)
        letter = Mid$(text, i, 1)
        If letter = Chr$(34) Then quoted = Not quoted
        If Not quoted Then
            If InStr(" +-*/^&=<>(),;:{}%!'@#[]" & Chr$(9) & Chr$(10) & Chr$(13) & Chr$(34), letter) = 0 Then
                word = word & letter
            ElseIf word <> "" Then
                If letter = "(" Then
                    CallsUs = InStr(ours, "|" & word & "|") > 0
                Else
                    CallsUs = InStr(aliases, "|" & word & "|") > 0
                End If
                If CallsUs Then Exit Function
                word = ""
            End If
        End If
    Next i
End Function

{names}
Public Sub XlRotationStatus()
    On Error GoTo failed
    Told TableText(Decoded(XLPy.CallUDF("udfs", "XLR_STATUS", Array(False))))
    Exit Sub
failed:
    Told "Python was not reached: " & Err.Description
End Sub

Public Sub XlRotationHelp()
    Dim wanted As String
    On Error GoTo failed
    wanted = InputBox("Name of a function, such as PX_RET:", "xlrotation", "PX_RET")
    If wanted = "" Then Exit Sub
    Told TableText(Decoded(XLPy.CallUDF("udfs", "XLR_HELP", Array(wanted, False))))
    Exit Sub
failed:
    Told "Python was not reached: " & Err.Description
End Sub

Private Function TableText(ByVal answer As Variant) As String
    Dim r As Long
    If Not IsArray(answer) Then
        TableText = "No such function; =XLR_FUNCTIONS() lists them all."
        If Not IsError(answer) Then TableText = CStr(answer)
        Exit Function
    End If
    For r = LBound(answer, 1) To UBound(answer, 1)
        TableText = TableText & answer(r, LBound(answer, 2)) & ": " & answer(r, UBound(answer, 2)) & Chr$(10)
    Next r
    TableText = Left$(TableText, 1000)
End Function

Private Sub Told(ByVal message As String)
    MsgBox message, vbInformation, "xlrotation"
End Sub

Public Sub XlRotationMenu()
    ' Excel shows it in the tab Add-ins; it goes when Excel is closed.
    Dim menu As Object
    XlRotationMenuRemove
    Set menu = Application.CommandBars("Worksheet Menu Bar").Controls.Add(10, , , , True)
    menu.Caption = "xlrotation"
{entries}
End Sub

Public Sub XlRotationMenuRemove()
    On Error Resume Next
    Application.CommandBars("Worksheet Menu Bar").Controls("xlrotation").Delete
    On Error GoTo 0
End Sub

Private Sub AddEntry(ByVal menu As Object, ByVal label As String, ByVal macro As String, ByVal tip As String)
    Dim entry As Object
    Set entry = menu.Controls.Add(1)
    entry.Caption = label
    entry.TooltipText = tip
    entry.OnAction = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!" & macro
End Sub

Public Sub XlRotationRibbon(ByVal control As Object)
    Select Case control.ID
{choices}
    End Select
End Sub

Public Sub Auto_Open()
    ' The add-in has a tab in the ribbon instead.
    If Not ThisWorkbook.IsAddin Then XlRotationMenu
End Sub

Public Sub Auto_Close()
    XlRotationMenuRemove
End Sub
"""


def render(names: Iterable[str]) -> str:
    """The procedures, for functions of these *names*."""
    entries = "\n".join(f'    AddEntry menu, "{label}", "{macro}", "{tip}"' for label, macro, tip in ENTRIES)
    choices = "\n".join(f'        Case "{macro}": {macro}' for _, macro, _ in ENTRIES)
    code = _CODE.replace("{entries}", entries).replace("{choices}", choices)
    return code.replace("{names}", _our_functions(names))


def _our_functions(names: Iterable[str]) -> str:
    """The function that tells our names, in lines that VBA can hold."""
    lines, line = [], "|"
    for name in names:
        if len(line) + len(name) > _WIDTH:
            lines.append(line)
            line = ""
        line += f"{name}|"
    lines.append(line)
    body = "\n".join(f'    OurFunctions = OurFunctions & "{line}"' for line in lines)
    return f"Private Function OurFunctions() As String\n{body}\nEnd Function\n"
