"""Macro and credit series of FRED (Federal Reserve Bank of St. Louis), through its keyless CSV address."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from xlrotation.market.calendar import Days
from xlrotation.market.panel import FloatArray

ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"
DEFAULT = ("UNRATE", "SAHMCURRENT", "SAHMREALTIME", "BAMLH0A0HYM2", "BAMLH0A3HYC", "DFF", "DGS3MO")
"""Unemployment, the Sahm indicator, high-yield and CCC spreads, fed funds, the three-month bill."""

_SECONDS = 30.0


def fetch(names: Sequence[str], session: Any = None) -> tuple[dict[str, tuple[Days, FloatArray]], dict[str, str]]:
    """Fetch whole series.

    Args:
        names: Their names at FRED.
        session: An HTTP session; None makes one.

    Returns:
        The series that came (gaps are NaN), and why the others did not. Never raises for a series' sake.
    """
    import requests

    client = session or requests.Session()
    found: dict[str, tuple[Days, FloatArray]] = {}
    missing: dict[str, str] = {}
    for name in names:
        try:
            answer = client.get(ADDRESS, params={"id": name}, timeout=_SECONDS)
            if answer.status_code != 200:
                missing[name] = f"FRED answered {answer.status_code}"
                continue
            found[name] = parse(name, answer.text)
        except ValueError as error:
            missing[name] = str(error)
        except requests.RequestException as error:
            missing[name] = f"{type(error).__name__}: {error}"
    return found, missing


def parse(name: str, text: str) -> tuple[Days, FloatArray]:
    """A series from FRED's CSV.

    Raises:
        ValueError: It is not the table asked for.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or len(rows[0]) != 2 or rows[0][1].strip().upper() != name.upper():
        raise ValueError("the answer is no table of this series")
    try:
        days = [dt.date.fromisoformat(row[0]) for row in rows[1:] if row]
        values = [float(row[1]) if row[1].strip() not in ("", ".") else math.nan for row in rows[1:] if row]
    except (ValueError, IndexError):
        raise ValueError("the answer has a line that is no date and number") from None
    if not days or all(map(math.isnan, values)):
        raise ValueError("the series is empty")
    order = np.argsort(np.array(days, "datetime64[D]"), kind="stable")
    return np.array(days, "datetime64[D]")[order], np.array(values)[order]
