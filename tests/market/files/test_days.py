"""Days and moments, days that stand there twice, rows of the day, and dates that must not move the newest session."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.market.files.made import CLOSES, WEEK, asked, closes, put, sessions, table, told, walk
from xlrotation.errors import NoData
from xlrotation.market.providers.folder import moments, source
from xlrotation.market.providers.folder.rows import BadFile
from xlrotation.market.providers.folder.source import Reader

FULL = dict(zip(WEEK, CLOSES, strict=True))
DAYS = sessions("2026-01-12", "2026-02-13")
THREE = table("Date,SPY,QQQ,IWM", "{d},{c},{h},{l}", DAYS, walk(DAYS))
NEXT = [str(dt.date.fromisoformat(day) + dt.timedelta(days=1)) for day in WEEK]
BEFORE = [str(dt.date.fromisoformat(day) - dt.timedelta(days=1)) for day in WEEK]


@pytest.mark.parametrize(
    ("symbol", "days", "form"),
    [
        ("SPY", WEEK, "{d}T00:00:00.000Z"),
        ("SPY", WEEK, "{d} 00:00:00-05:00"),
        ("SPY", WEEK, "{d} 05:00:00+00:00"),
        ("SPY", WEEK, "{d} 16:00"),
        ("SPY", WEEK, "{d} 4:00:00 PM"),
        ("SPY", NEXT, "{d} 05:00:00+08:00"),
        ("SPY", NEXT, "{d}T05:00:00+0800"),
        ("^GDAXI", BEFORE, "{d} 23:00:00+00:00"),
        ("^GDAXI", BEFORE, "{d}T23:00:00Z"),
        ("^GDAXI", WEEK, "{d} 00:00:00+01:00"),
        ("^N225", BEFORE, "{d} 15:00:00 UTC"),
        ("0700.HK", BEFORE, "{d}T16:00:00Z"),
    ],
)
def test_the_day_is_that_of_the_exchange(tmp_path, symbol, days, form):
    put(tmp_path, **{f"{symbol}.csv": table("Date,Close", form + ",{c}", days)})
    assert closes(tmp_path, symbol) == {day: value for day, value in FULL.items() if day in closes(tmp_path, symbol)}
    assert len(closes(tmp_path, symbol)) >= 4  # Tokyo keeps 2026-02-11


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_stamps_of_a_frame(tmp_path, zone):
    stamps = pd.DatetimeIndex([f"{day} 16:00" for day in WEEK], tz="America/New_York", name="Date").tz_convert(zone)
    pd.DataFrame({"SPY": CLOSES}, stamps).to_parquet(tmp_path / "p.parquet")
    assert closes(tmp_path, "SPY") == FULL


def test_one_table_of_two_continents(tmp_path):
    """Midnights in Frankfurt are the evenings before in New York, and so are the closes."""
    put(tmp_path, p__csv=table("Date,^GDAXI,SPY", "{d} 23:00:00+00:00,{c},{h}", BEFORE))
    assert closes(tmp_path, "^GDAXI") == FULL
    assert "2026-02-13" not in closes(tmp_path, "SPY")


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("2026-02-13T21:00:00.000Z", "2026-02-13", "21:00"),
        ("13.02.2026 00:00:00.000 GMT-0500", None, None),
        ("20260213 16:00", "2026-02-13", "16:00"),
        ("20260213160000", "2026-02-13", "16:00"),
        ("2026.02.13", "2026-02-13", None),
        ("2026年2月13日 15时00分", "2026-02-13", "15:00"),
        ("2026-02-13 星期五", "2026-02-13", None),
        ("2026/02/13,五", "2026-02-13", None),
        ("2026-02-13(五)", "2026-02-13", None),
        ("Fri Feb 13, 2026", "2026-02-13", None),
        ("February 13th, 2026", "2026-02-13", None),
        ("13 Feb 2026 16:00", "2026-02-13", "16:00"),
        ("2026-Feb-13", "2026-02-13", None),
        ("13Feb2026", "2026-02-13", None),
        ("13. marraskuuta 2025", "2025-11-13", None),
        ("13 marraskuu 2025", "2025-11-13", None),
        ("13. maaliskuuta 2025", "2025-03-13", None),
        ("13. kesäkuuta 2025", "2025-06-13", None),
        ("13. heinäkuuta 2025", "2025-07-13", None),
        ("13 maart 2025", "2025-03-13", None),
        ("13 Meitheamh 2025", "2025-06-13", None),
        ("1770998400", "2026-02-13", "16:00"),
        ("1770998400000", "2026-02-13", "16:00"),
        ("46066", "2026-02-13", None),
        ("46066.6667", "2026-02-13", "16:00"),
        ("2026-02-30", None, None),
        ("2026-02-13 25:00", None, None),
        ("soon", None, None),
    ],
)
def test_one_text(text, day, time):
    if day is None:
        with pytest.raises(BadFile):
            moments.moment(text, "here")
        return
    found = moments.moment(text, "here")
    assert found is not None
    assert str(found.day) == day
    if time:
        assert found.time is not None
        assert found.time.strftime("%H:%M") == time


@pytest.mark.parametrize("text", ["02/03/2026", "02/03/26", "3.2.2026"])
def test_of_one_ambiguous_date_nobody_knows(text):
    read = moments.reader_of([text, text])
    with pytest.raises(Exception, match="is no date with the year first"):
        read(text, "here")


def test_two_figures_of_a_year(tmp_path):
    days = [f"{day[5:7]}/{day[8:]}/{day[2:4]}" for day in WEEK]
    put(tmp_path, SPY__csv=table("Date,Close", "{d},{c}", days))
    assert closes(tmp_path, "SPY") == FULL
    put(tmp_path, SPY__csv=table("Date,Close", "{d},{c}", [f"{day[2:4]}/{day[5:7]}/{day[8:]}" for day in WEEK]))
    with pytest.raises(NoData, match="is no date with the year first"):
        source.load(tmp_path)


class TestTwice:
    """14 against 1400 is told otherwise than 14 against 14, and an empty row does not win."""

    def folder(self, path, more):
        return put(path, p__csv=table("Date,SPY,QQQ", "{d},{c},{h}") + more)

    def test_the_later_row_is_empty(self, tmp_path):
        self.folder(tmp_path, f"{WEEK[-1]},,\n")
        assert closes(tmp_path, "SPY") == FULL
        assert told(tmp_path) == "p.csv has the same day twice with the same values (1 days, first 2026-02-13)"

    def test_each_has_what_the_other_lacks(self, tmp_path):
        text = table("Date,SPY,QQQ", "{d},{c},", WEEK) + table("", "{d},,{c}", WEEK).lstrip("\n")
        put(tmp_path, p__csv=text)
        assert closes(tmp_path, "SPY") == closes(tmp_path, "QQQ") == FULL

    def test_the_same(self, tmp_path):
        self.folder(tmp_path, f"{WEEK[-1]},185.01,186.01\n")
        assert closes(tmp_path, "SPY") == FULL
        assert "twice with the same values" in told(tmp_path)

    def test_another_value(self, tmp_path):
        self.folder(tmp_path, f"{WEEK[-1]},18501,186.01\n")
        assert WEEK[-1] not in closes(tmp_path, "SPY")
        assert WEEK[-1] in closes(tmp_path, "QQQ")
        assert "twice and differently, 2026-02-13, rows 6, 7: SPY 185.01 and 18501; left out" in told(tmp_path)
        answer, reason = asked(tmp_path, "PX_CLOSE", "SPY")
        assert str(answer) == "#N/A"
        assert "185.01 and 18501" in reason

    def test_in_long_tables_and_bars(self, tmp_path):
        put(tmp_path, l__csv=table("date,ticker,close", "{d},SPY,{c}") + "2026-02-13,SPY,1\n")
        assert "l.csv: SPY has the same day twice and differently" in told(tmp_path)
        put(tmp_path, l__csv=table("Date,Close", "{d},{c}") + "2026-02-13,1\n")
        assert "l.csv: L has the same day twice and differently" in told(tmp_path)


class TestWithinTheDay:
    TIMES = ("09:30", "12:00", "15:59", "18:00")

    def rows(self):
        return [
            f"{day} {time},{100 + n},{101 + n},{99 + n},{100.5 + n},10\n"
            for n, (day, time) in enumerate((d, t) for d in WEEK for t in self.TIMES)
        ]

    @pytest.mark.parametrize("newest_first", [False, True])
    def test_a_bar_a_day(self, tmp_path, newest_first):
        rows = self.rows()[::-1] if newest_first else self.rows()
        put(tmp_path, SPY__csv="Datetime,Open,High,Low,Close,Volume\n" + "".join(rows))
        assert closes(tmp_path, "SPY") == {day: 102.5 + 4 * n for n, day in enumerate(WEEK)}
        panel = source.load(tmp_path)
        last = {name: float(values[-1, 0]) for name, values in panel.fields.items()}
        assert last == {"open": 116.0, "high": 119.0, "low": 115.0, "close": 118.5, "volume": 30.0}
        assert "20 rows within 5 days, gathered to a bar a day, 5 of them outside its hours left out" in told(tmp_path)

    def test_date_and_time_in_two_columns(self, tmp_path):
        rows = [row.replace(" ", ",", 1) for row in self.rows()]
        put(tmp_path, SPY__csv="Date,Time,Open,High,Low,Close,Volume\n" + "".join(rows[::-1]))
        assert closes(tmp_path, "SPY")[WEEK[0]] == 102.5


class TestTheNewestSession:
    """One date, or one file, must not make every default answer one without data."""

    def newest(self, path):
        panel = source.load(path)
        assert str(panel.last) == "2026-02-13"
        assert isinstance(asked(path, "PX_RET", "SPY", "1D")[0], float)
        return "\n".join(panel.remarks)

    def test_a_date_far_ahead(self, tmp_path):
        put(tmp_path, p__csv=THREE + "2062-02-13,1,2,3\n")
        assert "SPY has 1 rows after" in self.newest(tmp_path)

    def test_a_session_that_is_not_over(self, tmp_path):
        put(tmp_path, p__csv=THREE + "2026-02-17,101,102,103\n")
        for hour, last in ((20, "2026-02-13"), (22, "2026-02-17")):
            now = dt.datetime(2026, 2, 17, hour, tzinfo=dt.UTC)
            assert str(Reader(tmp_path, lambda now=now: now).load().last) == last

    def test_a_file_is_read_past_the_end_of_the_known_sessions(self, tmp_path):
        """China sets its holidays year by year: what is known before stays known, unless there are newer rows."""
        rows = "Date,600519.SS\n" + "".join(f"{day},{100 + n}\n" for n, day in enumerate(DAYS[:20]))
        now = dt.datetime(2027, 3, 2, tzinfo=dt.UTC)
        put(tmp_path, p__csv=rows + "2031-03-03,150\n")
        panel = Reader(tmp_path, lambda: now).load()
        assert str(panel.last) == DAYS[19]
        assert "1 rows after 2026-12-31, the last finished session (first 2031-03-03)" in "\n".join(panel.remarks)
        put(tmp_path, p__csv=rows + "2027-03-01,150\n")
        with pytest.raises(NoData, match=r"known until 2026-12-31, not for 2027-03-01.*tools/build_calendar\.py"):
            Reader(tmp_path, lambda: now).load()

    def test_a_session_counts_once_it_is_over_though_no_file_changes(self, tmp_path):
        put(tmp_path, p__csv=THREE + "2026-02-17,101,102,103\n")
        now = [dt.datetime(2026, 2, 17, 20, tzinfo=dt.UTC)]
        reader = Reader(tmp_path, lambda: now[0])
        assert str(reader.load().last) == "2026-02-13"
        before = reader.marks()
        now[0] += dt.timedelta(hours=2)
        assert reader.marks() != before
        assert str(reader.load().last) == "2026-02-17"

    @pytest.mark.parametrize("name", ["BTC-USD.csv", "Bitcoin.csv"])
    def test_a_file_a_day_ahead(self, tmp_path, name):
        days = [*DAYS, "2026-02-14", "2026-02-17"]
        put(tmp_path, p__csv=THREE, **{name: table("Date,Close", "{d},{c}", days, walk(days, 90_000.0))})
        assert "1 closes after 2026-02-13, the newest session that at least 50% of the" in self.newest(tmp_path)

    def test_a_last_row_that_is_not_filled_yet(self, tmp_path):
        put(tmp_path, p__csv=THREE + "2026-02-17,101,,\n")
        assert "SPY has 1 closes after 2026-02-13" in self.newest(tmp_path)

    def test_month_ends(self, tmp_path):
        put(tmp_path, p__csv=THREE, cpi__csv="Date,CPI\n2025-12-31,300\n2026-01-31,301\n2026-02-28,302\n")
        assert "rows on days that are no session" in self.newest(tmp_path)

    def test_symbols_that_no_longer_come_do_not_count(self, tmp_path):
        gone = sessions("2024-01-02", "2024-06-28")
        heads = ",".join(f"OLD{n}" for n in range(9))
        old = table(f"Date,{heads}", "{d}" + ",{c}" * 9, gone, walk(gone))
        put(tmp_path, p__csv=THREE, old__csv=old)
        self.newest(tmp_path)
