"""What a batch remembers from run to run: how much its sources held, and which errors were accepted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from xlrotation.batch.content import Content
from xlrotation.batch.places import Place
from xlrotation.errors import RotationError

_VERSION = 1

Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Memory:
    """What a batch remembers.

    Attributes:
        sources: How much each source held where it held most, by its text.
        accepted: The errors that were accepted, by subject of a job.
    """

    sources: dict[str, Content] = field(default_factory=dict)
    accepted: dict[str, list[Key]] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """As the file holds it."""
        plain = {
            "version": _VERSION,
            "sources": {name: content.as_dict() for name, content in sorted(self.sources.items())},
            "accepted": {name: sorted(map(list, keys)) for name, keys in sorted(self.accepted.items()) if keys},
        }
        return json.dumps(plain, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def name_of(plan: str) -> str:
    """The file of a plan's memory, below its output; without a suffix, as it is none of the results."""
    return f"{plan}-memory"


def read(place: Place, plan: str) -> Memory:
    """What a plan remembers; nothing before its first run.

    Raises:
        RotationError: The file is there and cannot be understood: without it a loss would pass unseen.
    """
    name = name_of(plan)
    data = place.read(name)
    if data is None:
        if place.exists(name):
            raise RotationError(f"{place.shown(name)}: cannot be read; without it nobody knows what a source has lost")
        return Memory()
    try:
        plain = json.loads(data)
        if plain["version"] != _VERSION:
            raise ValueError("of another version")
        sources = {str(source): Content.read(content) for source, content in _mapping(plain["sources"]).items()}
        accepted = {str(subject): [_key(key) for key in keys] for subject, keys in _mapping(plain["accepted"]).items()}
    except (ValueError, KeyError, TypeError) as error:
        raise RotationError(
            f"{place.shown(name)}: is damaged ({error}); remove it, and the next run begins to compare anew"
        ) from None
    return Memory(sources, accepted)


def write(place: Place, plan: str, memory: Memory) -> None:
    """Write what a plan remembers, where that changed.

    Raises:
        RotationError: It cannot be written; what was there stands.
    """
    data = memory.as_bytes()
    if place.read(name_of(plan)) != data:
        place.write(name_of(plan), data)


def _mapping(plain: object) -> Mapping[str, list[object]]:
    if not isinstance(plain, dict):
        raise ValueError("no table")
    return plain


def _key(plain: object) -> Key:
    if not isinstance(plain, list) or len(plain) != 4 or not all(isinstance(part, str) for part in plain):
        raise ValueError("no error")
    return (plain[0], plain[1], plain[2], plain[3])
