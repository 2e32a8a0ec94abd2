"""What happens outside the program ends in a sentence and a status, never in a traceback."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shlex
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from tests.batch.helpers import reports, write_plan
from tests.conftest import FixedSource, panel_of
from tests.workbook.books import make_book
from xlrotation import files
from xlrotation.addresses import keys_of, without, without_keys
from xlrotation.batch import run as batch
from xlrotation.batch.places import open_place
from xlrotation.batch.plan import read_plan
from xlrotation.cli import main
from xlrotation.ending import to_the_end
from xlrotation.errors import BadWorkbook, CellError, RotationError
from xlrotation.fronts.excel import calls, macro
from xlrotation.functions.boundary.session import Session
from xlrotation.hosts import MARK
from xlrotation.market.places import data_folder
from xlrotation.market.store.store import Store
from xlrotation.outside import Outside, printable, reason, sentence, told
from xlrotation.workbook.package.parts import Package

BOOK = {"S": {"A1": '=PX_CLOSE("XLK")'}}


def command(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xlrotation", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )


PRINTING = [
    *("--version", "--help", "eval --help", "eval =PX_CLOSE()", "eval =1/0", "functions", "functions --json"),
    *("status", "status --json", "audit small_value_rotation", "audit --json", "export {book} -o {out}"),
    *("export {book} none.xlsx -o {out} --json", "batch {plan} --dry-run", "batch {plan} --workers 1 --json"),
    *("templates build market_breadth -o {out}", "addin doctor"),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", PRINTING)
def test_output_that_cannot_be_written_is_told(tmp_path: Path, line: str, unbuffered: str) -> None:
    plan = write_plan(tmp_path, 1)
    filled = line.format(book=tmp_path / "books/b00.xlsx", out=tmp_path / "out", plan=plan)
    with Path("/dev/full").open("w") as full:
        done = command(*shlex.split(filled), stdout=full, env=os.environ | {"PYTHONUNBUFFERED": unbuffered})
    assert done.returncode == 2
    assert "xlrotation: No space left on device" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_reader_that_goes_away_or_was_never_there_is_no_trouble() -> None:
    shell = f"{shlex.quote(sys.executable)} -m xlrotation functions"
    for tail in ("| head -1; exit ${PIPESTATUS[0]}", ">&-", "<&- >&- 2>&-"):
        done = subprocess.run(["bash", "-c", f"{shell} {tail}"], capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1)
        assert done.stderr == ""


CLOSED = ["<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"]


@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX")
@pytest.mark.parametrize("streams", CLOSED)
def test_streams_that_are_closed_change_no_file_and_no_output(tmp_path: Path, streams: str) -> None:
    book = make_book(tmp_path / "book.xlsx", BOOK)
    shell = f"exec {shlex.quote(sys.executable)} -m xlrotation"
    export = f"{shell} export {book} {tmp_path}/none.xlsx -o {tmp_path}/out --csv {streams}"
    done = subprocess.run(["bash", "-c", export], capture_output=True, check=False)
    assert done.returncode == 1
    with zipfile.ZipFile(tmp_path / "out/book.xlsx") as package:
        assert package.testzip() is None
    formula = f"{shell} eval '=PX_CLOSE(\"NOPE\")' --json {streams}"
    done = subprocess.run(["bash", "-c", formula], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ("" if ">&-" in streams.replace("2>&-", "") else '"#N/A"\n')
    assert ("no symbol" in done.stderr) != ("2>&-" in streams)


ERRNOS = [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.ESTALE]
WRITING = [
    *("demo -o {out}", "export {book} -o {out}", "export {book} -o {out} --csv --json", "refresh-book {book}"),
    *("templates build market_breadth -o {out}", "templates build market_breadth --macros -o {out}"),
    *("templates build market_breadth --officejs -o {out}", "batch {plan} --workers 1"),
    *("accept XLK --source store:held", "reject XLK --source store:held"),
]


@pytest.mark.parametrize("number", ERRNOS, ids=errno.errorcode.get)
@pytest.mark.parametrize("line", WRITING)
def test_whatever_a_disk_refuses_is_a_sentence(
    tmp_path: Path, line: str, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    plan = write_plan(tmp_path, 1)
    if "store:held" in line:
        store = Store("held")
        store.write(panel_of({"XLK": np.linspace(90, 100, 30)}))
        store.write(panel_of({"XLK": [1000.0, 100.0]}))
        assert store.read().quarantine
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def refused(folder: Path, suffix: str, _: int) -> tuple[Path, int]:
        raise OSError(number, os.strerror(number), str(folder / suffix))

    monkeypatch.setattr(files, "_created", refused)
    monkeypatch.setattr("xlrotation.batch.pool.run", lambda tasks, *_: ((task, batch.work.do(task)) for task in tasks))
    filled = line.format(book=tmp_path / "books/b00.xlsx", out=tmp_path / "out", plan=plan)
    assert main(shlex.split(filled)) in (1, 2)
    said = "".join(capsys.readouterr())
    assert os.strerror(number) in said or "cannot be replaced" in said
    assert "internal error" not in said
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path: data for path, data in after.items() if path.suffix != ".lock"} == {
        path: data for path, data in before.items() if path.suffix != ".lock"
    }


@pytest.mark.parametrize("line", ["eval =PX_CLOSE() --source yahoo", "status --source yahoo", "accept XLK"])
@pytest.mark.parametrize("trouble", ["home is a file", "lock is a link", "NUL pointer", "NUL state", "nested pointer"])
def test_a_store_in_a_strange_place(
    tmp_path: Path, line: str, trouble: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("XLROTATION_HOME", str(home))
    if trouble == "home is a file":
        home.touch()
    else:
        (home / "yahoo").mkdir(parents=True)
        pointer = {"NUL pointer": "\0" * 50, "NUL state": '{"state": "\\u0000"}', "nested pointer": "[" * 100_000}
        if trouble == "lock is a link":
            (home / "yahoo/writer.lock").symlink_to(tmp_path / "elsewhere")
        else:
            (home / "yahoo/current.json").write_text(pointer[trouble])
    assert main(shlex.split(line)) == 2
    said = capsys.readouterr().err
    assert said.startswith("xlrotation: ")
    assert said.rstrip("\n").isprintable()
    assert not (tmp_path / "elsewhere").exists()


HOMELESS = [
    *("status --source yahoo", "accept XLK", "refresh XLK", "eval =PX_CLOSE() --source folder:~/prices", "server"),
    *("eval =PX_CLOSE() --source folder:~nobody-of-this-name/prices", "addin doctor", "addin install"),
]


@pytest.mark.parametrize("line", HOMELESS)
def test_an_account_without_a_home_is_told_so(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unknown(path: str) -> str:  # as it is where HOME is not set and the account has no entry
        return path

    for name in ("HOME", "USERPROFILE", "XLROTATION_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XLWINGS_LICENSE_KEY", "noncommercial")
    monkeypatch.setattr(os.path, "expanduser", unknown)
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(line)) == 2
    assert "no home folder is known" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_home_of_the_stores_may_be_below_that_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("XLROTATION_HOME", "~/market")
    assert data_folder() == tmp_path / "market"


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_workbook_whose_name_is_no_text_is_exported(tmp_path: Path, locale: str) -> None:
    name = os.fsdecode(b"b\xff\xe5\xb8\x82.xlsx")
    make_book(tmp_path / "book.xlsx", BOOK, {"level": "=S!$A$1"}).rename(tmp_path / name)
    surroundings = os.environ | {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    arguments = ["export", str(tmp_path / name), "-o", str(tmp_path / "out"), "--csv", "--json"]
    done = command(*arguments, stdout=subprocess.PIPE, env=surroundings, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    (report,) = json.loads(done.stdout)
    assert report["failed"] == ""
    whole = tmp_path / "out" / name
    with zipfile.ZipFile(whole) as package:
        assert package.testzip() is None
    assert json.loads(whole.with_suffix(".json").read_text("utf-8"))["names"]["level"] == pytest.approx(141.0, abs=20)
    plan = write_plan(tmp_path, 0)
    plan.write_text('output = "batch"\n[[job]]\nbooks = "*.xlsx"\nname = "one"\nformats = "json"\n', "utf-8")
    done = command("batch", str(plan), "--workers", "1", stdout=subprocess.PIPE, env=surroundings, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "batch/one.report.json").read_text("utf-8"))["failed"] == ""


@pytest.mark.parametrize("number", ERRNOS, ids=errno.errorcode.get)
def test_a_workbook_that_cannot_be_opened_now_is_not_called_wrong(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> zipfile.ZipFile:
        raise OSError(number, os.strerror(number))

    book = make_book(tmp_path / "book.xlsx", BOOK)
    monkeypatch.setattr(zipfile, "ZipFile", refused)
    with pytest.raises(BadWorkbook) as told_of:
        Package(book)
    assert str(told_of.value) == f"{book}: cannot be read ({os.strerror(number)})"


def test_templates_are_drawn_without_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the library that draws them are named by nobody, and stay where it is killed."""

    def none(*_: object, **__: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("mkstemp", "TemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, none)
    assert main(["templates", "build", "market_breadth", "--macros", "-o", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").glob("*.xl*m"))) == 2


@pytest.mark.parametrize("number", ERRNOS, ids=errno.errorcode.get)
def test_a_draft_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refused)
    for variant in ([], ["--macros"], ["--officejs"]):
        assert main(["templates", "build", "market_breadth", *variant, "-o", str(tmp_path / "out")]) == 2
        assert capsys.readouterr().err.startswith(f"xlrotation: {os.strerror(number)}")


def test_results_in_the_memory_of_another_process_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = str(write_plan(tmp_path, 1, output="memory://reports"))
    assert main(["batch", plan, "--workers", "1"]) == 2
    assert "memory://reports is the memory of one process" in capsys.readouterr().err


@pytest.mark.parametrize(
    "output",
    [
        "nosuch://a/b",
        "a\\u0000b",
        "file://\\u0000",
        "memory://\\u0000",
        "a\\ud7ffb",
        "http://127.0.0.1:1/x",
        "/dev/null/x",
    ],
)
def test_an_output_that_cannot_be(tmp_path: Path, output: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(write_plan(tmp_path, 1, output=output)), "--workers", "1"]) in (0, 1, 2)
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "internal error" not in said


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")
@pytest.mark.parametrize(
    "line", ["export {0} -o out", "refresh-book {0}", "batch {0}", "export {1} -o out", "batch {1}"]
)
def test_neither_a_pipe_nor_a_device_is_waited_for(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert main(shlex.split(line.format(tmp_path / "pipe.xlsx", "/dev/zero"))) in (1, 2)
    assert "is no file" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "plan").write_bytes(b"#" * (2**24 + 1))
    with pytest.raises(RotationError, match="more than"):
        read_plan(tmp_path / "plan")


def test_one_book_in_trouble_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = (make_book(tmp_path / f"{name}.xlsx", BOOK) for name in ("good", "bad"))
    whole = files.read_regular

    def read(path: Path, most: int) -> bytes:
        if path == bad:
            raise MemoryError
        return whole(path, most)

    monkeypatch.setattr(files, "read_regular", read)
    assert main(["export", str(bad), str(good), "-o", str(tmp_path / "out")]) == 1
    assert "memory" in capsys.readouterr().err
    assert (tmp_path / "out/good.xlsx").is_file()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        PermissionError(errno.EACCES, "Permission denied", "/x", None, "/y"),
        OSError("something without a number"),
        OSError(),
        ConnectionResetError(104, "Connection reset by peer"),
        TimeoutError("timed out"),
        MemoryError(),
        RecursionError("maximum recursion depth exceeded"),
        ModuleNotFoundError("No module named 'x'", name="x"),
        ImportError("libx.so: cannot open shared object file"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        ValueError("embedded null byte"),
        zipfile.BadZipFile("File is not a zip file"),
        zlib.error("Error -3"),
        EOFError(),
    ],
    ids=repr,
)
def test_every_kind_has_a_sentence(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    text = sentence(error)
    assert text
    assert text.isprintable()

    def failing() -> int:
        raise error

    assert to_the_end(failing) == 2
    assert capsys.readouterr().err == f"xlrotation: {text}\n"
    with pytest.raises(Outside), told():
        failing()


def test_a_fault_of_ours_is_told_too_but_not_hidden_from_tests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing() -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        to_the_end(failing)
    monkeypatch.delenv("XLROTATION_STRICT")
    assert to_the_end(failing) == 2
    assert capsys.readouterr().err.startswith("xlrotation: internal error (KeyError: 'x'")
    with pytest.raises(KeyError), told():
        failing()


def test_in_a_cell_it_is_not_available_with_the_reason() -> None:
    class Broken(FixedSource):
        def panel(self) -> object:  # type: ignore[override]
            raise PermissionError(errno.EACCES, "Permission denied", "prices.csv")

    session = Session(Broken(panel_of({"XLK": [1.0, 2]})), lang="en")
    assert session.call("PX_CLOSE", "XLK") is CellError.NA
    assert session.failures[-1].reason.startswith("prices.csv: Permission denied")


def test_over_com_it_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Session:
        raise PermissionError(errno.EACCES, "Permission denied", "settings")

    monkeypatch.setattr(calls, "session", broken)
    assert calls.call("PX_CLOSE") == MARK + "#VALUE!"
    assert "settings: Permission denied" in str(calls.call("XLR_ERRORS"))
    assert "settings: Permission denied" in macro.refresh_market_data()


def test_what_is_printed_steers_no_terminal() -> None:
    assert printable("a\x1b[2J\nb\u202e\0") == "a\\x1b[2J b\\u202e\\x00"
    assert printable("板块 é") == "板块 é"


SECRET = [
    "s3://AKIAKEY:SECRETKEY@bucket/reports",
    "s3://AKIAKEY:SECRET/KEY+x@bucket/reports",
    "zip://file::s3://AKIAKEY:SECRETKEY@bucket",
    "ftp://user:SECRETKEY@host:21/x",
    "https://host/x?X-Amz-Signature=SECRETKEY&token=AKIAKEY",
    "abfs://container@account/x?sig=SECRETKEY",
    "https://SECRETKEY@host/x#key=AKIAKEY",
    "tls://user:SECRETKEY@scheduler:8786",
    "sftp://user:SECRET%4BEY@host/x",
]


@pytest.mark.parametrize("address", SECRET)
def test_no_key_of_an_address_is_shown(address: str) -> None:
    for text in (address, f"cannot read '{address}/x' (Error: {address})", f'"{address}" and {address}'):
        shown = without_keys(text)
        assert not {"SECRET", "AKIAKEY", "KEY+x"} & {part for part in ("SECRET", "AKIAKEY", "KEY+x") if part in shown}
        assert without_keys(shown) == shown
    keys = keys_of(address)
    assert "SECRET" not in without(keys, "a library says: " + " and ".join(keys))
    assert reason(RotationError(f"{address}: no")).startswith(address.partition("://")[0])


def test_what_is_no_key_stays() -> None:
    for text in ("s3://bucket/reports/2026", "C:\\books\\a@b.xlsx", "/home/me@here/x: y", "a@b", "http://host/x"):
        assert without_keys(text) == text


@pytest.mark.parametrize("address", ["s3://AKIAKEY:SECRETKEY@no-such-bucket/x", "http://user:SECRETKEY@127.0.0.1:1/x"])
def test_a_batch_to_an_address_shows_no_key(
    tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    plan = str(write_plan(tmp_path, 1, output=address))
    for options in ([], ["--json"], ["--dry-run"]):
        main(["batch", plan, "--workers", "1", *options])
    said = "".join(capsys.readouterr())
    assert "batch" not in said or said
    assert "SECRET" not in said
    assert "AKIAKEY" not in said


def test_reports_in_a_place_with_keys_show_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kind of address that works, with keys in it: nothing that is printed or written holds them."""
    fsspec = pytest.importorskip("fsspec")
    from fsspec.implementations.local import LocalFileSystem

    class Keyed(LocalFileSystem):
        protocol = "keyed"

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return path.partition("@")[2] if "@" in path else path

    fsspec.register_implementation("keyed", Keyed, clobber=True)
    monkeypatch.setattr("xlrotation.batch.pool.run", lambda tasks, *_: ((task, batch.work.do(task)) for task in tasks))
    plan = str(write_plan(tmp_path, 2, 'formats = "json"', output=f"keyed://AKIAKEY:SECRETKEY@{tmp_path}/out"))
    (tmp_path / "books/b01.xlsx").write_bytes(b"damaged")
    assert main(["batch", plan, "--json"]) == 1
    assert main(["batch", plan, "--again"]) == 1
    said = "".join(capsys.readouterr())
    written = json.dumps(reports(tmp_path / "out"))
    assert len(reports(tmp_path / "out")) == 2
    for text in (said, written):
        assert "SECRET" not in text
        assert "AKIAKEY" not in text
    assert f"keyed://***@{tmp_path}/out" in said
    place = open_place(f"keyed://AKIAKEY:SECRETKEY@{tmp_path}/out")
    assert place.shown("x") == f"keyed://***@{tmp_path}/out/x"


@pytest.mark.parametrize("line", ["export {book} -o {out}", "demo -o {out}", "templates build -o {out}"])
def test_an_address_is_no_folder(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    book = make_book(tmp_path / "book.xlsx", BOOK)
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(line.format(book=book, out="s3://AKIAKEY:SECRETKEY@bucket/x")))
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "s3://***@bucket/x is an address, not a folder" in said
    assert "SECRET" not in said


KEYED = "s3://AKIAKEY:SECRETKEY@bucket/x"
NAMING = [
    *("{a}", "eval =1 {a}", "eval =1 --lang {a}", "eval =1 --asof {a}", "eval =1 --exchange {a}", "functions {a}"),
    *("eval '=PX_CLOSE(\"{a}\")'", "status --source {a}", "status --source folder:{a}", "refresh --source folder:{a}"),
    *("refresh --source {a}", "accept {a}", "audit {a}", "templates build {a}", "export {a} -o out", "batch {a}"),
    *("export {book} -o out --set asof={a}", "export {book} -o out --set {a}", "batch {plan} --timeout {a}"),
    *("refresh-book {a}", "server --host {a}", "server --certificate {a}", "addin doctor {a}"),
]


@pytest.mark.parametrize("line", NAMING)
def test_an_address_with_keys_is_shown_by_no_command(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    formulas = {"S": {"A1": '=PX_CLOSE("XLK",B1)', "B1": 46066}}
    book = make_book(tmp_path / "book.xlsx", formulas, {"asof": "=S!$B$1"})
    filled = line.format(a=KEYED, book=book, plan=write_plan(tmp_path, 1))
    with contextlib.suppress(SystemExit):  # what the parser refuses
        main(shlex.split(filled))
    said = "".join(capsys.readouterr())
    assert "SECRET" not in said
    assert "AKIAKEY" not in said
    assert said


def test_a_report_names_no_key_of_its_job(tmp_path: Path) -> None:
    text = f'formats = "json"\nname = "one"\n[job.inputs]\nwindow = "{KEYED}"'
    main(["batch", str(write_plan(tmp_path, 1, text)), "--workers", "1"])
    (report,) = reports(tmp_path / "out").values()
    assert report["job"]["inputs"] == [["window", "s3://***@bucket/x"]]  # type: ignore[index]
    assert "SECRET" not in json.dumps(report)


def test_a_scheduler_with_a_key_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed")
    plan = str(write_plan(tmp_path, 1))
    assert main(["batch", plan, "--scheduler", "nosuch://user:SECRETKEY@127.0.0.1:1"]) == 2
    assert "SECRET" not in "".join(capsys.readouterr())
