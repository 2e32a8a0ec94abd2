"""The commands about the data: what is held back, where values come from, what was known on a day."""

from __future__ import annotations

import json

import pytest

from tests.conftest import panel_of
from tests.test_cli import run
from xlrotation import cli
from xlrotation.market.calendar import XNYS, find_exchange
from xlrotation.market.listing import chosen_home
from xlrotation.market.refresh.run import default_symbols
from xlrotation.market.store import states
from xlrotation.market.store.store import Store
from xlrotation.market.universes import STOXX600_SECTORS


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XLROTATION_SOURCE", raising=False)
    Store("desk").write(panel_of({"XLK": [100.0, 101.0], "XLF": [50.0, 50.5]}, "2026-02-12"))
    Store("desk").write(panel_of({"XLK": [101.0, 30.0], "XLF": [50.5, 51.0]}, "2026-02-13"))


def test_what_is_held_back_is_shown_and_accepted(capsys):
    status, out, _ = run(capsys, "status", "--source", "store:desk")
    assert status == 0
    assert "XLK 2026-02-13: close 30 after 101 (-70.3%) without a split; the bound of a stock is 40%" in out
    assert "xlrotation accept SYMBOL" in out
    held = json.loads(run(capsys, "status", "--source", "store:desk", "--json")[1])["quarantine"]
    assert [(row["symbol"], row["day"], row["field"], row["stored"], row["offered"]) for row in held] == [
        ("XLK", "2026-02-13", "close", None, 30.0)
    ]
    assert run(capsys, "eval", '=PX_CLOSE("XLK")', "--source", "store:desk")[1] == "#N/A\n"
    status, out, _ = run(capsys, "accept", "科技", "--source", "store:desk")
    assert (status, out) == (0, "stored: XLK 2026-02-13: close 30\n")
    assert run(capsys, "eval", '=PX_CLOSE("XLK")', "--source", "store:desk")[1] == "30\n"
    status, _, err = run(capsys, "reject", "XLK", "--source", "store:desk")
    assert (status, err) == (2, "xlrotation: nothing is held back of XLK, only of no symbol\n")


def test_what_is_held_back_is_rejected(capsys):
    assert run(capsys, "reject", "xlk", "--source", "store:desk")[1] == "dropped: XLK 2026-02-13: close 30\n"
    plain = json.loads(run(capsys, "status", "--source", "store:desk", "--json")[1])
    assert (plain["quarantine"], plain["Quarantined values"]) == ([], "none")


def test_where_values_come_from(capsys):
    status, out, _ = run(capsys, "status", "XLK", "XLF", "--source", "store:desk")
    assert status == 0
    assert out.count("2026-02-11  2026-02-11  test") == 2
    plain = json.loads(run(capsys, "status", "XLF", "--source", "store:desk", "--json")[1])
    assert [(row["first"], row["last"]) for row in plain["XLF"]] == [
        *(("2026-02-11", "2026-02-11"), ("2026-02-12", "2026-02-13")),
    ]
    assert "sample" in run(capsys, "status", "XLF")[1]


def test_as_known_on(capsys, monkeypatch):
    today = states.day_of(states.names(Store("desk").folder)[-1])
    given = ("--source", "store:desk", "--as-known-on")
    assert run(capsys, "eval", '=PX_CLOSE("XLF")', *given, str(today))[1] == "51\n"
    status, _, err = run(capsys, "eval", '=PX_CLOSE("XLF")', *given, "2026-01-16")
    assert status == 2
    assert "keeps no state as known on 2026-01-16; the first one kept is of" in err
    out = run(capsys, "status", *given, str(today))[1]
    assert f"store:desk@{today}" in out
    assert "keeps no old states" in run(capsys, "eval", "=1", "--as-known-on", "2026-01-16")[2]
    monkeypatch.setenv("XLROTATION_SOURCE", f"store:desk@{today}")  # as batch jobs and workers carry it
    assert run(capsys, "eval", '=PX_CLOSE("XLF")')[1] == "51\n"
    monkeypatch.setenv("XLROTATION_SOURCE", "store:desk")
    assert f"store:desk@{today}" in run(capsys, "status", "--as-known-on", str(today))[1]
    assert "leave out @" in run(capsys, "accept", "XLK", "--source", f"store:desk@{today}")[2]


@pytest.mark.parametrize(
    "line",
    ["refresh SAP.DE", "accept XLK", "reject XLK", "demo", "status", "audit", "eval =1", "export a.xlsx -o b"],
)
def test_every_command_about_data_knows_the_home_exchange(line, monkeypatch, capsys):
    """It counts while the command runs, and what is no exchange is refused before anything is done."""
    seen = []

    def command(_):
        seen.append(chosen_home())
        return 0

    monkeypatch.delenv("XLROTATION_EXCHANGE", raising=False)
    built = cli._parser()
    monkeypatch.setattr(cli, "_parser", lambda _: built)
    parse = built.parse_args

    def parsed(arguments):
        options = parse(arguments)
        options.command = command
        return options

    monkeypatch.setattr(built, "parse_args", parsed)
    assert cli.main([*line.split(), "--exchange", "xetr"]) == 0
    assert cli.main(line.split()) == 0
    assert seen == ["XETR", ""]
    assert cli.main([*line.split(), "--exchange", "NOWHERE"]) == 2
    assert "NOWHERE" in capsys.readouterr().err


def test_a_refresh_asks_for_the_lists_of_the_home_exchange():
    plain, german = default_symbols(), default_symbols(find_exchange("XETR"))
    assert set(STOXX600_SECTORS) <= set(german)
    assert "^GDAXI" in german
    assert not set(STOXX600_SECTORS) & set(plain)
    assert set(plain) <= set(german)
    assert set(default_symbols(XNYS)) == set(plain)
    assert set(default_symbols(find_exchange("XTSE"))) == set(plain)  # no list of Toronto is known
