"""Where the results of a batch go: a folder, or any address that fsspec knows, such as ``s3://bucket/reports``."""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path
from typing import Any, Protocol

from xlrotation import files
from xlrotation.batch.naming import check_address, check_name
from xlrotation.errors import RotationError

_PUT_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "memory"})
"""Object stores: what is put there appears whole or not at all, and renaming would copy it once more."""


class Place(Protocol):
    """A folder of results; names in it are paths with ``/``."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole."""

    def shown(self, name: str) -> str:
        """The file's full path or address."""


class Folder:
    """A folder on this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        try:
            return (self.path / check_name(name)).read_bytes()
        except OSError:
            return None

    def exists(self, name: str) -> bool:
        return (self.path / check_name(name)).is_file()

    def write(self, name: str, data: bytes) -> None:
        path = self.path / check_name(name)
        try:
            files.write_whole(path, data)
        except OSError as error:
            raise RotationError(f"{path}: cannot be written ({error.strerror or error})") from None

    def shown(self, name: str) -> str:
        return str(self.path / name)


class Remote:
    """An address of fsspec."""

    def __init__(self, address: str) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise RotationError(f"{address} needs fsspec: pip install 'xlrotation[cluster]'") from None
        self._address = check_address(address).rstrip("/")
        try:
            self._files, self._root = url_to_fs(self._address)
        except (ImportError, ValueError) as error:
            raise RotationError(f"{address}: cannot be used ({error})") from None
        protocol = self._files.protocol
        self._whole = bool(_PUT_WHOLE & set([protocol] if isinstance(protocol, str) else protocol))

    def read(self, name: str) -> bytes | None:
        try:
            data: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._trouble(name, "read", error) from error
        return data

    def exists(self, name: str) -> bool:
        try:
            self._files.invalidate_cache()
            return bool(self._files.exists(self._path(name)))
        except Exception as error:
            raise self._trouble(name, "looked for", error) from error

    def write(self, name: str, data: bytes) -> None:
        path = self._path(name)
        try:
            with contextlib.suppress(FileExistsError):
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            if self._whole:
                self._files.pipe_file(path, data)
                return
            temporary = f"{path.rpartition('/')[0]}/{files.TEMPORARY}{uuid.uuid4().hex}"
            self._files.pipe_file(temporary, data)
            self._files.mv(temporary, path)
        except Exception as error:
            raise self._trouble(name, "written", error) from error

    def shown(self, name: str) -> str:
        return f"{self._address}/{name}"

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{check_name(name)}"

    def _trouble(self, name: str, done: str, error: Any) -> RotationError:
        return RotationError(f"{self.shown(name)}: cannot be {done} ({type(error).__name__}: {error})")


def open_place(output: str) -> Place:
    """The place of an output.

    Raises:
        RotationError: It needs a package that is missing, or is no address.
    """
    if output.startswith("file://"):
        output = output.removeprefix("file://")
    return Remote(output) if "://" in output else Folder(Path(output))
