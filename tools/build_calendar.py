"""Write the NYSE session table that the package ships (needs exchange_calendars).

Run it once a year: ``python tools/build_calendar.py``. The holidays of past years include the special closures
(hurricanes, days of mourning); future years follow the exchange's published rules.
"""

from __future__ import annotations

from pathlib import Path

import exchange_calendars
import numpy as np

FIRST, LAST = "1950-01-03", "2027-11-30"
TARGET = Path(__file__).parents[1] / "xlrotation" / "market" / "data" / "nyse_sessions.npz"


def main() -> None:
    """Compute the sessions and store them as day gaps, which compress to a few kilobytes."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
    days = calendar.sessions.to_numpy().astype("datetime64[D]").astype(np.int32)
    early = calendar.early_closes.to_numpy().astype("datetime64[D]").astype(np.int32)
    np.savez_compressed(TARGET, first=days[:1], gaps=np.diff(days).astype(np.uint8), early=early)
    print(f"{len(days)} sessions, {FIRST} to {LAST} -> {TARGET.name} ({TARGET.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
