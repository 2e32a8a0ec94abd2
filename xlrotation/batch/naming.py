"""Names and addresses that results may have: a name never leads out of its place, an address only to storage."""

from __future__ import annotations

import re
from urllib.parse import unquote

from xlrotation.errors import RotationError

STORAGE = frozenset(
    {
        *("file", "local", "memory", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "ocilake", "oss"),
        *("tos", "tosfs", "sftp", "ssh", "ftp", "smb", "hdfs", "arrow_hdfs", "webhdfs", "webdav", "dbfs", "dropbox"),
        *("box", "gdrive", "lakefs", "root"),
    }
)
"""Kinds of addresses that fsspec brings and that are storage.

Others of its kinds read archives, repositories and web pages, keep copies in between, or have a running program do
things: no place for results, and an address from somebody else could reach further than it looks.
"""


_PLAIN = re.compile(
    r"[A-Za-z0-9_-](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?(?:/[A-Za-z0-9_-](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)*"
)
"""Names of which nothing needs to be looked at: no part begins or ends with a dot, and nothing is encoded."""


class BadName(RotationError, ValueError):  # noqa: N818
    """A name or an address that results cannot have."""


def check_name(name: object) -> str:
    """*name*, where it is a path below its place: parts joined by ``/``, none hidden, none that leads elsewhere.

    Raises:
        BadName: It is not, on whatever system it would be read.
    """
    if not isinstance(name, str) or not name:
        raise BadName(f"{_shown(name)} is no name of a result")
    if _PLAIN.fullmatch(name):
        return name
    forms, decoded = [name], unquote(name)
    while decoded != forms[-1]:  # what a server on the way may make of it
        forms.append(decoded)
        decoded = unquote(decoded)
    for form in forms:
        parts = form.split("/")
        if any(part in ("", ".", "..") or part.rstrip(". ") == "" for part in parts) or "\\" in form:
            raise BadName(f"{_shown(name)} is no name below the output")
        if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in form) or ":" in parts[0]:
            raise BadName(f"{_shown(name)} is no name below the output")
    if any(part.startswith(".") for part in name.split("/")):
        raise BadName(f"{_shown(name)} is hidden; results are not")
    return name


def check_address(address: str) -> str:
    """*address*, where results may be kept there; one of a kind that a further package brings is left to fsspec.

    Raises:
        BadName: It is chained, or of a kind that is no storage.
    """
    from fsspec.registry import known_implementations

    kind = address.partition("://")[0]
    if "::" in address or any(ord(c) < 32 for c in address):
        raise BadName("the output cannot be used: an address of storage is one address, such as s3://bucket/reports")
    if kind in known_implementations and kind not in STORAGE:
        raise BadName(f"{kind}:// cannot be used for results; it is no storage such as s3://, gs://, abfs://, sftp://")
    return address


def _shown(name: object) -> str:
    return ascii(name)[:80] if isinstance(name, str) else f"a {type(name).__name__}"
