"""Vintages of ALFRED and reports of the CFTC, from a server on this machine that answers as they are documented to."""

import datetime as dt

import pytest

from tests.conftest import panel_of
from tests.market.answers import NOW, quick
from tests.market.test_positions import ESTR
from xlrotation.errors import CellError
from xlrotation.functions.boundary.session import Session
from xlrotation.market.providers import alfred, cftc
from xlrotation.market.refresh import extras as refresh_extras
from xlrotation.market.store.store import Store

TODAY = NOW.date()
FIRST = dt.date(2025, 10, 31)


@pytest.fixture
def refresh(server, client):
    Store("yahoo").write(panel_of({"AAA": [99.0, 100.0]}))

    def run(by, *names, now=NOW, **options):
        server.asked.clear()
        return refresh_extras.refresh_macro(list(names) or None, client, None, now, quick(), by=by, **options)

    return run


def of_alfred(rates, archived_from=FIRST):
    """Answers of the archive: *rates* by month, each with the days from which its values held."""

    def answer(name, days):
        if dt.date.fromisoformat(days[0]) < archived_from:
            return ""
        lines = [",".join(["observation_date", *(f"{name}_{day.replace('-', '')}" for day in days)])]
        for month, values in rates.items():
            cells = [
                max(((since, value) for since, value in values.items() if since <= day), default=("", ""))[1]
                for day in days
            ]
            lines.append(",".join([month, *map(str, cells)]))
        return "\n".join(lines) + "\n"

    return answer


RATES = {
    "2025-09-01": {"2025-11-20": 4.4},
    "2025-10-01": {"2025-12-16": "."},
    "2025-11-01": {"2025-12-16": 4.6, "2026-01-09": 4.5},
    "2025-12-01": {"2026-01-09": 4.4},
}


def test_vintages_are_stored_and_seen_as_they_were(server, refresh, monkeypatch):
    monkeypatch.setattr(alfred, "AT_ONCE", 3)
    server.vintages = of_alfred(RATES)
    report = refresh("alfred", "unrate")
    assert (report.received, report.missing) == (["UNRATE"], {})
    assert report.remarks == {"UNRATE": [f"no vintages before {FIRST + dt.timedelta(days=30)}"]}
    series = Store("yahoo").extras.series()
    assert {name: values.tolist()[-1] for name, (_, values) in series.items()} == {
        "UNRATE@2025-11-30": 4.4,
        "UNRATE@2025-12-31": 4.6,
        "UNRATE@2026-01-31": 4.4,
    }
    session = Session("yahoo")
    asked = ("MAC_SERIES", "UNRATE", "2025-11-01", None, False, None, None, False)
    assert session.call(*asked, "FIRST") == [[4.6], [4.4]]
    assert session.call(*asked, "KNOWN") == [[4.5], [4.4]]
    assert refresh("alfred", "UNRATE", now=NOW + dt.timedelta(hours=1)).complete == ["UNRATE"]
    assert server.asked == []
    assert "UNRATE" in refresh("fred", "UNRATE").missing  # what ALFRED gave is no answer of FRED


def test_only_what_has_vintages_is_asked_for_again(server, refresh):
    server.series = {"DFF": "observation_date,DFF\n2026-01-01,3.6\n"}
    refresh("fred", "DFF")
    refresh("alfred")
    assert {name for name, _ in server.asked} == {"UNRATE"}
    refresh("fred")
    assert not any("@" in name or ":" in name for name, _ in server.asked)


def test_month_ends_are_over():
    assert alfred.month_ends(dt.date(2026, 2, 28), 3) == [
        *(dt.date(2026, 1, 31), dt.date(2025, 12, 31), dt.date(2025, 11, 30)),
    ]


WANTED = [dt.date(2025, 11, 30), dt.date(2025, 12, 31)]
HEAD = "observation_date,UNRATE_20251130,UNRATE_20251231\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html>busy</html>\n", "a web page"),
        (HEAD + "2025-09-01,4.4,4.4", "cut off"),
        (HEAD.replace("20251231", "20260115") + "2025-09-01,4.4,4.4\n", "no table of UNRATE as of"),
        (HEAD + "2025-09-01,4.4\n", "no date and numbers"),
        (HEAD + "2025-09-01,4.4,many\n", "no date and numbers"),
        (HEAD + "2025-09-01,4.4,4.4\n2025-09-01,4.4,4.5\n", "no date and numbers"),
        (HEAD + "2025-12-01,4.4,4.4\n", "of its own future"),
    ],
)
def test_what_is_no_table_of_vintages(text, reason):
    with pytest.raises(ValueError, match=reason):
        alfred.parse("UNRATE", text, WANTED)


HEADS = (
    "id,market_and_exchange_names,report_date_as_yyyy_mm_dd,cftc_contract_market_code,open_interest_all,"
    "noncomm_positions_long_all,noncomm_positions_short_all,noncomm_postions_spread_all,comm_positions_long_all,"
    "comm_positions_short_all,nonrept_positions_long_all,nonrept_positions_short_all,futonly_or_combined"
)


def row(line):
    """A row of the file of the year as the public interface gives it."""
    name, numbers = line.rsplit('"', 1)
    date, code = name.split(",")[-3], name.split(",")[-2]
    counts = numbers.strip(",").split(",")
    kept = [*counts[:6], *counts[8:10]]
    return f'"x","{name.split(chr(34))[1]}","{date}T00:00:00.000","{code}",{",".join(kept)},"FutOnly"'


REPORT = "\n".join([HEADS, *map(row, ESTR)]) + "\n"


def test_reports_are_stored_and_seen_when_they_were_out(server, refresh):
    server.reports = {"6dca-aqww 047745": REPORT}
    report = refresh("cftc", "047745", "cot:legacy:47745", "COT:TFF:ES", "whatever", "COT:NEW:ES")
    assert report.received == ["COT:LEGACY:047745"]
    assert [name for name, _ in server.asked][:1] == ["6dca-aqww 047745"]
    assert "no TFF report of the market 13874A" in report.missing["COT:TFF:ES"]
    assert all("is no market; give one such as ES" in report.missing[name] for name in ("WHATEVER", "COT:NEW:ES"))
    series = Store("yahoo").extras.series()
    assert series["COT:LEGACY:047745:NONCOMM_SPREAD"][1].tolist() == [10216, 14301]
    assert Session("yahoo").call("FLOW_COT", "047745") is CellError.NA  # of 2024, and it is 2026
    again = refresh("cftc", "COT:LEGACY:047745", now=NOW + dt.timedelta(hours=1))
    assert (again.complete, server.asked) == (["COT:LEGACY:047745"], [])


def test_the_markets_that_are_stored_are_asked_for_again(server, refresh):
    server.reports = {"6dca-aqww 047745": REPORT}
    refresh("cftc", "047745")
    refresh("cftc", now=NOW + dt.timedelta(hours=9))
    assert {name for name, _ in server.asked} == {"6dca-aqww 13874A", "gpe5-46if 13874A", "6dca-aqww 047745"}


def parsed(text, remarks=None):
    return cftc.parse("LEGACY", "047745", text, TODAY, [] if remarks is None else remarks)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"message": "no"}\n', "no table came"),
        (REPORT.rstrip(), "cut off"),
        (HEADS + "\n", "no LEGACY report of the market 047745"),
        (REPORT.replace("noncomm_positions_short_all", "noncomm_short"), "it lacks NONCOMM_SHORT"),
        (REPORT.replace('"047745"', '"090741"'), "line 2 of the answer is no row of the market 047745"),
        (REPORT.replace("2024-", "2044-"), "no sound row"),
    ],
)
def test_what_is_no_report(text, reason):
    with pytest.raises(ValueError, match=reason):
        parsed(text)


def test_rows_that_cannot_be_right_are_left_out():
    remarks = []
    found = parsed(REPORT.replace("12725", "12795"), remarks)
    assert found["COT:LEGACY:047745:OI"][1].tolist() == [47349]
    assert remarks == ["2024-05-21: groups of traders do not add up to the open interest; left out"]
    remarks.clear()
    assert parsed(REPORT.replace("12725", "n/a"), remarks)["COT:LEGACY:047745:OI"][1].tolist() == [47349]
    assert remarks == ["line 3 has no day, or a cell that is no number of contracts; left out"]


@pytest.mark.parametrize("fault", ["429", "500", "timeout", "cut", "reset"])
@pytest.mark.parametrize("by", ["alfred", "cftc"])
def test_faults_pass(server, client, by, fault):
    server.vintages, server.reports = of_alfred(RATES), {"6dca-aqww 047745": REPORT}
    name = "UNRATE" if by == "alfred" else "047745"
    server.faults["UNRATE" if by == "alfred" else "6dca-aqww 047745"] = [fault]
    provider = alfred.Alfred(2) if by == "alfred" else cftc.Cftc()
    answer = provider.fetch([name], client, asker=refresh_extras.Asker(quick(timeout=0.3)), today=TODAY)
    assert (answer.missing, len(answer.found) > 1) == ({}, True)
    assert len(server.asked) == 2
