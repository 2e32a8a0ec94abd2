"""Files of a folder that never end, unpack to gigabytes, or are none: refused with their name, and the rest is read."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import random
import socket
import struct
import subprocess
import sys
import textwrap
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xlrotation.cli import main
from xlrotation.errors import NoData
from xlrotation.files import NotRegularError, open_regular
from xlrotation.fronts.excel import compound
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers import bounds
from xlrotation.market.providers.folder import books, oldbooks, rows, tables
from xlrotation.market.providers.folder import source as folder

WIDE = "Date,RUT,SPX\n2026-02-11,2669.47,6941.47\n2026-02-12,2615.83,6832.76\n2026-02-13,2646.70,6836.17\n"
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither named pipes nor devices among its files")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS bounds the memory of a process on Linux only")


@pytest.fixture
def sound(tmp_path):
    """A folder with one sound file."""
    (tmp_path / "prices.csv").write_text(WIDE)
    return tmp_path


def loaded(path):
    """The remarks of a folder whose sound file must have been read."""
    panel = folder.load(path)
    assert panel.fields["close"][:, panel.columns["^RUT"]].tolist() == [2669.47, 2615.83, 2646.70]
    return list(panel.remarks)


def assert_words(path):
    """A file is read, or refused in words that begin with its name; nothing else is raised."""
    with contextlib.suppress(rows.BadFile):
        tables.read_tables(path, path.name)
        return
    with pytest.raises(rows.BadFile, match=f"^{path.name}"):
        tables.read_tables(path, path.name)


def in_child(path, megabytes, seconds=120):
    """What reading a folder says in a process that may take so much more memory than it has to begin with."""
    code = f"""
        import resource
        from pathlib import Path
        import pandas, pyarrow.parquet, python_calamine
        from xlrotation.errors import RotationError
        from xlrotation.market.providers.folder import source as folder
        now = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        most = now + {megabytes} * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        try:
            panel = folder.load(Path({str(path)!r}))
            print("read", panel.symbols, *panel.remarks)
        except RotationError as error:
            print("refused", error.message)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


class TestReasons:
    """What was left out is told where somebody asks for it."""

    @staticmethod
    def reason(session, *call):
        session.call(*call)
        return session.failures[-1].reason

    def test_a_symbol_whose_file_was_left_out(self, sound):
        (sound / "AAA.parquet").write_bytes(b"x")
        (sound / "notes.md").write_text("no table")
        session = Session(f"folder:{sound}", lang="en")
        assert "left out AAA.parquet: cannot be read (" in self.reason(session, "PX_CLOSE", "AAA")
        assert "left out AAA.parquet" in self.reason(session, "PX_CLOSE", "BBB")  # it may have been in there

    def test_what_is_no_table_explains_nothing(self, sound):
        (sound / "notes.md").write_text("no table")
        session = Session(f"folder:{sound}", lang="en")
        assert "notes" not in self.reason(session, "PX_CLOSE", "AAA")

    def test_a_column_that_was_left_out(self, sound):
        (sound / "more.csv").write_text("Date,AAA,BBB\n2026-02-12,1,2\n2026-02-13,abc,2\n")
        session = Session(f"folder:{sound}", lang="en")
        assert "more.csv, row 3, column AAA: 'abc' is no number" in self.reason(session, "PX_CLOSE", "AAA")

    def test_series_and_chains(self, sound):
        (sound / "DFF.xlsx").write_bytes(b"x")
        session = Session(f"folder:{sound}", lang="en")
        assert "left out DFF.xlsx" in self.reason(session, "MAC_SERIES", "DFF")
        assert "left out DFF.xlsx" in self.reason(session, "VOL_IMPLIED", "RUT", "1M")

    def test_status_lists_every_remark(self, sound, capsys):
        for number in range(5):
            (sound / f"{number}.parquet").write_bytes(b"x")
        assert main(["status", "--source", f"folder:{sound}"]) == 0
        said = capsys.readouterr().out
        assert all(f"left out {number}.parquet" in said for number in range(5))

    def test_a_folder_of_nothing_else(self, tmp_path):
        for number in range(5):
            (tmp_path / f"{number}.parquet").write_bytes(b"x")
        with pytest.raises(NoData, match=r"0\.parquet.*1\.parquet.*2\.parquet.* and 2 more"):
            folder.load(tmp_path)


@POSIX
class TestWhatIsNoFile:
    @pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.xlsx", "x.xls", "x.parquet", "sub/x.csv", "x.txt"])
    def test_pipes(self, sound, name):
        (sound / name).parent.mkdir(exist_ok=True)
        os.mkfifo(sound / name)
        assert loaded(sound) == [f"left out {name}: a pipe, socket or device, and no file"]

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom", "/dev/tty"])
    def test_links_to_devices(self, sound, device):
        (sound / "x.csv").symlink_to(device)
        assert loaded(sound) == ["left out x.csv: a pipe, socket or device, and no file"]

    def test_a_link_to_a_pipe_elsewhere(self, sound, tmp_path_factory):
        pipe = tmp_path_factory.mktemp("elsewhere") / "pipe"
        os.mkfifo(pipe)
        (sound / "x.parquet").symlink_to(pipe)
        assert loaded(sound) == ["left out x.parquet: a pipe, socket or device, and no file"]

    def test_a_socket(self, sound, monkeypatch):
        monkeypatch.chdir(sound)  # the name of a socket must be short
        with socket.socket(socket.AF_UNIX) as end:
            end.bind("x.csv")
            assert loaded(sound) == ["left out x.csv: a pipe, socket or device, and no file"]

    def test_links_that_lead_nowhere_or_in_a_circle(self, sound):
        (sound / "a.csv").symlink_to(sound / "gone.csv")
        (sound / "b.csv").symlink_to("c.csv")
        (sound / "c.csv").symlink_to("b.csv")
        (sound / "loop").symlink_to(sound)
        (sound / "up").symlink_to(sound.parent)
        assert sorted(loaded(sound)) == [
            *(f"left out {name}.csv: a link that leads nowhere" for name in "abc"),
            *(f"left out {name}/: a link that leads back to where it is" for name in ("loop", "up")),
        ]

    def test_links_to_sound_files_elsewhere_are_read(self, tmp_path, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        (elsewhere / "p.csv").write_text(WIDE)
        (tmp_path / "x.csv").symlink_to(elsewhere / "p.csv")
        assert loaded(tmp_path) == []

    def test_a_folder_with_the_name_of_a_file(self, sound):
        (sound / "x.csv").mkdir()
        (sound / "x.csv" / "y.csv").mkdir()
        assert loaded(sound) == ["left out x.csv/y.csv/: no CSV, XLSX or Parquet file"]

    def test_what_becomes_a_pipe_after_it_was_listed(self, sound, monkeypatch):
        """Between looking and opening a file can be replaced."""
        os.mkfifo(sound / "x.csv")
        real = folder.files_of

        def listed(path):
            found = real(path)
            found.odd.clear()
            found.files.append(sound / "x.csv")
            return found

        monkeypatch.setattr(folder, "files_of", listed)
        assert loaded(sound) == ["left out x.csv: it is a pipe, and no file"]

    def test_a_pipe_alone(self, tmp_path):
        os.mkfifo(tmp_path / "prices.csv")
        with pytest.raises(NoData, match=r"left out prices\.csv: a pipe, socket or device"):
            folder.load(tmp_path)

    def test_eval_ends(self, sound):
        os.mkfifo(sound / "x.csv")
        command = [sys.executable, "-m", "xlrotation", "eval", '=PX_CLOSE("RUT")', "--source", f"folder:{sound}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.strip() == "2646.7"

    def test_a_session_that_runs_goes_on(self, sound, monkeypatch):
        session = Session(f"folder:{sound}", lang="en")
        assert session.call("PX_CLOSE", "RUT") == 2646.70
        os.mkfifo(sound / "x.csv")
        monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
        assert session.call("PX_CLOSE", "RUT") == 2646.70
        assert any("x.csv" in remark for remark in session.panel.remarks)

    def test_opening_one_never_waits(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(NotRegularError, match="a pipe"):
            open_regular(tmp_path / "pipe")
        with pytest.raises(NotRegularError, match="a folder"):
            open_regular(tmp_path)
        with pytest.raises(FileNotFoundError):
            open_regular(tmp_path / "gone")


def refusing(real, *wanted):
    """*real*, refusing the paths that end so as a system does for a user without the right."""

    def act(path, *arguments, **options):
        if str(path).endswith(wanted):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **options)

    return act


class TestWhatMayNotBeRead:
    def test_a_file(self, sound, monkeypatch):
        (sound / "x.csv").write_text(WIDE)
        monkeypatch.setattr(os, "open", refusing(os.open, "x.csv"))
        assert loaded(sound) == ["left out x.csv: cannot be read (Permission denied)"]

    def test_a_folder_inside(self, sound, monkeypatch):
        (sound / "sub").mkdir()
        monkeypatch.setattr(os, "scandir", refusing(os.scandir, "sub"))
        assert loaded(sound) == ["left out sub/: cannot be read (Permission denied)"]

    def test_the_folder_itself(self, sound, monkeypatch):
        session = Session(f"folder:{sound}", lang="en")
        session.call("PX_CLOSE", "RUT")
        monkeypatch.setattr(os, "scandir", refusing(os.scandir, sound.name))
        with pytest.raises(NoData, match=r"cannot be read \(Permission denied\)"):
            folder.load(sound)
        monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
        for _ in range(3):
            assert session.call("PX_CLOSE", "RUT") == 2646.70
        assert "Permission denied" in session.panel.remarks[0]

    def test_more_than_a_folder_of_prices_holds(self, sound, monkeypatch):
        monkeypatch.setattr(bounds, "ENTRIES", 10)
        for number in range(10):
            (sound / f"{number}.csv").write_text("")
        with pytest.raises(NoData, match="holds more than 10 files"):
            folder.load(sound)


class TestTexts:
    def test_one_beyond_the_bound(self, sound, monkeypatch):
        monkeypatch.setattr(bounds, "TEXT_BYTES", 10_000)
        (sound / "x.csv").write_text(WIDE + "\n" * 10_000)
        (sound / "y.csv.gz").write_bytes(gzip.compress((WIDE + "\n" * 10_000).encode()))
        assert [remark.split(";")[0] for remark in loaded(sound)] == [
            "left out x.csv: is larger than 0 MB",
            "left out y.csv.gz: is larger than 0 MB",
        ]

    def test_rows_and_cells_beyond_the_bound(self, sound, monkeypatch):
        monkeypatch.setattr(bounds, "ROWS", 100)
        monkeypatch.setattr(bounds, "CELLS", 1000)
        (sound / "x.csv").write_text(WIDE + "\n" * 100)
        (sound / "y.csv").write_text(WIDE + "," * 1000)
        x, y = loaded(sound)
        assert x.startswith("left out x.csv, row 101: has more than 100 rows")
        assert y.startswith("left out y.csv, row 5: has more than 100 rows or 1,000 cells")

    @pytest.mark.parametrize("cut", [5, 30, 60])
    def test_a_packed_one_that_is_cut_off(self, sound, cut):
        (sound / "x.csv.gz").write_bytes(gzip.compress(WIDE.encode())[:cut])
        assert loaded(sound)[0].startswith("left out x.csv.gz: cannot be read (")

    def test_a_quotation_mark_that_never_ends(self, sound):
        (sound / "x.csv").write_text(WIDE + '"' + "1" * 200_000)
        assert loaded(sound)[0].startswith("left out x.csv, row 5: cannot be read")

    @LINUX
    @pytest.mark.parametrize(
        ("name", "piece"), [("x.csv", "2026-02-13,1.5,2.5\n"), ("x.csv", "1\n"), ("x.csv", "\n"), ("x.csv.gz", "\n")]
    )
    def test_memory_of_large_ones(self, sound, name, piece):
        """20 MB of text of the worst kinds, and 400 MB packed into one or two."""
        packed = name.endswith(".gz")
        block = piece.encode() * (2**20 // len(piece))
        with (sound / name).open("wb") as plain, gzip.open(plain, "wb", compresslevel=1) as zipped:
            file = zipped if packed else plain
            file.write(b"Date,AAA,BBB\n")
            for _ in range(400 if packed else 20):
                file.write(block)
        said = in_child(sound, 300)
        assert "^RUT" in said
        assert name in said


NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(path, cells, shared="", extra=(), method=zipfile.ZIP_DEFLATED):
    """A workbook of one sheet by hand: what no spreadsheet writes."""
    kinds = (("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(kinds)
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" '
        'r:id="rId0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{links}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{NAMESPACE}">{shared}</sst>',
    }
    with zipfile.ZipFile(path, "w", method) as made:
        for name, text in parts.items():
            made.writestr(name, text)
        with made.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{NAMESPACE}"><sheetData>'.encode())
            for text in cells:
                sheet.write(text.encode())
            sheet.write(b"</sheetData></worksheet>")
        for name, data in extra:
            made.writestr(name, data)


def at(*cells):
    """Cells one in a row, as (place, attributes before it)."""
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    return [first, *(f'<row><c{before} r="{place}"><v>1</v></c></row>' for place, before in cells)]


class TestWorkbooks:
    @LINUX
    @pytest.mark.parametrize(
        "cells",
        [
            at(("XFD1048576", "")),
            at(("xfd1048576", "")),
            at(("XFD1048576", ' x=">"')),
            at(("XFD1048576", "\n\ts='1'")),
            [text.replace('r="X', "r = 'X").replace('76"', "76'") for text in at(("XFD1048576", ""))],
            ['<row r="1048576">', "<c><v>1</v></c>" * 16384, "</row>"],
            ["<row><c><v>1</v></c></row>" * 1000, '<row r="1000000"><c r="ZZ1000000"><v>1</v></c></row>'],
            ['<x:row xmlns:x="a" r="9"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>', *at(("XFD1048576", ""))],
            [f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_000)],
            ["<!--" + " " * 2**20 + "-->"] * 300,
        ],
        ids=["corner", "lower", "sign", "spaces", "quotes", "row", "counted", "prefix", "texts", "bytes"],
    )
    def test_small_ones_that_spread(self, sound, cells):
        book(sound / "x.xlsx", cells, shared=f"<si><t>{'y' * 30_000}</t></si>")
        assert (sound / "x.xlsx").stat().st_size < 3 * 2**20
        said = in_child(sound, 600)
        assert said.startswith("read ('^RUT', '^GSPC') left out x.xlsx"), said

    def test_a_place_that_cannot_be_read_is_refused(self, sound):
        book(sound / "x.xlsx", at(("&#88;FD1048576", "")))
        assert "x.xlsx, xl/worksheets/sheet1.xml: has a cell whose place cannot be read" in loaded(sound)[0]

    def test_sizes_that_are_not_true(self, sound):
        """The directory says ten bytes; the part holds a hundred megabytes."""
        book(sound / "x.xlsx", ["<!--" + " " * 2**20 + "-->"] * 100)
        data = bytearray((sound / "x.xlsx").read_bytes())
        place = data.rindex(b"xl/worksheets/sheet1.xml") - 46
        data[place + 24 : place + 28] = (10).to_bytes(4, "little")
        (sound / "x.xlsx").write_bytes(data)
        assert loaded(sound)[0].startswith("left out x.xlsx")

    @pytest.mark.parametrize(
        ("extra", "reason"),
        [
            ([("content.xml", "<x/>")], "is no .xlsx workbook"),
            ([("xl/workbook.bin", "x")], "is no .xlsx workbook"),
            ([("XL/Workbook.xml", "<x/>")], "the same part twice"),
        ],
    )
    def test_packages_that_two_readers_read_differently(self, sound, extra, reason):
        book(sound / "x.xlsx", at(("B2", "")), extra=extra)
        assert reason in loaded(sound)[0]

    def test_two_ends(self, sound):
        book(sound / "x.xlsx", at(("B2", "")))
        data = (sound / "x.xlsx").read_bytes()
        (sound / "x.xlsx").write_bytes(data + data[-22:])
        assert "its end is missing or stands there twice" in loaded(sound)[0]

    def test_packings_that_spreadsheets_do_not_use(self, sound):
        book(sound / "x.xlsx", at(("B2", "")), method=zipfile.ZIP_BZIP2)
        assert "packed or locked" in loaded(sound)[0]

    @pytest.mark.parametrize("text", ["", "x", "<html><table>", "PK\x03\x04"])
    def test_what_is_no_workbook(self, sound, text):
        (sound / "x.xls").write_text(text)
        (sound / "x.xlsx").write_text(text)
        assert len(loaded(sound)) == 2

    def test_formats_below_the_last_value_are_no_cells(self, sound):
        """Whole columns of formats are common, and nothing of them is read."""
        rows = [f'<row r="{n}">' + "".join(f'<c r="{c}{n}" s="1"/>' for c in "ABCDEFGHIJ") + "</row>" for n in (10**6,)]
        dated = [
            f'<row r="{n}"><c r="A{n}" t="str"><v>{a}</v></c><c r="B{n}" t="str"><v>{b}</v></c></row>'
            for n, (a, b) in enumerate([("Date", "XLK"), ("2026-02-12", "1.5"), ("2026-02-13", "1.6")], 1)
        ]
        book(sound / "x.xlsx", [*dated, *rows, '<row r="1048576"><c r="XFD1048576" s="1"></c></row>'])
        panel = folder.load(sound)
        assert panel.fields["close"][-1, panel.columns["XLK"]] == 1.6

    def test_sound_ones_spread_as_the_reader_says(self, tmp_path):
        chance = random.Random(5)
        for _ in range(20):
            made = openpyxl.Workbook()
            for _ in range(chance.randint(1, 30)):
                made.active.cell(chance.randint(1, 300), chance.randint(1, 60), chance.choice([1.5, "x", True]))
            data = io.BytesIO()
            made.save(data)
            ((_, rows),) = books.read(data, "x", [])
            with zipfile.ZipFile(data) as package:
                spread = books._spread(package.read("xl/worksheets/sheet1.xml"), "x")
            assert spread == len(rows) * len(rows[0])

    @pytest.mark.parametrize("seed", range(60))
    def test_damaged_ones_end_in_words(self, tmp_path, seed):
        chance = random.Random(seed)
        made = openpyxl.Workbook()
        for n in range(1, 30):
            made.active.append([f"2026-01-{n:02d}", n, n / 7])
        data = io.BytesIO()
        made.save(data)
        spoiled = bytearray(data.getvalue())
        for _ in range(chance.randint(1, 6)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        if chance.random() < 0.3:
            del spoiled[chance.randrange(len(spoiled)) :]
        (tmp_path / "x.xlsx").write_bytes(spoiled)
        assert_words(tmp_path / "x.xlsx")

    def test_a_reader_that_gives_up(self, sound, monkeypatch):
        class PanicException(BaseException):
            pass

        def panic(*_):
            raise PanicException("index out of bounds")

        monkeypatch.setattr(books, "read", panic)
        (sound / "x.xls").write_bytes(b"")
        assert "its reader gave up" in loaded(sound)[0]


def old_book(sheets, texts=(), padding=0):
    """A workbook of BIFF8 by hand: for each sheet its cells as (row, column, number or place of a text)."""

    def record(kind, data=b""):
        return struct.pack("<2H", kind, len(data)) + data

    begin = struct.pack("<6H2I", 0x0600, 0x0005, 0, 0, 0, 0, 0, 0)[:16]
    shared = struct.pack("<2I", len(texts), len(texts))
    pieces = []
    for text in texts:
        head = struct.pack("<HB", len(text), 0)
        if len(shared) + len(head) + len(text) > 8000:
            room = 8000 - len(shared) - len(head)
            pieces.append(shared + head + text[:room].encode())
            rest = text[room:]
            while len(rest) > 8000:
                pieces.append(b"\0" + rest[:8000].encode())
                rest = rest[8000:]
            shared = b"\0" + rest.encode()
        else:
            shared += head + text.encode()
    pieces.append(shared)
    bodies = []
    for cells in sheets:
        body = record(0x0809, struct.pack("<2H", 0x0600, 0x0010) + begin[4:])
        body += record(0x0200, struct.pack("<2I3H", 0, 1, 0, 1, 0))
        for row, column, value in cells:
            if isinstance(value, float):
                body += record(0x0203, struct.pack("<3Hd", row, column, 0, value))
            else:
                body += record(0x00FD, struct.pack("<3HI", row, column, 0, value))
        bodies.append(body + record(0x000A))
    front = record(0x0809, begin)
    back = b"".join(record(0x00FC if n == 0 else 0x003C, piece) for n, piece in enumerate(pieces)) + record(0x000A)
    names = [f"S{number}".encode() for number in range(len(bodies))]
    place = len(front) + sum(12 + len(name) for name in names) + len(back)
    listed = b""
    for name, body in zip(names, bodies, strict=True):
        listed += record(0x0085, struct.pack("<IHBB", place, 0, len(name), 0) + name)
        place += len(body)
    return compound.write({"Workbook": front + listed + back + b"".join(bodies) + bytes(padding)})


class TestOldWorkbooks:
    TEXTS = ("Date", "XLK", "2026-02-12", "2026-02-13")
    CELLS = ((0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 1.5), (2, 0, 3), (2, 1, 1.6))

    @pytest.mark.parametrize("padding", [0, 5000])  # in the small sectors, and in the large ones
    def test_a_sound_one(self, sound, padding):
        (sound / "x.xls").write_bytes(old_book([self.CELLS], self.TEXTS, padding))
        panel = folder.load(sound)
        assert panel.fields["close"][-2:, panel.columns["XLK"]].tolist() == [1.5, 1.6]
        assert panel.remarks == ()

    @LINUX
    @pytest.mark.parametrize(
        ("sheets", "texts", "reason"),
        [
            ([((0, 0, 1.0), (65_535, 255, 1.0))] * 6, ("x",), "its sheets span more than"),
            ([[(n, 0, 0) for n in range(60_000)]], ("y" * 30_000,), "its cells hold more than"),
        ],
    )
    def test_small_ones_that_spread(self, sound, sheets, texts, reason):
        (sound / "x.xls").write_bytes(old_book(sheets, texts))
        said = in_child(sound, 500)
        assert said.startswith("read ('^RUT', '^GSPC') left out x.xls: " + reason), said

    def test_long_texts_that_go_on_in_further_records(self, sound):
        texts = (*self.TEXTS, *("z" * length for length in (9000, 20_000, 3, 8000)))
        stream = oldbooks._workbook(old_book([self.CELLS], texts))
        records = [body for kind, body in oldbooks._records(stream) if kind in (0x00FC, 0x003C)]
        assert oldbooks._lengths(records) == [len(text) for text in texts]

    @pytest.mark.parametrize("seed", range(150))
    def test_damaged_ones_end_in_words(self, tmp_path, seed):
        chance = random.Random(seed)
        data = bytearray(old_book([self.CELLS] * 2, self.TEXTS, chance.choice((0, 5000))))
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        (tmp_path / "x.xls").write_bytes(data)
        assert_words(tmp_path / "x.xls")


class TestParquet:
    @LINUX
    @pytest.mark.parametrize("kind", ["rows", "columns", "text", "unpacked", "nested"])
    def test_small_ones_that_spread(self, sound, kind):
        millions = 5_000_000
        if kind == "rows":
            table = pa.table({"Date": pa.array([20_000] * millions, pa.int32()).cast(pa.date32())})
        elif kind == "columns":
            table = pa.table({f"c{n}": [1.0] for n in range(bounds.COLUMNS + 1)})
        elif kind == "text":
            table = pa.table({"Date": pa.DictionaryArray.from_arrays([0] * 100_000, ["x" * 2**20])})
        elif kind == "nested":
            table = pa.table({"Date": [[1.0] * 10_000_000]})
        else:
            table = pa.table({f"c{n}": pa.array([bytes(2**20)] * 20) for n in range(28)})
        pq.write_table(table, sound / "x.parquet", compression="zstd", use_dictionary=kind != "unpacked")
        said = in_child(sound, 700)
        assert said.startswith("read ('^RUT', '^GSPC') left out x.parquet"), said

    def test_the_names_of_its_folders_are_no_columns(self, tmp_path):
        import pandas as pd

        inside = tmp_path / "date=2026-02-13" / "symbol=AAA"
        inside.mkdir(parents=True)
        frame = pd.DataFrame({"Date": ["2026-02-12", "2026-02-13"], "RUT": [1.0, 2.0], "Note": ["a", None]})
        frame.to_parquet(inside / "p.parquet")
        ((_, *rows),) = [table.rows for table in tables.read_tables(inside / "p.parquet", "p")]
        assert [row[:2] for row in rows] == [["2026-02-12", 1.0], ["2026-02-13", 2.0]]

    @pytest.mark.parametrize("seed", range(60))
    def test_damaged_ones_end_in_words(self, tmp_path, seed):
        chance = random.Random(seed)
        path = tmp_path / "x.parquet"
        pq.write_table(pa.table({"Date": ["2026-02-12", "2026-02-13"] * 50, "A": [1.0, 2.0] * 50}), path)
        spoiled = bytearray(path.read_bytes())
        for _ in range(chance.randint(1, 4)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        path.write_bytes(spoiled)
        assert_words(path)
