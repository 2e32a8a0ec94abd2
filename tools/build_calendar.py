"""Make the session tables that the package ships, or compare them with the calendars (needs exchange_calendars).

Run it once a year::

    python tools/build_calendar.py            make all tables
    python tools/build_calendar.py XSHG XBOM  make some
    python tools/build_calendar.py --check    say what differs, and where the calendars know more by now

Past sessions include the special closures (hurricanes, days of mourning); future ones follow the exchanges' published
rules. Where a government sets the holidays year by year, as in China and India, a table ends with the last year that
is known.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

import exchange_calendars
import numpy as np
import numpy.typing as npt
import pandas as pd

LAST = "2035-12-31"
FIRST: Mapping[str, str] = {
    "XNYS": "1927-12-30",  # the S&P 500 and its forerunners
    "XLON": "1984-01-03",  # FTSE 100
    "XETR": "1987-12-30",  # DAX
    "XPAR": "1987-07-09",  # CAC 40
    "XSWX": "1988-07-01",  # SMI
    "XMIL": "1997-12-31",
    "XMAD": "1993-07-12",
    "XSTO": "1990-01-02",
    "XHEL": "1990-01-02",
    "XCSE": "1990-01-02",
    "XOSL": "1990-01-02",
    "XWBO": "1992-11-10",
    "XTKS": "1997-01-06",  # the calendar knows no earlier year
    "XHKG": "1986-12-31",  # Hang Seng as computed daily
    "XSHG": "1990-12-19",
    "XKRX": "1980-01-04",
    "XTAI": "1990-01-01",
    "XBOM": "1997-01-01",  # the calendar knows no earlier year
    "XTSE": "1979-06-29",
    "XASX": "1984-01-03",
    "XDUB": "1990-01-02",
    "XWAR": "1995-01-02",  # five sessions a week
    "XNZE": "1993-01-05",
    "XSES": "1988-01-04",
    "BVMF": "1995-01-02",
}
"""First day of each table: the first that an index of the exchange has at the usual sources."""

CLOSED: Mapping[str, tuple[str, ...]] = {
    "XHKG": ("2023-09-01", "2023-09-08"),  # typhoon Saola, black rainstorm: HKEX cancelled the trading of the day
    "XTAI": ("2024-10-31",),  # typhoon Kong-rey
    "XKRX": (
        *("2026-06-03",),  # local elections
        # Constitution Day, a holiday again from 2026 (Act on Public Holidays), on a Monday where it falls on a weekend
        *("2026-07-17", "2027-07-19", "2028-07-17", "2029-07-17", "2030-07-17"),
        *("2031-07-17", "2032-07-19", "2033-07-18", "2034-07-17", "2035-07-17"),
        # Labour Day, which is also moved to a Monday from then on
        *("2027-05-03", "2032-05-03", "2033-05-02"),
    ),
}
"""Closures that the calendars, or older ones of them, do not know."""

FOLDER = Path(__file__).parents[1] / "xlrotation" / "market" / "data" / "sessions"
_PANDAS_BEGINS = pd.Timestamp("1970-01-01")
"""exchange_calendars has pandas list the yearly holidays from this day on only; those before are taken out here."""

Table = Mapping[str, npt.NDArray[np.generic]]


def table(code: str) -> Table:
    """Sessions as day gaps, and their bells in minutes of local time; all of it compresses to a few kilobytes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = exchange_calendars.calendar_utils.global_calendar_dispatcher.get_calendar
        bound = type(exchange_calendars.get_calendar(code)).bound_max()
        last = min(filter(None, (pd.Timestamp(LAST), bound)))
        calendar = known(code, start=FIRST[code], end=last)
        days = calendar.sessions
        if days[0] < _PANDAS_BEGINS:
            early = calendar.regular_holidays.holidays(days[0], _PANDAS_BEGINS)
            days = days.difference(early)
        days = days.difference(pd.DatetimeIndex(CLOSED.get(code, ())))
        opens, closes = (
            (bells[days].dt.tz_convert(calendar.tz).dt.hour * 60 + bells[days].dt.tz_convert(calendar.tz).dt.minute)
            for bells in (calendar.opens, calendar.closes)
        )
    numbers = days.to_numpy().astype("datetime64[D]").astype(np.int32)
    until = last.to_numpy().astype("datetime64[D]").astype(np.int32)
    return {
        "first": numbers[:1],
        "gaps": np.diff(numbers).astype(np.uint8),
        "until": np.array([until], np.int32),
        "opens": opens.to_numpy().astype(np.uint16),
        "closes": closes.to_numpy().astype(np.uint16),
    }


def main() -> int:
    """Make or check tables; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("codes", nargs="*", metavar="CODE", help=f"exchanges (default: all: {' '.join(FIRST)})")
    parser.add_argument("--check", action="store_true", help="compare the tables with the calendars, change nothing")
    options = parser.parse_args()
    differ = False
    for code in options.codes or FIRST:
        made, path = table(code), FOLDER / f"{code}.npz"
        count, until = len(made["gaps"]) + 1, made["until"].astype("datetime64[D]")[0]
        if not options.check:
            FOLDER.mkdir(exist_ok=True)
            np.savez_compressed(path, **made)  # type: ignore[arg-type]
            print(f"{code}: {count} sessions from {FIRST[code]} to {until} ({path.stat().st_size} bytes)")
            continue
        with np.load(path) as stored:
            parts = [name for name in made if not np.array_equal(made[name], stored[name])]
        differ |= bool(parts)
        print(f"{code}: {'differs in ' + ', '.join(parts) if parts else 'the same'}; known until {until}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
