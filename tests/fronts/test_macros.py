"""Workbooks and the add-in that bring macros along, read by others: olefile, olevba, openpyxl, LibreOffice."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import olefile
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fronts.com import MODULE
from tests.workbook.parts import first_difference
from xlrotation import cli
from xlrotation.fronts.excel import compound, macros, ribbon, vba_project
from xlrotation.functions.boundary.session import Session
from xlrotation.workbook.evaluation.evaluate import evaluate_workbook
from xlrotation.workbook.output.pdf import find_libreoffice

ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "workbooks").glob("*.xlsx"))
READ = """
import json, sys
from oletools.olevba import VBA_Parser
parser = VBA_Parser(sys.argv[1])
print(json.dumps({name: code for _, _, name, code in parser.extract_macros()}))
"""


def decompressed(data: bytes) -> bytes:
    """A compressed container read as [MS-OVBA] 2.4.1.3 says."""
    assert data[0] == 1
    out, place = bytearray(), 1
    while place < len(data):
        (head,) = struct.unpack_from("<H", data, place)
        assert head >> 12 & 7 == 3
        end, start = place + (head & 0xFFF) + 3, len(out)
        place += 2
        if not head & 0x8000:
            out += data[place:end]
            place = end
        while place < end:
            flags = data[place]
            place += 1
            for bit in range(8):
                if place >= end:
                    break
                if not flags >> bit & 1:
                    out.append(data[place])
                    place += 1
                    continue
                (token,) = struct.unpack_from("<H", data, place)
                place += 2
                bits = 4
                while 1 << bits < len(out) - start:
                    bits += 1
                length, offset = (token & (0xFFFF >> bits)) + 3, (token >> (16 - bits)) + 1
                assert offset <= len(out) - start
                for _ in range(length):
                    out.append(out[-offset])
    return bytes(out)


@given(st.lists(st.sampled_from([b"a", b"ab", b"PX_RET(", b"\r\n", b"Optional ", b"x" * 700, b"\xff"])).map(b"".join))
def test_what_is_compressed_is_read_again(data):
    assert decompressed(vba_project.compressed(data)) == data


def test_compression_at_the_ends_of_chunks():
    for data in (b"a" * 4096, b"a" * 4097, bytes(range(256)) * 40, MODULE.encode()):
        packed = vba_project.compressed(data)
        assert decompressed(packed) == data
    assert len(packed) < len(MODULE) / 3
    noise = random.Random(1).randbytes(4096 * 2)
    assert decompressed(vba_project.compressed(noise)) == noise


def decrypted(text: str, identifier: str) -> bytes:
    """A protection field read as [MS-OVBA] 2.4.3.3 says."""
    data = bytes.fromhex(text)
    seed, version, key = data[0], data[0] ^ data[1], data[0] ^ data[2]
    assert version == 2
    assert key == sum(identifier.encode()) & 0xFF
    plain, before, previous, out = key, data[1], data[2], bytearray()
    for byte in data[3:]:
        out.append(byte ^ ((before + plain) & 0xFF))
        plain, before, previous = out[-1], previous, byte
    ignored = (seed & 6) // 2
    (length,) = struct.unpack_from("<I", out, ignored)
    assert len(out) == ignored + 4 + length
    return bytes(out[ignored + 4 :])


def test_protection_fields_are_read_as_those_of_excel():
    """The fields of a workbook that Excel saved (quickstart_standalone.xlsm of xlwings 0.37.8), and ours."""
    excels = "{5CF9CDAB-B77B-4FE4-BD7E-D29900070E1B}"
    assert decrypted("8D8FA61394EA98EA98EA98EA98", excels) == b"\0\0\0\0"
    assert decrypted("8D8FA61394EF95EF95EF", excels) == b"\0"
    assert decrypted("8D8FA61394EF95EF9510", excels) == b"\xff"
    for data in (b"\0\0\0\0", b"\0", b"\xff"):
        for seed in (0, 2, 0x8D, 0xFF):
            assert decrypted(vba_project.encrypted(data, seed, excels), excels) == data


@given(st.dictionaries(st.text("abcXYZ_1", min_size=1, max_size=30), st.binary(max_size=9000), max_size=12))
def test_a_compound_file_holds_what_was_put_in(streams):
    folded = {name.upper(): (name, data) for name, data in streams.items()}  # names differ but for capitals
    streams = dict(folded.values())
    with olefile.OleFileIO(
        compound.write({"first": b"1", "folder": streams}), raise_defects=olefile.DEFECT_UNSURE
    ) as f:
        assert f.openstream("first").read() == b"1"
        for name, data in streams.items():
            assert f.openstream(["folder", name]).read() == data
        assert len(f.listdir()) == 1 + len(streams)


def test_a_compound_file_of_megabytes():
    large = bytes(range(256)) * 12_000
    with olefile.OleFileIO(compound.write({"large": large}), raise_defects=olefile.DEFECT_UNSURE) as file:
        assert not first_difference(file.openstream("large").read(), large)
    with pytest.raises(ValueError, match="too large"):
        compound.write({"huge": bytes(8 << 20)})


def modules(path: Path) -> dict[str, str]:
    """The modules that olevba finds, by name, without their attributes; in a process of its own for its warnings."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: without_attributes(code) for name, code in found.items()}


def without_attributes(code: str) -> str:
    lines = code.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line for line in lines if not line.startswith("Attribute ")).strip()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("macros")
    for book in BOOKS:
        macros.with_macros(book, folder / f"{book.stem}.xlsm")
    macros.build_addin(folder)
    return folder


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_olevba_finds_our_modules_in_every_template(built, book):
    found = modules(built / f"{book.stem}.xlsm")
    sheets = len(openpyxl.load_workbook(book, read_only=True).sheetnames)
    documents = ["ThisWorkbook.cls", *(f"Sheet{i}.cls" for i in range(1, sheets + 1))]
    assert list(found) == [*documents, "xlrotation.bas", "xlwings.bas", "Dictionary.cls"]
    assert found["xlrotation.bas"] == without_attributes(MODULE)
    assert "Function XLPy()" in found["xlwings.bas"]
    assert "Redistributions of source code must retain the above copyright notice" in found["xlwings.bas"]
    assert all(not found[name] for name in documents)


@pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl's, of sparklines
@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem)
def test_a_template_with_macros_is_the_template(built, book):
    path = built / f"{book.stem}.xlsm"
    with zipfile.ZipFile(book) as before, zipfile.ZipFile(path) as after:
        assert after.testzip() is None
        assert sorted(after.namelist()) == sorted([*before.namelist(), "xl/vbaProject.bin"])
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
        sheets = {name for name in before.namelist() if name.startswith("xl/worksheets/sheet")}
        assert changed == {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", *sheets}
        for name in changed:
            ElementTree.fromstring(after.read(name))
        assert "sheet.macroEnabled.main+xml" in after.read("[Content_Types].xml").decode()
    loaded = openpyxl.load_workbook(path, keep_vba=True)
    assert loaded.vba_archive is not None
    assert [sheet.sheet_properties.codeName for sheet in loaded] == [
        f"Sheet{i + 1}" for i in range(len(loaded.sheetnames))
    ]
    assert loaded.code_name == "ThisWorkbook"
    loaded.close()
    assert evaluate_workbook(path, Session("sample")).computed == evaluate_workbook(book, Session("sample")).computed


def test_the_addin_has_the_macros_and_the_ribbon(built):
    path = built / macros.ADDIN
    assert modules(path)["xlrotation.bas"] == without_attributes(MODULE)
    with zipfile.ZipFile(path) as package:
        assert "addin.macroEnabled.main+xml" in package.read("[Content_Types].xml").decode()
        assert package.read("customUI/customUI14.xml") == ribbon.render().encode()
        links = ElementTree.fromstring(package.read("_rels/.rels"))
        targets = {link.get("Type").rsplit("/", 1)[1]: link.get("Target") for link in links}
        assert targets["extensibility"] == "customUI/customUI14.xml"
    assert (built / "xlrotation.intellisense.xml").exists()


def test_building_twice_gives_the_same_bytes(built, tmp_path):
    again = macros.with_macros(BOOKS[0], tmp_path / f"{BOOKS[0].stem}.xlsm")
    assert not first_difference(again.read_bytes(), (built / again.name).read_bytes())


def test_the_command_line_builds_them(tmp_path, capsys):
    assert cli.main(["templates", "build", "market_breadth", "--macros", "-o", str(tmp_path)]) == 0
    written = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert written == ["market_breadth.xlsm", "xlrotation.xlam", "xlrotation.intellisense.xml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(written)


@pytest.mark.skipif(find_libreoffice() is None, reason="needs LibreOffice")
def test_libreoffice_finds_our_module(built, tmp_path):
    command = [find_libreoffice(), "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"]
    book = built / "market_breadth.xlsm"
    subprocess.run(
        [*command, "--convert-to", "ods", "--outdir", str(tmp_path), str(book)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with zipfile.ZipFile(tmp_path / "market_breadth.ods") as package:
        code = ElementTree.fromstring(package.read("Basic/VBAProject/xlrotation.xml")).text
    lines = [line for line in code.split("\n") if not line.startswith(("Rem Attribute ", "Option VBASupport"))]
    assert "\n".join(lines).strip() == without_attributes(MODULE)
