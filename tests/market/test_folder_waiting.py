"""Files of a folder are read when their symbols are asked for, with the answers of all of them read at once."""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from xlrotation.errors import NoData
from xlrotation.functions.boundary.session import Session
from xlrotation.market.calendar import XNYS
from xlrotation.market.deferred import Deferred
from xlrotation.market.providers.folder import kept, peeking, source, tables, waiting
from xlrotation.market.sources import FolderSource, Pinned

DAYS = [str(day) for day in XNYS.sessions_between(dt.date(2023, 10, 2), dt.date(2026, 2, 13))]
HEAD = "Date,Open,High,Low,Close,Volume"
NAMES = ("AAPL", "MSFT", "SPX", "BRK.B", "VIX_History", "DOW", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8")
Lines = list[str]


def bars(seed: int, days: list[str] = DAYS) -> Lines:
    """The lines of a file of bars, its heads first."""
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0.0002, 0.01, len(days))))
    rows = zip(days, close.tolist(), chance.integers(1e5, 1e7, len(days)).tolist(), strict=True)
    return [HEAD, *(f"{day},{c:.2f},{c * 1.01:.2f},{c * 0.99:.2f},{c:.2f},{v}" for day, c, v in rows)]


def put(file: Path, lines: Lines, ended: bool = True) -> None:
    file.write_text("\n".join(lines) + ("\n" if ended else ""), "utf-8")
    os.utime(file, (1_750_000_000, 1_750_000_000))


def write(folder: Path, names: tuple[str, ...] = NAMES) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names):
        put(folder / f"{name}.csv", bars(seed))


def row(lines: Lines, place: int, **cells: str) -> None:
    """Replace cells of a row."""
    heads, found = lines[0].split(","), lines[place].split(",")
    for name, text in cells.items():
        found[heads.index(name.capitalize())] = text
    lines[place] = ",".join(found)


def middle(lines: Lines, chance: random.Random) -> int:
    """A row that is neither among the first nor among the last ones."""
    return chance.randrange(120, len(lines) - 150)


def bad_cell(lines: Lines, chance: random.Random) -> None:
    row(lines, middle(lines, chance), close="abc")


def bad_volume(lines: Lines, chance: random.Random) -> None:
    row(lines, middle(lines, chance), volume="viel")


def quoted(lines: Lines, chance: random.Random) -> None:
    row(lines, middle(lines, chance), volume='"1,234"')


def another_width(lines: Lines, chance: random.Random) -> None:
    lines[middle(lines, chance)] += ",7"


def jump(lines: Lines, chance: random.Random) -> None:
    row(lines, middle(lines, chance), open="9999", high="9999", low="9999", close="9999")


def twice(lines: Lines, chance: random.Random) -> None:
    at = middle(lines, chance)
    lines.insert(at, lines[at])


def apart(lines: Lines, chance: random.Random) -> None:
    at = middle(lines, chance)
    lines.insert(at, lines[at])
    row(lines, at, close="1.23")


def future(lines: Lines, chance: random.Random) -> None:
    row(lines, middle(lines, chance), date="2062-01-03")


def long_ago(lines: Lines, chance: random.Random) -> None:
    row(lines, middle(lines, chance), date="1999-01-04")


def split(lines: Lines, chance: random.Random) -> None:
    at = middle(lines, chance)
    lines[0] += ",Dividends,Stock Splits"
    for place in range(1, len(lines)):
        cells = lines[place].split(",")
        if place < at:
            cells[1:5] = [f"{float(cell) * 4:.2f}" for cell in cells[1:5]]
        lines[place] = ",".join([*cells, "0.25" if place % 63 == 7 else "0", "4" if place == at else "0"])


def second_table(lines: Lines, chance: random.Random) -> None:
    lines.insert(middle(lines, chance), "Date,Open,High,Low,Last,Turnover")


def newest_first(lines: Lines, _chance: random.Random) -> None:
    lines[1:] = lines[:0:-1]


def delisted(lines: Lines, chance: random.Random) -> None:
    del lines[-chance.randrange(30, 120) :]


def a_day_behind(lines: Lines, chance: random.Random) -> None:
    del lines[-chance.randrange(1, 4) :]


def no_last_close(lines: Lines, _chance: random.Random) -> None:
    row(lines, len(lines) - 1, close="")


def spike_at_end(lines: Lines, _chance: random.Random) -> None:
    """It is held back, and has no say in what the newest session is."""
    row(lines, len(lines) - 1, close="9999")


def starts_late(lines: Lines, chance: random.Random) -> None:
    del lines[1 : chance.randrange(2, 60)]


def ahead(lines: Lines, _chance: random.Random) -> None:
    lines.append(lines[-1].replace(DAYS[-1], "2026-02-17"))


def a_saturday(lines: Lines, _chance: random.Random) -> None:
    lines.append(lines[-1].replace(DAYS[-1], "2026-02-14"))


def symbols_inside(lines: Lines, _chance: random.Random) -> None:
    """The name of the file says nothing then: it holds two symbols."""
    lines[0] = "Symbol," + lines[0]
    lines[1:] = [f"{'S1' if place % 2 else 'ZZZ'},{line}" for place, line in enumerate(lines[1:])]


def cut_off(lines: Lines, _chance: random.Random) -> None:
    lines[-1] = lines[-1][:14]


def of_several(lines: Lines, _chance: random.Random) -> None:
    """Most days stand there twice and differently between sound ends: it is refused as a whole."""
    body = lines[120:-150]
    other = [line.replace(line.split(",")[4], "1.5") for line in body]
    lines[120:-150] = [line for pair in zip(body, other, strict=True) for line in pair]


def before_all(lines: Lines, chance: random.Random) -> None:
    """A stretch of older rows in the middle, by which the file is in no order."""
    at = middle(lines, chance)
    days = [str(day) for day in XNYS.sessions_between(dt.date(2019, 1, 2), dt.date(2021, 12, 1))]
    lines[at:at] = bars(99, days)[1:]


CHANGES: tuple[Callable[[Lines, random.Random], None], ...] = (
    *(bad_cell, bad_volume, quoted, another_width, jump, twice, apart, future, long_ago, split, second_table),
    *(newest_first, delisted, a_day_behind, no_last_close, starts_late, ahead, a_saturday, symbols_inside, cut_off),
    spike_at_end,
)
UNSEEN = (of_several, before_all)
"""What the ends of a file do not tell, and what decides sessions where all files are read as they stand."""


def spoil(folder: Path, chance: random.Random, changes: tuple[Callable[[Lines, random.Random], None], ...]) -> None:
    write(folder)
    for change in chance.choices(changes, k=chance.randrange(1, 9)):
        file = folder / f"{chance.choice(NAMES)}.csv"
        lines = file.read_text("utf-8").splitlines()
        if len(lines) > 400 and lines[0] == HEAD:
            change(lines, chance)
            put(file, lines, ended=change is not cut_off)
    if chance.random() < 0.4:
        put(folder / "members_desk.csv", ["Symbol,Name,Sector", "AAPL,Apple Two,Energy", "S3,Number Three,Energy"])
    if chance.random() < 0.3:
        put(folder / "wide.csv", ["Date,S2,W1", *(f"{day},50,{10 + place}" for place, day in enumerate(DAYS[-30:]))])
    if chance.random() < 0.3:
        put(folder / "broken.csv", ["Date,Close", "2026-02-13"])
    if chance.random() < 0.3:
        put(folder / "sub.csv", bars(50)) if chance.random() < 0.5 else (folder / "deep").mkdir()
        if (folder / "deep").is_dir():
            put(folder / "deep" / "S4.csv", bars(9)[: chance.choice([300, 480])])


SYMBOLS = (
    *("AAPL", "MSFT", "^GSPC", "SPX", "brk.b", "BRK-B", "VIX", "DOW"),
    *(*NAMES[6:], "ZZZ", "W1", "Apple", "NOPE", "苹果"),
)


def questions(chance: random.Random) -> list[tuple[str, tuple[object, ...]]]:
    def one() -> tuple[str, tuple[object, ...]]:
        symbol = chance.choice(SYMBOLS)
        day = chance.choice([None, None, "2026-02-13", "2026-02-12", "2025-06-16", "2019-06-03"])
        return chance.choice(
            (
                ("PX_CLOSE", (symbol, day)),
                ("PX_CLOSE", (symbol,)),
                ("PX_RET", (symbol, chance.choice(["1D", "1M", "1Y", "YTD", "ALL"]), day)),
                ("PX_RET", (symbol, "6M", day, "total")),
                ("RS_STREAK", (symbol, chance.choice(SYMBOLS))),
                ("VOL_REALIZED", (symbol, 21)),
                ("VOL_REALIZED", (symbol, 21, day, "PARKINSON")),
                ("BRD_AD", ("DESK",)),
                ("BRD_AD", ([[name] for name in chance.sample(SYMBOLS, 3)],)),
                ("XLR_SYMBOL", (symbol,)),
                ("XLR_STATUS", ()),
            )
        )

    return [one() for _ in range(chance.randrange(3, 12))]


def answers(session: Session, asked: list[tuple[str, tuple[object, ...]]]) -> list[object]:
    found: list[object] = []
    for name, arguments in asked:
        session.failures.clear()
        result = session.call(name, *arguments)
        found.append((name, arguments, repr(result), [failure.reason for failure in session.failures]))
    return found


def eagerly(folder: Path) -> Session:
    text = f"folder:{folder}"
    try:
        return Session(Pinned(text, source.Reader(folder).load()), remember=False)
    except NoData as error:
        return Session(Pinned(text, None, error), remember=False)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch, tmp_path):
    monkeypatch.setenv(kept.VARIABLE, "off")
    monkeypatch.setenv("XLROTATION_HOME", str(tmp_path / "home"))


@pytest.fixture
def read(monkeypatch):
    """The files that were read as a whole."""
    names: list[str] = []
    real = tables.read_tables

    def noted(file: Path, name: str, *more: object) -> object:
        names.append(name)
        return real(file, name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "read_tables", noted)
    return names


def test_only_the_file_is_read_that_is_asked_for(tmp_path, read):
    write(tmp_path / "data")
    session = Session(f"folder:{tmp_path / 'data'}")
    assert isinstance(session.panel, Deferred)
    assert read == []
    assert session.call("PX_CLOSE", "AAPL") == pytest.approx(float(bars(0)[-1].split(",")[4]))
    assert session.call("PX_CLOSE", "^VIX") == pytest.approx(float(bars(4)[-1].split(",")[4]))
    assert session.call("PX_RET", "S&P 500", "1M") == pytest.approx(
        float(bars(2)[-1].split(",")[4]) / float(bars(2)[-22].split(",")[4]) - 1, abs=0.2
    )
    assert read == ["AAPL.csv", "VIX_History.csv", "SPX.csv"]
    session.call("XLR_STATUS")
    assert sorted(read) == sorted(f"{name}.csv" for name in NAMES)


@pytest.mark.parametrize("seed", range(30))
def test_any_order_of_questions_has_the_answers_of_all_files_read(tmp_path, seed):
    chance = random.Random(seed)
    folder = tmp_path / "data"
    spoil(folder, chance, (*CHANGES, *UNSEEN))
    asked = questions(chance)
    lazy = Session(f"folder:{folder}", remember=False)
    found = answers(lazy, asked)
    assert found == answers(eagerly(folder), asked)
    with_whole = lazy.panel.whole
    assert with_whole.identity == source.Reader(folder).load().identity


@pytest.mark.parametrize("seed", range(100, 120))
def test_where_the_ends_tell_all_sessions_are_those_of_all_rows(tmp_path, seed, monkeypatch):
    chance = random.Random(seed)
    folder = tmp_path / "data"
    spoil(folder, chance, CHANGES)
    asked = questions(chance)
    found = answers(Session(f"folder:{folder}", remember=False), asked)
    monkeypatch.setattr(waiting, "MANY", 10**9)
    assert not isinstance(FolderSource(str(folder)).panel(), Deferred)
    assert found == answers(eagerly(folder), asked)


def test_a_file_that_changes_before_it_is_read_is_no_mixture(tmp_path):
    folder = tmp_path / "data"
    write(folder)
    panel = FolderSource(str(folder)).panel()
    session = Session(Pinned("folder", panel), remember=False)
    before = session.call("PX_CLOSE", "AAPL")
    put(folder / "S1.csv", bars(77))
    os.utime(folder / "S1.csv", (1_750_000_050, 1_750_000_050))
    session.call("PX_CLOSE", "S1")
    assert "S1.csv has changed since the folder was looked at" in list(session.failures)[-1].reason
    assert session.call("PX_CLOSE", "AAPL") == before
    assert session.call("PX_CLOSE", "S2") == pytest.approx(float(bars(7)[-1].split(",")[4]))
    session.call("XLR_STATUS")
    assert "changed" in list(session.failures)[-1].reason
    again = Session(FolderSource(str(folder)))
    assert again.call("PX_CLOSE", "S1") == pytest.approx(float(bars(77)[-1].split(",")[4]))


def test_a_file_that_comes_later_is_not_in_what_was_looked_at_before(tmp_path):
    folder = tmp_path / "data"
    write(folder)
    panel = FolderSource(str(folder)).panel()
    put(folder / "NEW.csv", bars(78))
    with pytest.raises(NoData, match="have changed since they were looked at"):
        _ = panel.remarks
    assert panel.ready("S1") == "S1"


def test_files_that_changed_are_seen_by_a_source_that_goes_on(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    write(folder)
    opened = FolderSource(str(folder))
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    session = Session(opened, remember=False)
    assert session.call("PX_CLOSE", "S1") == pytest.approx(float(bars(6)[-1].split(",")[4]))
    put(folder / "S1.csv", bars(79))
    os.utime(folder / "S1.csv", (1_750_000_050, 1_750_000_050))
    assert session.call("PX_CLOSE", "S1") == pytest.approx(float(bars(79)[-1].split(",")[4]))
    session.call("XLR_STATUS")
    put(folder / "S1.csv", bars(80))
    assert session.call("PX_CLOSE", "S1") == pytest.approx(float(bars(80)[-1].split(",")[4]))


def test_a_folder_that_goes_away_says_so(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    write(folder)
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    session = Session(FolderSource(str(folder)), remember=False)
    close = session.call("PX_CLOSE", "S1")
    assert isinstance(session.panel.whole.symbols, tuple)
    folder.rename(tmp_path / "away")
    assert session.call("PX_CLOSE", "S1") == close
    assert "what was read before stays" in session.panel.remarks[0]


def test_two_files_of_one_symbol_complete_each_other(tmp_path, read):
    folder = tmp_path / "data"
    write(folder)
    whole = bars(9)
    (folder / "old").mkdir()
    put(folder / "old" / "S4.csv", whole[:480])
    put(folder / "S4.csv", [HEAD, *whole[150:]])
    session = Session(f"folder:{folder}", remember=False)
    assert session.call("PX_CLOSE", "S4", DAYS[100]) == pytest.approx(float(whole[101].split(",")[4]))
    assert session.call("PX_CLOSE", "S4") == pytest.approx(float(whole[-1].split(",")[4]))
    assert read == ["S4.csv", "old/S4.csv"]


def test_threads_ask_together(tmp_path):
    folder = tmp_path / "data"
    write(folder)
    session = Session(f"folder:{folder}", remember=False)
    wanted = [float(bars(seed)[-1].split(",")[4]) for seed in range(len(NAMES))]
    symbols = ["AAPL", "MSFT", "^GSPC", "BRK-B", "^VIX", *NAMES[5:]]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: session.call("PX_CLOSE", symbols[n % len(symbols)]), range(56)))
        told = pool.submit(session.call, "XLR_STATUS").result()
    assert found == pytest.approx(wanted * 4)
    assert isinstance(told, list)


def test_the_newest_session_is_that_of_most_last_lines(tmp_path):
    folder = tmp_path / "data"
    write(folder)
    for name in NAMES[:8]:
        lines = (folder / f"{name}.csv").read_text("utf-8").splitlines()
        put(folder / f"{name}.csv", lines[:-1])
    session = Session(f"folder:{folder}", remember=False)
    assert str(session.panel.last) == DAYS[-2]
    assert isinstance(session.panel, Deferred)
    assert session.call("PX_CLOSE", "S8") == pytest.approx(float(bars(13)[-2].split(",")[4]))


def test_a_close_that_is_held_back_has_no_say_in_the_newest_session(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    write(folder)
    for place, name in enumerate(NAMES[:8]):
        lines = (folder / f"{name}.csv").read_text("utf-8").splitlines()
        if place < 7:
            del lines[-1]
        else:
            spike_at_end(lines, random.Random(0))
        put(folder / f"{name}.csv", lines)
    lazy = Session(f"folder:{folder}", remember=False)
    assert isinstance(lazy.panel, Deferred)
    assert str(lazy.panel.last) == DAYS[-2]
    monkeypatch.setattr(waiting, "MANY", 10**9)
    assert str(source.load(folder).last) == DAYS[-2]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("prices.csv", bars(1)),
        ("A.csv", [HEAD.replace("Close", "Last Column"), *bars(1)[1:]]),
        ("A.csv", ["Date,AAPL,MSFT", *(f"{day},1.5,20000000000.5" for day in DAYS)]),
        ("A.csv", ["Symbol," + HEAD, *(f"B,{line}" for line in bars(1)[1:])]),
        ("A.csv", [HEAD, *(line.replace("-", "/") for line in bars(1)[1:])]),
        ("A.csv", [HEAD, *(f"{line}%" for line in bars(1)[1:])]),
        ("A.csv", ["observation_date,Open,High,Low,Close,Volume", *bars(1)[1:]]),
        ("A.csv", bars(1)[:100]),
        ("A.xlsx", bars(1)),
        ("A.csv", [HEAD, *random.Random(1).sample(bars(1)[1:], len(DAYS))]),
    ],
)
def test_what_the_ends_do_not_tell_is_read_at_once(tmp_path, name, lines):
    put(tmp_path / name, lines)
    assert peeking.peek(tmp_path / name, name) is None


def test_the_ends_tell_whose_bars_a_file_holds(tmp_path):
    for name, lines in (("SPX.csv", bars(1)), ("BRK.B.csv", [HEAD, *bars(1)[:0:-1]])):
        put(tmp_path / name, lines)
        found = peeking.peek(tmp_path / name, name)
        assert found is not None
        assert found.symbol == {"SPX.csv": "^GSPC", "BRK.B.csv": "BRK-B"}[name]
        assert (str(found.first), str(found.closes[-1])) == (DAYS[0], DAYS[-1])


def test_what_was_read_as_a_whole_is_kept_for_the_next_start(tmp_path, monkeypatch, read):
    monkeypatch.setenv(kept.VARIABLE, "")
    folder = tmp_path / "data"
    write(folder)
    first = Session(f"folder:{folder}").call("XLR_STATUS")
    read.clear()
    again = Session(f"folder:{folder}")
    assert again.call("XLR_STATUS") == first
    assert read == []
    assert again.call("PX_CLOSE", "S1") == pytest.approx(float(bars(6)[-1].split(",")[4]))


def test_an_export_reads_all_files_at_once(tmp_path):
    folder = tmp_path / "data"
    write(folder)
    session = Session(f"folder:{folder}")
    assert isinstance(session.pinned().panel, Deferred)
    whole = session.pinned(whole=True)
    assert not isinstance(whole.panel, Deferred)
    assert session.panel is whole.panel
    (folder / "S1.csv").unlink()
    assert whole.call("PX_CLOSE", "S1") == pytest.approx(float(bars(6)[-1].split(",")[4]))


@pytest.mark.parametrize("how", ["in place", "by another file"])
@pytest.mark.parametrize("asked", [True, False])
def test_a_file_of_the_same_size_and_time_is_another_one(tmp_path, monkeypatch, how, asked):
    folder = tmp_path / "data"
    write(folder)
    monkeypatch.setattr("xlrotation.market.sources._CHECK_SECONDS", 0.0)
    session = Session(FolderSource(str(folder)), remember=False)
    before = session.call("PX_CLOSE", "S1") if asked else session.call("PX_CLOSE", "S2")
    file = folder / "S1.csv"
    lines = file.read_text("utf-8").splitlines()
    row(lines, len(lines) - 1, close=lines[-1].split(",")[4][:-2] + ("11" if before else "22"))
    time.sleep(0.02)
    if how == "by another file":
        put(tmp_path / "new", lines)
        (tmp_path / "new").replace(file)
    else:
        put(file, lines)
    assert session.call("PX_CLOSE", "S1") == pytest.approx(float(lines[-1].split(",")[4]))
