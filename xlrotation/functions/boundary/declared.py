"""What is declared in modules that are loaded when it is asked for: a formula needs one family of fourteen."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Declared(Mapping[str, T]):
    """By name, in the order of the names; names alone are known without loading anything.

    Args:
        modules: The module that declares each name.
        store: Where a module puts what it declares when it is loaded.
    """

    def __init__(self, modules: Mapping[str, str], store: Mapping[str, T]) -> None:
        self._modules = modules
        self._store = store

    def __getitem__(self, name: str) -> T:
        found = self._store.get(name)
        if found is None:
            importlib.import_module(self._modules[name])
            found = self._store[name]
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
