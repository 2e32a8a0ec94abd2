"""MAC: net liquidity, from the Federal Reserve's balance sheet."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from xlrotation.errors import BadArgument, NoData
from xlrotation.functions.boundary.kinds import ChoiceKind
from xlrotation.functions.boundary.parameters import AsOf, Here, default
from xlrotation.functions.boundary.registry import worksheet_function
from xlrotation.functions.boundary.scope import Scope
from xlrotation.languages import Text

_ASSETS, _REPO = "WALCL", "RRPONTSYD"
_ACCOUNTS = {"AVERAGE": "WTREGEN", "LEVEL": "WDTGAL"}
_MILLION, _BILLION = 1e6, 1e9
_OLDEST = 14
"""Days between as-of and the newest Wednesday: the balance sheet of a week is out on the next day."""

_LEAST_ASSETS = 100_000.0
"""Millions of dollars; in billions the balance sheet was never as much."""

_LEAST_ACCOUNT = 3_000.0
"""Millions of dollars that the Treasury's account exceeds at times in any year; in billions it was never as much."""

_MOST_REPO = 5_000.0
"""Billions of dollars, twice what was ever reversed; in millions a common day has more."""

_CLOSED = 4
"""Days without an operation at most; the last one stands over them."""

Account = Annotated[
    str,
    ChoiceKind(
        *_ACCOUNTS,
        help=Text(
            "The Treasury's account: AVERAGE of the week to Wednesday (WTREGEN), or LEVEL on Wednesday (WDTGAL)."
        ),
    ),
]


@worksheet_function(
    unit="money",
    example="=MAC_NETLIQ()",
    source="Board of Governors, H.4.1; FRED, WALCL - WTREGEN - RRPONTSYD, in one unit and of one Wednesday",
)
def MAC_NETLIQ(here: Here, asof: AsOf = default(None), account: Account = default("AVERAGE")) -> float:
    """Net liquidity in dollars: the Federal Reserve's assets less the Treasury's account and reverse repurchases.

    WALCL and the account are in millions of dollars, RRPONTSYD is in billions; all three are brought to dollars. They
    are of one Wednesday, the newest whose balance sheet was out at as-of: it is published on Thursday at 4:30 p.m., so
    that a Thursday's close does not know it. Reverse repurchases without an operation on that day stand as of the last
    one. #N/A where that Wednesday is more than two weeks before as-of; #VALUE! where a series is in another unit than
    FRED's.
    """
    name = _ACCOUNTS[account]
    assets, repo, treasury = (asof.dated(series).by_day() for series in (_ASSETS, _REPO, name))
    _check_units(name, assets, treasury, repo)
    both = sorted(assets.keys() & treasury.keys())
    if not both or (asof.asof - both[-1]).days > _OLDEST:
        newest = f"the newest balance sheet up to {asof.asof} is of {both[-1]}" if both else "no balance sheet yet"
        raise NoData(f"{newest}; {_fetch(name)}")
    day = both[-1]
    return assets[day] * _MILLION - treasury[day] * _MILLION - _reversed(here, repo, day) * _BILLION


def _check_units(
    name: str, assets: dict[dt.date, float], treasury: dict[dt.date, float], repo: dict[dt.date, float]
) -> None:
    """Refuse series that are not in FRED's units: a thousandfold would pass as a number."""
    for series, values, least in ((_ASSETS, assets, _LEAST_ASSETS), (name, treasury, _LEAST_ACCOUNT)):
        if values and max(values.values()) < least:
            most = max(values.values())
            raise BadArgument(f"{series} is at most {most:,.0f}, which are billions; FRED has millions: store it anew")
    if repo and (most := max(repo.values())) > _MOST_REPO:
        raise BadArgument(f"{_REPO} is up to {most:,.0f}, which are millions; FRED has billions: store it anew")


def _reversed(here: Scope, repo: dict[dt.date, float], day: dt.date) -> float:
    """Reverse repurchases that stand on a day."""
    for back in range(_CLOSED + 1):
        operated = day - dt.timedelta(days=back)
        if operated in repo:
            if back:
                here.tell(f"no operation of {_REPO} on {day}: that of {operated} stands")
            return repo[operated]
    raise NoData(f"{_REPO} has no value up to {day}; {_fetch(_REPO)}")


def _fetch(name: str) -> str:
    names = dict.fromkeys((_ASSETS, name, _REPO))
    return f"fetch it with xlrotation refresh --provider fred {' '.join(names)}"
