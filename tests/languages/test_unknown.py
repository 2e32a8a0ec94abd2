"""A language that is not spoken is an error at every door; whatever names one that is spoken is understood."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.helpers import write_plan
from tests.workbook.books import make_book
from xlrotation import cli, jobs
from xlrotation.batch.plan import read_plan
from xlrotation.errors import BadArgument, CellError, RotationError
from xlrotation.fronts.excel import calls
from xlrotation.functions.boundary.kinds import LangKind
from xlrotation.functions.boundary.registry import functions
from xlrotation.functions.boundary.session import Session
from xlrotation.languages import alternatives, catalogues, known, language
from xlrotation.workbook.evaluation.evaluate import evaluate_formula

ROOT = Path(__file__).parents[2]
UNKNOWN = [
    "xq",
    "xq-XQ",
    "xq_XQ.UTF-8",
    "C",
    "POSIX",
    "語",
    "chinesisch",
    "zh en",
    "zz",
    "../zh",
    "x" * 300,
]
KNOWN = {
    "en": ["en", "EN", "en-US", "en_GB.UTF-8", "English", "英文", " en "],
    "zh": ["zh", "ZH", "zh-CN", "zh_CN.UTF-8", "zh-Hans-CN", "zh_TW", "zh_CN@pinyin", "中文", "Chinese", "CHINESE"],
}
TOLD = f"there are {' and '.join(known())}"


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_session_refuses_it(name: str) -> None:
    with pytest.raises(BadArgument, match=TOLD) as raised:
        Session("sample", lang=name)
    assert f"no language {name[:40]!r}" in str(raised.value)


@pytest.mark.parametrize("name", UNKNOWN)
def test_the_environment_is_no_way_round(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("XLROTATION_LANG", name)
    with pytest.raises(BadArgument, match=TOLD):
        Session("sample")
    assert Session("sample", lang="zh").lang == "zh"


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, names in KNOWN.items() for name in names])
def test_what_names_a_language_is_understood(monkeypatch: pytest.MonkeyPatch, code: str, name: str) -> None:
    assert Session("sample", lang=name).lang == code
    monkeypatch.setenv("XLROTATION_LANG", name)
    assert language() == Session("sample").lang == code
    assert Session("sample", lang="en").call("VOL_BAND", 45.0, name) == ("extreme" if code == "en" else "极端恐慌")


@pytest.mark.parametrize("blank", ["", " "])
def test_blank_is_english(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    monkeypatch.setenv("XLROTATION_LANG", blank)
    assert language() == language(None) == language("") == "en"
    monkeypatch.delenv("XLROTATION_LANG")
    assert language() == "en"


SPEAKING = [
    name
    for name, spec in functions().items()
    if any(isinstance(p.kind, LangKind) for p in spec.parameters) and not any(p.required for p in spec.parameters)
]


@pytest.mark.parametrize("name", SPEAKING)
@pytest.mark.parametrize("given", ["xq", "", 7.0, True])
def test_a_cell_refuses_it(name: str, given: object) -> None:
    session = Session("sample", lang="en")
    spec = functions()[name]
    places = [place for place, p in enumerate(spec.parameters) if isinstance(p.kind, LangKind)]
    arguments: list[object] = [None] * len(spec.parameters)
    arguments[places[0]] = given
    result = session.call(name, *arguments)
    if given == "":  # a blank cell
        assert result is not CellError.VALUE or "language" not in session.failures.newest(1)[0].reason
        return
    assert result is CellError.VALUE
    reason = session.failures.newest(1)[0].reason
    assert TOLD in reason or f"give {alternatives(known())}" in reason, reason


def test_most_functions_of_words_were_asked() -> None:
    assert len(SPEAKING) > 20


def test_a_blank_of_office_js_is_no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "office_js", lambda: True)
    assert calls.host().read([[0.0]], LangKind()) is None


@pytest.mark.parametrize("command", [["eval", "=RS_STREAK()"], ["addin", "install"], ["server"]])
@pytest.mark.parametrize("name", ["xq", "", "語"])
def test_the_command_line_refuses_it(capsys: pytest.CaptureFixture[str], name: str, command: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--lang", name])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"--lang: no language {name!r}; {TOLD}" in said


@pytest.mark.parametrize("command", [["eval", "=RS_STREAK()"], ["status"], ["audit", "market_breadth"]])
def test_commands_end_where_the_environment_names_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("XLROTATION_LANG", "xq")
    assert cli.main(command) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"xlrotation: no language 'xq'; {TOLD}\n")
    assert cli.main([*command, "--lang", "zh-CN"]) == 0


def test_a_job_refuses_it_and_writes_nothing(tmp_path: Path) -> None:
    book = make_book(tmp_path / "b.xlsx", {"S": {"A1": "=VOL_BAND(45)", "B1": "en"}}, {"lang": "=S!$B$1"})
    before = book.read_bytes()
    with pytest.raises(RotationError, match=TOLD):
        jobs.export(book, tmp_path / "out", Session("sample"), lang="xq")
    with pytest.raises(RotationError, match=TOLD):
        jobs.refresh_book(book, Session("sample"), lang="xq")
    assert book.read_bytes() == before
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    jobs.refresh_book(book, Session("sample"), lang="zh_CN.UTF-8")


@pytest.mark.parametrize(("given", "codes"), [('"zh-CN"', ["zh"]), ('["中文", "zh", "English"]', ["zh", "en"])])
def test_a_plan_names_languages_as_one_does(tmp_path: Path, given: str, codes: list[str]) -> None:
    found = read_plan(write_plan(tmp_path, 1, f"lang = {given}"))
    assert [job.lang for job in found.jobs] == codes


@pytest.mark.parametrize("given", ['"xq"', '["zh", "xq"]', '""', '" "'])
def test_a_plan_refuses_it(tmp_path: Path, given: str) -> None:
    with pytest.raises(RotationError, match=TOLD) as raised:
        read_plan(write_plan(tmp_path, 1, f"lang = {given}"))
    assert "[[job]] 1: lang: no language" in str(raised.value)


def test_a_batch_fails_where_the_environment_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = write_plan(tmp_path, 2)
    monkeypatch.setenv("XLROTATION_LANG", "xq")
    assert cli.main(["batch", str(plan)]) != 0
    assert TOLD in "".join(capsys.readouterr())
    assert not list((tmp_path / "out").rglob("*.xlsx"))


def test_excel_shows_an_error_and_tells_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLROTATION_LANG", "xq")
    calls.session.cache_clear()
    try:
        for name, arguments in (("XLR_HELP", [[["PX_RET"]]]), ("PX_CLOSE", [[["SPX"]]]), ("VOL_BAND", [[[45.0]]])):
            assert str(calls.call(name, *arguments)).endswith("#VALUE!")
        assert calls.call("XLR_STATUS") == f"no language 'xq'; {TOLD}"
    finally:
        calls.session.cache_clear()


def test_libreoffice_shows_an_error_and_tells_why() -> None:
    asked = [["VOL_BAND", [45]], ["XLR_HELP", ["PX_RET"]], ["VAL_PE", [6, 3]], ["XLR_ERRORS", []]]
    sent = b"".join(struct.pack("<I", len(data)) + data for data in (json.dumps(call).encode() for call in asked))
    done = subprocess.run(
        [sys.executable, "-m", "xlrotation.fronts.libreoffice.worker"],
        input=sent,
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "XLROTATION_LANG": "xq"},
    )
    answers, rest = [], io.BytesIO(done.stdout)
    while head := rest.read(4):
        answers.append(json.loads(rest.read(struct.unpack("<I", head)[0])))
    assert answers == [{"error": "#VALUE!"}] * 3 + [f"no language 'xq'; {TOLD}"]


def test_a_range_of_languages_is_answered_cell_by_cell() -> None:
    session = Session("sample", lang="en")
    assert evaluate_formula('=VOL_BAND(45,{"en","xq","中文"})', session) == [["extreme", CellError.VALUE, "极端恐慌"]]


def test_no_file_is_read_before_a_text_is_asked_for() -> None:
    """English costs nothing, nor does a language whose texts nobody asks for."""
    code = """
from xlrotation.languages import catalogues
from xlrotation.functions.boundary.session import Session
here = Session("sample", lang="zh")
here.call("PX_CLOSE", "SPX")
english = Session("sample", lang="en")
for name, given in (("XLR_HELP", "PX_RET"), ("XLR_FUNCTIONS", "VOL"), ("REP_SUMMARY", "volatility_gap")):
    assert isinstance(english.call(name, given), list)
assert catalogues.catalogue.cache_info().misses == 0
here.call("VOL_BAND", 45.0)
assert catalogues.catalogue.cache_info().misses == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("pt-BR", "pt_BR"),
        ("pt_br.UTF-8", "pt_BR"),
        ("PT_BR", "pt_BR"),
        ("zh-TW", "zh_TW"),
        ("zh-HK", "zh"),
        ("zh", "zh"),
    ],
)
def test_a_country_may_have_a_language_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: str
) -> None:
    for there in ("pt_BR", "zh_TW"):
        (tmp_path / f"{there}.po").write_text('msgid ""\nmsgstr "Language: \\n"\n', "utf-8")
    monkeypatch.setattr(catalogues, "FOLDERS", [*catalogues.FOLDERS, tmp_path])
    catalogues.forget()
    try:
        assert language(name) == code
        with pytest.raises(BadArgument, match="pt_BR and zh and zh_TW"):
            language("pt-PT")
    finally:
        monkeypatch.undo()
        catalogues.forget()


def test_a_file_outside_the_folder_is_no_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "qq.po").write_text('msgid ""\nmsgstr "X-Names: Quux\\n"\n', "utf-8")
    monkeypatch.setattr(catalogues, "FOLDERS", [*catalogues.FOLDERS, tmp_path])
    catalogues.forget()
    try:
        assert language("quux") == "qq"
    finally:
        monkeypatch.undo()
        catalogues.forget()
    with pytest.raises(BadArgument):
        language("qq")
