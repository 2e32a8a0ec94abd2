"""Setting Excel up and finding troubles, on Windows computers that are played."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import xlsxwriter

from xlrotation import cli
from xlrotation.errors import RotationError
from xlrotation.fronts import addin
from xlrotation.fronts.excel import doctor, intellisense, udfs, vba
from xlrotation.fronts.excel import setup as excel_addin
from xlrotation.fronts.excel.computer import Computer

DEFENDER, WIN32_API = doctor.BLOCKING
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Played(Computer):
    """A Windows computer: its registry, its marks of the web, and an xlwings command that installs."""

    platform: str = "win32"
    values: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    downloaded: set[str] = field(default_factory=set)
    asked: list[list[str]] = field(default_factory=list)
    refuses: bool = False

    def registry(self, key, value):
        if "ASR" in key:
            return self.rules.get(value)
        return self.values.get(key.rsplit("\\", 1)[-1] + value)

    def from_the_internet(self, path):
        return path.name in self.downloaded

    def xlwings(self, arguments):
        self.asked.append(list(arguments))
        if self.refuses:
            return "Error: Failed to install the add-in: If Excel is running, quit Excel and try again."
        self.addin_file.parent.mkdir(parents=True, exist_ok=True)
        self.addin_file.write_bytes(self.packaged_addin().read_bytes())
        return "Successfully installed the xlwings add-in!"

    def xlwings_version(self):
        return "0.37.8"

    def packaged_addin(self):
        return self.home / "package.xlam"


@pytest.fixture
def windows(tmp_path):
    """Make a computer on which everything is well once xlrotation is installed; changes as named."""

    def make(**changes):
        python = tmp_path / "env" / "Scripts" / "python.exe"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()
        python.with_name("pythonw.exe").touch()
        (python.parent / "xlwings64-0.37.8.dll").touch()
        (tmp_path / "package.xlam").write_bytes(b"the add-in")
        given = {
            "python": python,
            "base_python": tmp_path / "Python311",
            "home": tmp_path,
            "environment": {"APPDATA": str(tmp_path / "AppData")},
            "values": {
                "excel.exe": r"C:\Program Files\Microsoft Office\root\EXCEL.EXE",
                "ConfigurationPlatform": "x64",
            },
        }
        return Played(**(given | changes))

    return make


def levels(findings, level="trouble"):
    return [finding.what for finding in findings if finding.level == level]


def test_install_writes_what_excel_needs_and_says_what_to_click(windows):
    computer = windows()
    assert excel_addin.found(computer)
    told = "\n".join(excel_addin.install(computer=computer))
    assert computer.asked == [["addin", "install"]]
    for name, render in (
        ("udfs.py", udfs.render),
        ("xlrotation.bas", vba.render),
        ("xlrotation.intellisense.xml", intellisense.render),
    ):
        assert (computer.folder / name).read_bytes() == render().encode("utf-8")
    assert excel_addin.read_settings(computer) == {
        "INTERPRETER_WIN": str(computer.pythonw),
        "PYTHONPATH": str(computer.folder),
        "UDF MODULES": "udfs",
    }
    for step in ("Tools > References", "Import File", "DescribeFunctions", str(computer.folder), "addin doctor"):
        assert step in told
    assert levels(doctor.examine(None, computer)) == []


def test_install_again_changes_nothing_and_keeps_what_others_set(windows):
    computer = windows()
    computer.settings_file.parent.mkdir()
    computer.settings_file.write_text('"PYTHONPATH","C:\\mine"\n"LICENSE_KEY","x"\n', "utf-8")
    excel_addin.install(computer=computer)
    once = computer.settings_file.read_bytes()
    excel_addin.install(computer=computer)
    assert computer.settings_file.read_bytes() == once
    assert computer.asked == [["addin", "install"]]
    settings = excel_addin.read_settings(computer)
    assert settings["PYTHONPATH"] == f"C:\\mine;{computer.folder}"
    assert settings["LICENSE_KEY"] == "x"
    told = "\n".join(excel_addin.remove(computer))
    assert excel_addin.read_settings(computer) == {"PYTHONPATH": "C:\\mine", "LICENSE_KEY": "x"}
    assert not list(computer.folder.iterdir())
    assert "xlwings addin remove" in told
    assert excel_addin.remove(computer) == ["nothing of ours was set up for Excel"]


def test_an_open_excel_is_told(windows):
    told = excel_addin.install(computer=windows(refuses=True))
    assert any("quit Excel" in line for line in told)
    assert any("close Excel and run this again" in line for line in told)


def test_elsewhere_nothing_is_done_but_said(windows):
    for computer in (windows(values={}), windows(platform="linux", values={})):
        assert not excel_addin.found(computer)
        told = excel_addin.install(computer=computer)
        assert "nothing was done" in told[0]
        assert any("Tools > References" in line for line in told)
        assert not computer.asked
        assert not computer.folder.exists()


@pytest.mark.parametrize(
    ("changes", "trouble", "mend"),
    [
        ({"base_python": Path(r"C:\Program Files\WindowsApps\PythonSoftwareFoundation")}, "Store", "python.org"),
        ({"values": {"excel.exe": r"C:\Program Files\WindowsApps\Office\EXCEL.EXE"}}, "Office comes", "Uninstall"),
        ({"values": {"excel.exe": "EXCEL.EXE", "ConfigurationPlatform": "x86"}}, "Excel has 32 bits", "pip install"),
        ({"rules": {DEFENDER: "1"}}, "Office may not start other programs", "exclude"),
        ({"rules": {WIN32_API.upper(): "1"}}, "macros may not call Windows", "exclude"),
        ({"downloaded": {"xlrotation.bas"}}, "as downloaded", "Unblock"),
        ({"values": {}}, "Excel for Windows was not found", "Server"),
    ],
)
def test_each_trouble_of_the_computer_is_named_with_its_mending(windows, changes, trouble, mend):
    excel_addin.install(computer=windows())
    found = [finding for finding in doctor.examine(None, windows(**changes)) if finding.level == "trouble"]
    assert len(found) == 1
    assert trouble in found[0].what
    assert mend in found[0].mend


def test_a_rule_that_only_watches_is_no_trouble(windows):
    excel_addin.install(computer=windows())
    assert levels(doctor.examine(None, windows(rules={DEFENDER: "2"}))) == []


def test_troubles_of_an_installation(windows):
    computer = windows()
    assert [what.split(" ")[0] for what in levels(doctor.examine(None, computer))] == [
        "no",
        str(computer.settings_file),
        "udfs.py",
    ]
    excel_addin.install(computer=computer)
    computer.addin_file.write_bytes(b"older")
    (computer.folder / "udfs.py").write_text("older", "utf-8")
    computer.pythonw.unlink()
    troubles = "\n".join(levels(doctor.examine(None, computer)))
    for what in ("must have the same version", "of another version of xlrotation", "does not exist"):
        assert what in troubles
    computer.pythonw.touch()
    other = windows(python=computer.home / "other" / "python.exe", values={"excel.exe": "EXCEL.EXE"})
    assert any("this command" in what for what in levels(doctor.examine(None, other), "note"))


@pytest.mark.parametrize(
    ("folder", "note"),
    [("with space", "spaces"), ("OneDrive - Firm", "OneDrive"), ("名字", "beyond ASCII")],
)
def test_paths_that_may_make_trouble_are_noted(windows, tmp_path, folder, note):
    home = tmp_path / folder
    home.mkdir()
    (home / "package.xlam").write_bytes(b"the add-in")
    computer = windows(home=home)
    excel_addin.install(computer=computer)
    findings = doctor.examine(None, computer)
    assert any(note in what for what in levels(findings, "note"))
    assert levels(findings) == []


def book(path, *formulas):
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for row, formula in enumerate(formulas):
            sheet.write_formula(row, 0, formula)
    return path


def test_links_in_saved_formulas_are_named(windows, tmp_path):
    path = book(
        tmp_path / "linked.xlsx",
        "='C:\\Users\\me\\xlrotation.xlam'!PX_RET(\"XLK\")",
        "=1+'C:\\Users\\me\\xlrotation.xlam'!PX_RET(A1)",
        "=[1]!VOL_REALIZED(A1)",
        "=_xldudf_PX_RET(A1)",
        "=_xldudf_XLWINGS_DEV_PX_RET(A1)",
        "=SUM('my sheet'!A1,PX_RET(A1))",
        "='my sheet'!A1&PX_RET(A1)",
    )
    computer = windows()
    excel_addin.install(computer=computer)
    troubles = levels(doctor.examine(path, computer))
    assert len(troubles) == 3
    assert "2 formulas call our functions in another file, 'C:\\Users\\me\\xlrotation.xlam'!" in troubles[0]
    assert "1 formulas call our functions in another file, [1]!" in troubles[1]
    assert "2 formulas were saved with functions of xlwings Server" in troubles[2]
    for template in (ROOT / "workbooks").glob("*.xlsx"):
        assert levels(doctor.examine(template, computer)) == []


def test_workbooks_that_cannot_be_read(windows, tmp_path):
    with pytest.raises(RotationError, match="no such file"):
        doctor.examine(tmp_path / "none.xlsx", windows())
    (tmp_path / "text.xlsx").write_text("x", "utf-8")
    with pytest.raises(RotationError, match="cannot be read as a workbook"):
        doctor.examine(tmp_path / "text.xlsx", windows())
    with zipfile.ZipFile(tmp_path / "b.xlsb", "w") as package:
        package.writestr("xl/workbook.bin", b"")
    assert any("binary" in what for what in levels(doctor.examine(tmp_path / "b.xlsb", windows()), "note"))


def test_a_downloaded_workbook_is_named(windows, tmp_path):
    path = book(tmp_path / "got.xlsx", "=1")
    assert any(
        "got.xlsx as downloaded" in what for what in levels(doctor.examine(path, windows(downloaded={path.name})))
    )


def test_the_command_line(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(addin, "TARGETS", (addin.excel_addin,))
    monkeypatch.setattr(addin.excel_addin, "found", lambda *_: False)
    assert cli.main(["addin", "install"]) == 1
    assert "nothing was done" in capsys.readouterr().out
    monkeypatch.setattr(doctor, "Computer", lambda: Computer(platform="linux", home=tmp_path))
    assert cli.main(["addin", "doctor", str(book(tmp_path / "fine.xlsx", "=PX_RET(A1)"))]) == 0
    assert "no trouble found" in capsys.readouterr().out
    assert cli.main(["addin", "doctor", str(book(tmp_path / "bad.xlsx", "=[1]!PX_RET(A1)"))]) == 1
    assert "Edit Links" in capsys.readouterr().out
    assert cli.main(["addin", "doctor", str(tmp_path / "none.xlsx")]) == 2


def test_only_programs_that_are_found_are_set_up(capsys, monkeypatch):
    class Program:
        def __init__(self, title, here):
            self.TITLE, self.here = title, here

        def found(self):
            return self.here

        def install(self, settings):
            return [f"set {self.TITLE} up", *map(str, settings.items())]

        def remove(self):
            return [f"removed {self.TITLE}"]

    monkeypatch.setattr(addin, "TARGETS", (Program("One", False), Program("Two", True)))
    assert cli.main(["addin", "install"]) == 0
    assert capsys.readouterr().out.splitlines() == ["Two", "  set Two up"]
    assert cli.main(["addin", "install", "--lang", "zh"]) == 0
    assert capsys.readouterr().out.splitlines() == ["Two", "  set Two up", "  ('XLROTATION_LANG', 'zh')"]
    assert cli.main(["addin", "remove"]) == 0
    assert capsys.readouterr().out.splitlines() == ["Two", "  removed Two"]
