"""Addresses such as ``s3://bucket/reports``, and what of them may be shown."""

from __future__ import annotations

import re

_HIDDEN = "***"
_ADDRESS = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]+:/{1,2})([^\s'\"<>]+)")
_USER = re.compile(r"[^/?#]*@|.*:.*@")
"""A user before the host, or a key and a secret, which may hold any character."""

_VALUE = re.compile(r"(?<==)[^&;#]+")
_SHORTEST = 4
"""Shorter texts are no keys, and would be found everywhere."""


def is_address(text: str) -> bool:
    """Whether *text* is an address and no path; as a path its slashes may have run together."""
    return _ADDRESS.match(text) is not None


def without_keys(text: str) -> str:
    """*text* with the keys in its addresses left out.

    User, key and password before the host go, and so does every value after a ``?`` or ``#``: signed addresses and
    tokens stand there.
    """
    return _ADDRESS.sub(lambda found: found[1] + _plain(found[2]), text)


def keys_of(address: str) -> list[str]:
    """The keys that stand in *address*, the longest first, as they are written and as they are meant."""
    from urllib.parse import unquote

    found: set[str] = set()
    for link in (address, *address.split("::")):  # one address may lead to the next: zip://file::s3://bucket
        for match in _ADDRESS.finditer(link):
            rest = match[2]
            if user := _USER.match(rest):
                whole = user[0].removesuffix("@")
                found |= {whole, *whole.split(":", 1)}
            found |= set(_VALUE.findall(_query(rest)))
    found |= {unquote(key) for key in found}
    return sorted((key for key in found if len(key) >= _SHORTEST), key=len, reverse=True)


def without(keys: list[str], text: str) -> str:
    """*text* without *keys*, wherever they stand: a library's message may repeat one outside its address."""
    for key in keys:
        text = text.replace(key, _HIDDEN)
    return without_keys(text)


def _plain(rest: str) -> str:
    user = _USER.match(rest)
    shown = f"{_HIDDEN}@{rest[user.end() :]}" if user else rest
    query = _query(shown)
    return shown[: len(shown) - len(query)] + _VALUE.sub(_HIDDEN, query)


def _query(rest: str) -> str:
    """What stands after the first ``?`` or ``#``."""
    return rest[min((rest + mark).index(mark) for mark in "?#") :]
