"""A store whose files are damaged, gone or refused: nothing else is served, and nothing that is whole is lost."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import panel_of
from tests.market.answers import DAYS, NOW, chart, client_of, quick
from tests.market.damaged import DAY, HOME, closes_of, everything, fill
from tests.test_cli import run as command
from xlrotation.errors import BadArgument, NoData
from xlrotation.market.panel import Provenance
from xlrotation.market.refresh import asked as asked_module
from xlrotation.market.refresh import run as refresh_module
from xlrotation.market.refresh.asked import Asked
from xlrotation.market.refresh.run import memory
from xlrotation.market.store import keeping, states, storage
from xlrotation.market.store.storage import Damaged, NewerFormat, Unreachable
from xlrotation.market.store.store import Store

pytestmark = pytest.mark.filterwarnings("ignore")  # of yfinance and pandas


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(HOME, str(tmp_path))
    fill("yahoo")
    return Store("yahoo").folder


def flip(path: Path, place: int | None = None, bit: int = 1) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if place is None else place] ^= bit
    path.write_bytes(bytes(data))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "writer.lock"
    }


def only(folder: Path, pattern: str) -> Path:
    """The newest file of a kind."""
    return max(folder.glob(pattern))


class TestPrices:
    def test_any_flipped_bit_is_found(self, folder):
        path = only(folder, "prices-2026-02-*")
        whole = path.read_bytes()
        for place in range(0, len(whole), 23):
            flip(path, place, 1 << place % 8)
            with pytest.raises(Damaged, match=path.name):
                Store("yahoo").read()
            path.write_bytes(whole)
        assert Store("yahoo").read().symbols

    def test_a_file_under_the_name_of_another_is_found(self, folder):
        one, other = sorted(folder.glob("prices-2026-02-*"))[-2:]
        shutil.copyfile(one, other)
        with pytest.raises(Damaged):
            Store("yahoo").read()

    def test_pages_carry_checksums_of_their_own(self, folder):
        """Other programs that read a file of prices find damage too, if they ask for the check."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        whole = only(folder, "prices-2026-02-*").read_bytes()

        def rows(data: bytes, check: bool) -> str | None:
            try:
                with pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=check) as file:
                    return str(file.read().to_pydict())
            except (OSError, ValueError, IndexError, OverflowError):
                return None

        with pq.ParquetFile(pa.BufferReader(whole)) as file:
            columns = [file.metadata.row_group(0).column(i) for i in range(file.metadata.num_columns)]
        end = sum(column.total_compressed_size for column in columns)
        others = dict.fromkeys((True, False), 0)
        for place in range(4, 4 + end, 3):  # the pages; what follows them has no checksum but that of the state
            data = bytearray(whole)
            data[place] ^= 1
            for check in others:
                others[check] += rows(bytes(data), check) not in (None, rows(whole, check))
        assert others[True] == 0
        assert others[False] > 10

    def test_a_block_without_another_stops_every_writing(self, folder):
        """The five symbols, the chains, the series stay."""
        path = only(folder, "prices-2025-*")
        path.write_bytes(path.read_bytes()[:-1])
        before = files(folder)
        for write in (
            lambda: Store("yahoo").write(panel_of({"XLK": [100.0]})),
            lambda: Store("yahoo").accept(["BBB"]),
            lambda: Store("yahoo").write_together(panel_of({"AAA": [1.0]}), chains=[everything("AAA", DAY, 9.0)]),
        ):
            with pytest.raises(Damaged, match=rf"damaged {path.name} .*xlrotation refresh --rebuild"):
                write()
        assert files(folder) == before

    def test_chains_and_series_are_stored_whatever_became_of_prices(self, folder):
        """They cannot be had tomorrow."""
        path = only(folder, "prices-2025-*")
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        Store("yahoo").write_chains([everything("CCC", DAY, 9.0)])
        Store("yahoo").write_series({"N": (np.array(["2026-01-01"], "M8[D]"), np.ones(1))})
        with pytest.raises(Damaged, match=path.name):
            Store("yahoo").read()
        path.write_bytes(whole)
        panel = Store("yahoo").read()
        assert (panel.chains.chain("CCC", DAY).bid[0], panel.chains.chain("AAA", DAY).bid[0]) == (9.0, 2.0)
        assert (panel.series["N"][1].tolist(), len(panel.symbols), len(panel.quarantine)) == ([1.0], 5, 1)

    def test_an_older_state_may_have_another(self, folder):
        path = only(folder, "prices-2026-02-*")
        flip(path)
        store = Store("yahoo")
        store.write(panel_of({"AAA": [104.5]}))
        assert store.notes == [
            f"{path.name} is damaged; {sorted(folder.glob('prices-2026-02-*'))[1].name}, of the state of "
            "2026-02-12 22:00 UTC, stands in its place"
        ]
        panel = Store("yahoo").read()
        assert closes_of(panel, "AAA")[-1] == 104.5
        assert len(panel.chains.days("AAA")) == 3
        assert panel.series["UNRATE"][1].tolist() == [4.3, 4.4]

    @pytest.mark.parametrize("error", [errno.EACCES, errno.EMFILE, errno.EIO, errno.ENFILE, errno.ESTALE])
    @pytest.mark.parametrize(
        "pattern", ["prices-", "chains-", "series-", "quarantine-", "journal", "current", "0", "copy"]
    )
    def test_an_error_that_may_pass_is_no_damage(self, folder, monkeypatch, error, pattern):
        before = files(folder)
        real = storage.open_regular

        def refused(path):
            if path.name.startswith(pattern) and folder in path.parents:
                raise OSError(error, os.strerror(error), str(path))
            return real(path)

        monkeypatch.setattr(storage, "open_regular", refused)
        for rebuild in (False, True):
            with pytest.raises(Unreachable, match="cannot be read now"):
                Store("yahoo", rebuild=rebuild).write_together(
                    panel_of({"AAA": [104.5]}),
                    chains=[everything("AAA", DAY, 9.0)],
                    series={"UNRATE": (np.array(["2026-03-01"], "M8[D]"), np.ones(1))},
                )
        monkeypatch.setattr(storage, "open_regular", real)
        assert {name: data for name, data in files(folder).items() if name in before} == before
        assert closes_of(Store("yahoo").read(), "AAA")[-1] == 104.0

    def test_folders_that_are_refused_are_not_empty(self, folder, monkeypatch):
        real = Path.iterdir

        def refused(self):
            if folder in (self, self.parent):
                raise PermissionError(errno.EACCES, "Permission denied", str(self))
            return real(self)

        (folder / "current.json").unlink()
        monkeypatch.setattr(Path, "iterdir", refused)
        with pytest.raises(Unreachable):
            Store("yahoo").write(panel_of({"XLK": [1.0]}))
        with pytest.raises(Unreachable):
            Store("yahoo").read()


class TestRest:
    def test_damaged_series_are_told_and_never_begun_anew(self, folder):
        path = only(folder, "series-*")
        flip(path)
        panel = Store("yahoo").read()
        assert panel.series == {}
        assert path.name in panel.remarks[0]
        new = {"UNRATE": (np.array(["2026-02-01"], "M8[D]"), np.array([4.5]))}
        with pytest.raises(Damaged):
            Store("yahoo").write_series(new)
        Store("yahoo").write(panel_of({"AAA": [104.2]}))  # what does not concern them goes on
        assert path.name in Store("yahoo").read().remarks[0]
        store = Store("yahoo", rebuild=True)
        store.write_series(new)
        assert path.name in store.notes[0]
        assert Store("yahoo").read().series["UNRATE"][1].tolist() == [4.5]

    def test_damaged_chains_are_told_and_others_of_the_session_not_lost(self, folder):
        path = only(folder, "chains-2026-02-13-*")
        whole = path.read_bytes()
        flip(path)
        chains = Store("yahoo").read().chains
        assert chains.chain("AAA", dt.date(2026, 2, 12)) is not None
        with pytest.raises(Damaged, match=path.name):
            chains.chain("AAA", DAY)
        with pytest.raises(Damaged, match=path.name):
            Store("yahoo").write_chains([everything("AAA", DAY, 9.0)])  # BBB's would be gone
        path.write_bytes(whole)
        Store("yahoo").write_chains([everything("AAA", DAY, 9.0)])
        assert Store("yahoo").read().chains.chain("BBB", DAY).bid[0] == 3.0

    def test_a_damaged_quarantine_is_told(self, folder):
        path = only(folder, "quarantine-*")
        flip(path)
        assert path.name in Store("yahoo").read().remarks[0]
        with pytest.raises(Damaged, match=path.name):
            Store("yahoo").accept(["BBB"])

    def test_a_damaged_journal_stays_and_a_new_one_begins(self, folder):
        path = folder / "journal.jsonl"
        flip(path)
        damaged = path.read_bytes()
        with pytest.raises(Damaged, match=r"journal\.jsonl"):
            Store("yahoo").origin("AAA", DAY)
        store = Store("yahoo")
        store.write(panel_of({"AAA": [104.2]}))
        assert "journal.jsonl" in store.notes[0]
        assert path.read_bytes() == damaged
        assert Store("yahoo").origin("AAA", DAY).provider == "test"
        assert Store("yahoo").origin("CCC", DAY) is None

    def test_the_state_is_there_twice(self, folder):
        name = states.current(folder)
        for damage in (Path.unlink, flip, lambda path: path.write_bytes(b"")):
            before = Store("yahoo").read()
            damage(folder / "states" / f"{name}.json")
            assert closes_of(Store("yahoo").read(), "AAA") == closes_of(before, "AAA")
            before_name, name = name, Store("yahoo").write(panel_of({"AAA": [104.1]}))
            assert states.load(folder, before_name).name == before_name  # its own file is written again
            assert len(Store("yahoo").read().chains.days("AAA")) == 3

    def test_without_its_states_a_store_is_not_empty(self, folder):
        shutil.rmtree(folder / "states")
        assert len(Store("yahoo").read().symbols) == 5  # from the copy
        (folder / "copy.json").unlink()
        before = files(folder)
        with pytest.raises(Damaged):
            Store("yahoo").read()
        for rebuild in (False, True):
            with pytest.raises(Damaged, match="has files but no state that can be read"):
                Store("yahoo", rebuild=rebuild).write(panel_of({"XLK": [100.0]}))
        assert files(folder) == before

    @pytest.mark.parametrize("pointer", [None, "{", '{"state": "../../x"}', '{"state": "20260101T000000000000"}', "[]"])
    def test_without_its_pointer_a_store_goes_on_from_the_newest_state(self, folder, pointer):
        path = folder / "current.json"
        path.unlink() if pointer is None else path.write_text(pointer, "utf-8")
        stamped = set(files(folder))
        store = Store("yahoo")
        store.write(panel_of({"AAA": [104.2]}))
        assert "current.json" in store.notes[0] or "lacks states/" in store.notes[0]
        panel = Store("yahoo").read()
        assert (closes_of(panel, "AAA")[-1], len(panel.symbols), len(panel.chains.days("AAA"))) == (104.2, 5, 3)
        assert stamped - set(files(folder)) <= {"current.json"}

    def test_chains_of_a_state_that_cannot_be_read_are_taken_up(self, folder):
        name = states.current(folder)
        flip(folder / "states" / f"{name}.json")
        flip(folder / "copy.json")
        Store("yahoo").write(panel_of({"AAA": [104.2]}))
        chains = Store("yahoo").read().chains
        assert chains.days("AAA") == (dt.date(2026, 2, 11), dt.date(2026, 2, 12), DAY)
        assert chains.chain("BBB", DAY).bid[0] == 3.0

    def test_chains_that_came_after_a_state_that_somebody_went_back_to_are_taken_up(self, folder):
        first = states.names(folder)[0]
        (folder / "current.json").write_text(json.dumps({"state": first}), "utf-8")
        Store("yahoo").write(panel_of({"AAA": [102.5]}, "2026-02-11"))
        panel = Store("yahoo").read()
        assert panel.last == dt.date(2026, 2, 11)
        assert panel.chains.chain("BBB", DAY).bid[0] == 3.0

    def test_an_old_state_that_is_gone_is_not_passed_over(self, folder):
        day = dt.date(2026, 2, 12)
        assert Store("yahoo", day).read().last == day
        (folder / "states" / f"{states.names(folder)[1]}.json").unlink()
        for _ in range(2):
            with pytest.raises(Damaged, match="lacks states/"):
                Store("yahoo", day).read()
            Store("yahoo").write(panel_of({"AAA": [104.2]}))  # does not make one forget it
        whole = (folder / "copy.json").read_bytes()
        (folder / "copy.json").unlink()
        with pytest.raises(Damaged, match=r"copy\.json"):
            Store("yahoo", day).read()
        (folder / "copy.json").write_bytes(whole)
        Store("yahoo", rebuild=True).write(panel_of({"AAA": [104.2]}))  # somebody has given it up
        assert Store("yahoo", day).read().last == dt.date(2026, 2, 11)


class TestOfAnotherMaking:
    def change(self, folder, **keys):
        path = folder / "states" / f"{states.current(folder)}.json"
        found = json.loads(path.read_text("utf-8"))
        found.pop("sha256")
        path.write_text(json.dumps({**found, **keys, "sha256": "0" * 64}), "utf-8")

    def test_a_newer_format_is_refused_and_never_rolled_back(self, folder):
        self.change(folder, format=3, more={"than": "we know"})
        before = files(folder)
        for store in (Store("yahoo"), Store("yahoo", rebuild=True)):
            for step in (store.read, store.newest_readable, lambda: store.write(panel_of({"AAA": [104.2]}))):  # noqa: B023
                with pytest.raises(NewerFormat, match=r"made by a newer xlrotation .*update"):
                    step()
        assert files(folder) == before

    def test_also_where_only_the_pointer_or_a_state_after_it_is_newer(self, folder):
        path = folder / "current.json"
        name = states.current(folder)
        path.write_text(json.dumps({"format": 3, "state": name, "more": 1}), "utf-8")
        with pytest.raises(NewerFormat):
            Store("yahoo").write(panel_of({"AAA": [104.2]}))
        path.write_text(json.dumps({"state": states.names(folder)[0]}), "utf-8")
        self.change(folder)  # the first state is what the pointer names
        (folder / "states" / "00000099-20300101T000000000000.json").write_text('{"format": 7}', "utf-8")
        path.write_text(json.dumps({"state": name}), "utf-8")
        with pytest.raises(NewerFormat):
            Store("yahoo").write(panel_of({"AAA": [104.2]}))

    @pytest.mark.parametrize("key", ["quarantine", "series", "prices", "chains", "journal"])
    @pytest.mark.parametrize(
        "form", ["{}", "../{}", "./../yahoo/../{}", "states/{}", "C:{}", "//host/share/{}", "prices-2025-x"]
    )
    def test_only_names_of_our_own_are_followed(self, folder, tmp_path, key, form):
        victim = tmp_path / "precious.txt"
        victim.write_text("mine", "utf-8")
        name = form.format(victim if form == "{}" else victim.name)
        value = {"prices": {"2025": name}, "chains": {"2026-02-11": [name, ["AAA"]]}, "journal": [name, 0, None]}
        for state in states.names(folder):
            path = folder / "states" / f"{state}.json"
            found = json.loads(path.read_text("utf-8"))
            del found["sha256"]
            found[key] = value.get(key, name)
            path.write_bytes(states.sealed(found))
        (folder / "copy.json").unlink()
        with pytest.raises(Damaged, match="no file of a store"):
            Store("yahoo").read()
        with pytest.raises(Damaged):
            Store("yahoo").write(panel_of({"AAA": [104.2]}))
        assert victim.read_text("utf-8") == "mine"

    def test_a_kind_is_not_taken_for_another(self, folder):
        found = states.load(folder, states.current(folder))
        odd = replace(found, prices={**found.prices, "2025": found.prices["2026-01"]})
        with pytest.raises(ValueError, match="no file of a store"):
            states.from_plain(odd.name, states.plain_of(odd))


class TestRefresh:
    @pytest.fixture
    def refresh(self, server, client):
        def go(*symbols, now=NOW, **options):
            server.asked.clear()
            return refresh_module.refresh("yahoo", list(symbols) or None, None, client, now, quick(), **options)

        return go

    def rising(self):
        return [100.0 + i for i in range(len(DAYS))]

    @pytest.fixture
    def filled(self, server, refresh):
        server.charts = {name: chart(name, self.rising()) for name in ("AAA", "BBB", "CCC")}
        refresh("AAA", "BBB", "CCC")
        Store("yahoo").write_together(
            chains=[everything("AAA", day, 1.0) for day in DAYS[-3:]],
            series={"UNRATE": (np.array(["2026-01-01"], "M8[D]"), np.array([4.3]))},
        )
        return Store("yahoo").folder

    def test_it_refuses_a_damaged_store_and_changes_nothing(self, server, refresh, filled):
        path = only(filled, "prices-2026-01-*")
        path.write_bytes(path.read_bytes()[:-1])
        before = files(filled)
        with pytest.raises(Damaged, match=path.name):
            refresh("AAA")
        assert (files(filled), server.asked) == (before, [])

    def test_it_rebuilds_what_was_damaged_for_all_symbols(self, server, refresh, filled):
        path = only(filled, "prices-2026-01-*")
        flip(path)
        del server.charts["CCC"]
        report = refresh("AAA", rebuild=True)
        assert sorted({name for name, _ in server.asked}) == ["AAA", "BBB", "CCC"]
        assert any(f"{path.name} is damaged and no older state has another" in line for line in report.lines())
        assert "prices that were in a damaged file have not come again: CCC" in report.lines()
        assert not report.fine
        panel = Store("yahoo").read()
        assert (closes_of(panel, "AAA"), closes_of(panel, "BBB")) == (self.rising(), self.rising())
        assert closes_of(panel, "CCC")[-1] == self.rising()[-1]
        assert len(panel.chains.days("AAA")) == 3
        assert panel.series["UNRATE"][1].tolist() == [4.3]
        assert "prices of 2026-01 are not complete" in panel.remarks[0]
        server.charts["CCC"] = chart("CCC", self.rising())
        assert refresh("BBB").fine  # CCC is asked for though nobody names it
        panel = Store("yahoo").read()
        assert (closes_of(panel, "CCC"), panel.remarks) == (self.rising(), ())

    def test_an_older_file_is_told_and_asked_about(self, server, refresh, filled):
        server.charts["AAA"] = chart("AAA", [*self.rising()[:-1], 114.5])
        refresh("AAA", force=True)
        path = only(filled, "prices-2026-02-*")
        flip(path)
        report = refresh("AAA", "BBB", "CCC")
        assert f"{path.name} is damaged" in report.lines()[0]
        assert not report.fine
        assert closes_of(Store("yahoo").read(), "AAA")[-1] == 114.5
        assert refresh("AAA", "BBB", "CCC").fine

    def test_the_exit_status_says_so(self, filled, capsys):
        flip(only(filled, "prices-2026-01-*"))
        status, _, err = command(capsys, "refresh", "AAA", "--trust-clock")
        assert (status, "is damaged" in err or "damaged" in err) == (2, True)

    @pytest.mark.parametrize("away", [dt.timedelta(days=5 * 365), dt.timedelta(days=32), -dt.timedelta(days=2)])
    def test_a_clock_that_jumped_is_asked_about(self, server, refresh, filled, away):
        before = files(filled)
        with pytest.raises(NoData, match=r"this computer's clock says .* run again with --trust-clock"):
            refresh("AAA", now=NOW + away)
        assert (files(filled), server.asked) == (before, [])
        refresh("AAA", now=NOW + away, trust_clock=True)

    def test_a_holiday_is_no_jump(self, refresh, filled):
        refresh("AAA", now=NOW + dt.timedelta(days=30))

    def test_another_currency_with_the_same_numbers(self, server, refresh, filled):
        server.charts["AAA"] = chart("AAA", self.rising(), currency="GBp")
        report = refresh("AAA", "BBB", now=NOW + dt.timedelta(days=4))
        assert "it comes in GBp, and what is stored is in USD; what is stored stays as it was" in report.missing["AAA"]
        assert Store("yahoo").read().provenance["AAA"].currency == "USD"
        report = refresh("AAA", now=NOW + dt.timedelta(days=4), force=True)
        assert report.missing == {}
        assert Store("yahoo").read().provenance["AAA"].currency == "GBp"
        assert closes_of(Store("yahoo").read(), "AAA") == self.rising()

    def test_also_where_a_program_writes(self, folder):
        def offer(currency, value):
            panel = panel_of({"ZZZ": [value]})
            known = {"ZZZ": Provenance("p", panel.first, panel.last, currency=currency)}
            return replace(panel, provenance=known)

        Store("yahoo").write(offer("USD", 10.0))
        with pytest.raises(BadArgument, match="ZZZ comes in GBp, and what is stored is in USD"):
            Store("yahoo").write(offer("GBp", 10.0))
        Store("yahoo").write(offer(None, 10.1))
        assert Store("yahoo").read().provenance["ZZZ"].currency == "USD"
        Store("yahoo").write(offer("GBp", 900.0), whole=("ZZZ",))
        assert closes_of(Store("yahoo").read(), "ZZZ")[-1] == 900.0

    def test_gaps_are_seen_without_the_memory(self, server, refresh, filled):
        closes = self.rising()
        server.charts["DDD"] = chart("DDD", [*closes[:3], None, *closes[4:]])
        refresh("DDD")
        memory()._path.unlink()
        assert refresh("DDD").holes == {"DDD": [DAYS[3]]}


class TestClock:
    def write(self, when: str, close: float, **more):
        now = dt.datetime.fromisoformat(when).replace(tzinfo=dt.UTC)
        return Store("s", now=now).write(panel_of({"A": [close]}, **more))

    @pytest.fixture(autouse=True)
    def home(self, tmp_path, monkeypatch):
        monkeypatch.setenv(HOME, str(tmp_path))

    def test_a_jump_thins_nothing(self):
        names = [self.write(f"2026-02-{3 + i:02}T12:00:00", 100.0 + i / 10) for i in range(10)]
        names += [self.write(f"2026-02-12T{13 + i}:00:00", 102.0 + i / 10) for i in range(3)]
        for later in ("2031-02-13T12:00:00", "2031-02-13T13:00:00", "2031-02-14T13:00:00"):
            names.append(self.write(later, 103.0))
        assert states.names(Store("s").folder) == names
        names.append(self.write("2026-02-13T12:00:00", 103.1))  # the clock is right again
        names += [self.write(f"2026-02-{14 + i}T12:00:00", 103.1) for i in range(6)]
        assert states.names(Store("s").folder) == names

    def test_what_was_known_does_not_follow_a_wrong_clock(self):
        self.write("2026-02-10T12:00:00", 100.0, last="2026-02-09")
        self.write("2031-02-10T12:00:00", 101.0, last="2026-02-09")
        for day in range(11, 15):
            self.write(f"2026-02-{day}T12:00:00", 91.0 + day, last="2026-02-09")

        def known(day):
            return closes_of(Store("s", dt.date.fromisoformat(day)).read(), "A")[-1]

        assert [known(day) for day in ("2026-02-10", "2026-02-12", "2026-12-31")] == [100.0, 103.0, 105.0]
        self.write("2020-01-01T12:00:00", 106.0, last="2026-02-09")
        with pytest.raises(NoData, match="the first one kept is of 2026-02-10"):
            Store("s", dt.date(2021, 1, 1)).read()

    def test_most_of_the_clocks_are_believed(self):
        names = [
            f"{i:08}-{stamp}T000000000000" for i, stamp in enumerate(("20260101", "20300101", "20260102", "20260103"))
        ]
        assert keeping.in_time(names) == [names[0], names[2], names[3]]
        assert keeping.in_time([]) == []
        old = "20260101T000000000000"
        assert sorted([names[2], names[0], old], key=states.order) == [old, names[0], names[2]]


class TestMemory:
    def test_two_refreshes_at_once_lose_nothing(self, tmp_path):
        path = tmp_path / "asked.json"
        one, other = Asked(path), Asked(path)
        day, later = DAYS[3], DAYS[5]
        one.set_zone("A", "America/New_York")
        one.count("A", [day], DAYS[0], later)
        one.set_series_fetched("X", NOW)
        one.save()
        other.set_zone("B", "Asia/Tokyo")
        other.set_begin("B", day)
        other.count("B", [day], DAYS[0], later)
        other.count("A", [day], DAYS[0], DAYS[6])
        other.save()
        third = Asked(path)
        assert (third.zone("A"), third.zone("B"), third.begin("B")) == ("America/New_York", "Asia/Tokyo", day)
        assert third.series_fetched("X") == NOW
        assert json.loads(path.read_text("utf-8"))["holes"]["A"] == {str(day): [str(later), str(DAYS[6])]}
        third.count("A", [], DAYS[0], DAYS[7])  # no hole any more
        third.save()
        one.save()  # has nothing new to tell
        assert set(json.loads(path.read_text("utf-8"))["holes"]) == {"B"}

    def test_gaps_of_the_symbols_of_another_refresh_are_noticed(self, server, client):
        def refresh(*symbols, progress=None, session=client):
            return refresh_module.refresh("yahoo", list(symbols), progress, session, NOW, quick())

        closes = [100.0 + i for i in range(len(DAYS))]
        server.charts = {name: chart(name, [*closes[:3], None, *closes[4:]]) for name in ("AAA", "BBB")}

        def meanwhile(_done, _total):
            with client_of(server) as session:
                assert refresh("BBB", session=session).holes == {"BBB": [DAYS[3]]}

        refresh("AAA", progress=meanwhile)
        assert memory().zone("BBB") == "America/New_York"
        assert refresh("AAA", "BBB").holes == {"AAA": [DAYS[3]], "BBB": [DAYS[3]]}

    @pytest.mark.parametrize(
        "text", ['{"begins": {"A": 5}, "zones": {"A": []}, "holes": {"A": {"2026-01-02": [1, "x"]}}}', "[" * 10**5]
    )
    def test_any_damage_counts_as_empty(self, tmp_path, text):
        path = tmp_path / "asked.json"
        path.write_text(text, "utf-8")
        asked = Asked(path)
        asked.set_begin("A", DAYS[0])
        asked.count("A", [dt.date(2026, 1, 2)], dt.date(2026, 1, 1), DAYS[0])
        asked.save()
        assert (Asked(path).begin("A"), Asked(path).zone("A")) == (DAYS[0], None)

    def test_a_memory_that_cannot_be_read_now_is_not_replaced(self, tmp_path, monkeypatch):
        path = tmp_path / "asked.json"
        path.write_text('{"zones": {"A": "Asia/Tokyo"}}', "utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(asked_module, "read_regular", lambda *_: (_ for _ in ()).throw(PermissionError(13, "denied")))
            with pytest.raises(Unreachable):
                Asked(path)
        assert Asked(path).zone("A") == "Asia/Tokyo"


def test_sums_are_checked_once_a_process_and_file(folder, monkeypatch):
    Store("yahoo").read()
    summed = []
    real = storage.sum_of
    monkeypatch.setattr(storage, "sum_of", lambda data: summed.append(1) or real(data))
    Store("yahoo").read()
    assert summed == []
    path = only(folder, "prices-2026-02-*")
    path.write_bytes(path.read_bytes())  # written again
    Store("yahoo").read()
    assert summed == [1]


POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither named pipes nor devices among its files")
KINDS = ("current.json", "copy.json", "journal.jsonl", "states/0*", "prices-2026-02-*", "chains-*", "series-*", "quar*")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _endless(path: Path) -> None:
    """A link to what never ends; to one of our own where we may make one, so that a fault cannot harm the machine's."""
    path.unlink()
    device = path.parent.parent / "endless"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
        device.open("rb").close()
    except OSError:  # not as this user, or not on this file system
        device = Path("/dev/zero")
    path.symlink_to(device)


def _sparse(path: Path) -> None:
    os.truncate(path, 2**42)


@POSIX
@pytest.mark.parametrize("pattern", KINDS)
@pytest.mark.parametrize("put", [_pipe, _folder, _circle, _endless, _sparse])
def test_what_is_no_file_is_damage(folder, pattern, put):
    """It is neither waited for nor read to its end, and it does not pass by itself."""
    whole = Store("yahoo").read()
    path = only(folder, pattern)
    put(path)
    if pattern.startswith("prices"):
        with pytest.raises(Damaged, match=path.name):
            Store("yahoo").read()
    else:
        panel = Store("yahoo").read()
        assert closes_of(panel, "AAA") == closes_of(whole, "AAA")
        assert list(panel.series) == ([] if pattern == "series-*" else list(whole.series))

    def write() -> None:
        Store("yahoo", rebuild=True).write_together(
            panel_of({"AAA": [104.5]}),
            chains=[everything("AAA", DAY, 9.0)],
            series={"UNRATE": (np.array(["2026-03-01"], "M8[D]"), np.ones(1))},
        )

    if put is _folder and path.suffix == ".json" and not pattern.startswith("quar"):  # nothing else can take its name
        with pytest.raises(Damaged, match="move it away"):
            write()
        path.rmdir()
    write()
    panel = Store("yahoo").read()
    assert closes_of(panel, "AAA")[-1] == 104.5
    assert len(panel.symbols) == 5
    assert len(panel.chains.days("AAA")) == 3


@POSIX
def test_a_journal_is_not_begun_where_a_link_leads(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "yahoo").mkdir()
    (tmp_path / "yahoo" / "journal.jsonl").symlink_to(elsewhere)
    fill("yahoo")
    assert not elsewhere.exists()
    assert Store("yahoo").origin("AAA", DAY) is not None


def test_a_sum_counts_for_the_file_that_was_read(folder, monkeypatch):
    """One that takes the name while another is read is checked when it is read itself."""
    path = only(folder, "prices-2026-02-*")
    real = storage.sum_of

    def replaced(data):
        found = real(data)
        if found == real(path.read_bytes()):
            other = bytearray(data)
            other[len(other) // 2] ^= 1
            path.with_name("other").write_bytes(bytes(other))
            path.with_name("other").replace(path)
        return found

    monkeypatch.setattr(storage, "_known", set())
    monkeypatch.setattr(storage, "sum_of", replaced)
    Store("yahoo").read()
    with pytest.raises(Damaged, match=path.name):
        Store("yahoo").read()


@POSIX
@pytest.mark.parametrize("put", [_pipe, _circle])
def test_a_memory_that_is_no_file_is_not_waited_for(tmp_path, put):
    path = tmp_path / "asked.json"
    path.write_text("{}")
    put(path)
    with pytest.raises(Unreachable):
        Asked(path)
