"""Commitments of traders from the CFTC's public reporting environment, which needs no key.

One question a report and market, answered by a CSV table with all its weeks. Each report is a data set of its own,
futures alone and with options.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence

import numpy as np

from xlrotation.market import positions
from xlrotation.market.providers.asking import Passing
from xlrotation.market.providers.eachseries import EachSeries, Question
from xlrotation.market.providers.protocol import Dated
from xlrotation.market.releases import COMMITMENTS

ADDRESS = "https://publicreporting.cftc.gov/resource"
DATA_SETS = {
    "LEGACY": "6dca-aqww",
    "DISAGG": "72hh-3qpy",
    "TFF": "gpe5-46if",
    "LEGACY_ALL": "jun7-fc8e",
    "DISAGG_ALL": "kh3c-gbw2",
    "TFF_ALL": "yw9f-hn96",
}
LIMIT = 5000
"""Rows of a market: weeks of ninety years."""

_WEEK = re.compile(r"(\d{4}-\d\d-\d\d)(?:T00:00:00(?:\.0+)?)?", re.ASCII)
_COUNT = re.compile(r"\d{1,12}(?:\.0*)?", re.ASCII)


class Cftc(EachSeries):
    """The CFTC as a provider of positions of traders, by market and report."""

    key, name = "cftc", "CFTC"
    site, again = "publicreporting.cftc.gov", "--provider cftc"
    series: tuple[str, ...] = (f"{COMMITMENTS}LEGACY:13874A", f"{COMMITMENTS}TFF:13874A")

    def has(self, name: str) -> bool:
        """``COT:LEGACY:13874A`` and its columns; a market alone, such as ES, of which the legacy report is fetched."""
        return asked(name) is not None

    def no_name(self, name: str) -> str:
        """Why a name that means no report is not asked for."""
        return (
            f"{name[:40]!r} is no market; give one such as ES, the Commission's code, or {COMMITMENTS}REPORT:CODE with "
            f"one of {', '.join(DATA_SETS)}"
        )

    def once(self, names: Sequence[str]) -> list[str]:
        """*names*, those that mean one report of one market once."""
        meant: dict[object, str] = {}
        for name in names:
            meant.setdefault(asked(name) or name, name if name.count(":") < 3 else ":".join(name.split(":")[:3]))
        return list(meant.values())

    def ask(self, question: Question, name: str, remarks: list[str]) -> dict[str, Dated]:
        """The columns of a report on a market."""
        report, code = asked(name) or ("", "")
        params = {
            "cftc_contract_market_code": code,
            "$order": "report_date_as_yyyy_mm_dd",
            "$limit": str(LIMIT),
        }
        text = question.asker.get(question.client, f"{ADDRESS}/{DATA_SETS[report]}.csv", params=params).text
        try:
            return parse(report, code, text, question.today, remarks)
        except ValueError as error:
            raise Passing(str(error)) from None


def asked(name: str) -> tuple[str, str] | None:
    """Report and market that a name means; None where it means none."""
    parts = name.split(":")
    if len(parts) == 1:
        code = positions.code_of(name)
        return None if code is None else (positions.LEGACY, code)
    if f"{parts[0]}:" != COMMITMENTS or not 3 <= len(parts) <= 4 or parts[1] not in DATA_SETS:
        return None
    code = positions.code_of(parts[2])
    return None if code is None else (parts[1], code)


def parse(report: str, code: str, text: str, today: dt.date, remarks: list[str]) -> dict[str, Dated]:
    """The series of a market from an answer.

    Raises:
        ValueError: It is not the table asked for.
    """
    if text.lstrip()[:1] in ("<", "{", "["):
        raise ValueError("no table came")
    if not text.endswith("\n"):
        raise ValueError("the answer was cut off")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if len(rows) < 2:
        raise ValueError(f"no {report} report of the market {code}")
    layout = positions.layout(rows[0])
    if layout.report != report.removesuffix(positions.WITH_OPTIONS):
        raise ValueError(f"the answer is no {report} report")
    if len(rows) > LIMIT:
        raise ValueError("the answer was cut off")
    days: list[dt.date] = []
    table: list[list[float]] = []
    for line, row in enumerate(filter(None, rows[1:]), 2):
        if len(row) != len(rows[0]) or row[layout.code].strip().upper() != code:
            raise ValueError(f"line {line} of the answer is no row of the market {code}")
        week = _WEEK.fullmatch(row[layout.date].strip())
        cells = [row[layout.columns[field]].strip() for field in positions.fields(report)]
        if week is None or not all(map(_COUNT.fullmatch, cells)):
            remarks.append(f"line {line} has no day, or a cell that is no number of contracts; left out")
        elif (day := dt.date.fromisoformat(week[1])) > today:
            remarks.append(f"{day}: a report of the future; left out")
        else:
            days.append(day)
            table.append(list(map(float, cells)))
    return _series(report, code, days, table, remarks)


def _series(
    report: str, code: str, days: list[dt.date], table: list[list[float]], remarks: list[str]
) -> dict[str, Dated]:
    columns = np.array(table, float).reshape(len(days), len(positions.fields(report)))
    values = {field: columns[:, place] for place, field in enumerate(positions.fields(report))}
    wrong = positions.unbalanced(report, values)
    remarks += [
        f"{days[place]}: groups of traders do not add up to the open interest; left out"
        for place in np.flatnonzero(wrong).tolist()
    ]
    dated = np.array(days, "datetime64[D]")[~wrong]
    kept = {field: column[~wrong] for field, column in values.items()}
    if not len(dated):
        raise ValueError(f"no sound row of the {report} report of the market {code}")
    found, contradicting = positions.by_market(report, [code] * len(dated), dated, kept)
    remarks += [f"{dated[place]}: another row of that day says otherwise; left out" for place in contradicting]
    return found
