"""Where the results of a batch go: a folder, or any address that fsspec knows, such as ``s3://bucket/reports``."""

from __future__ import annotations

import contextlib
import stat
import uuid
from pathlib import Path
from typing import Any, Protocol

from xlrotation import files
from xlrotation.addresses import keys_of, without, without_keys
from xlrotation.batch.naming import check_address, check_name
from xlrotation.errors import RotationError
from xlrotation.outside import printable

_PUT_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "memory"})
"""Object stores: what is put there appears whole or not at all, and renaming would copy it once more."""


class Place(Protocol):
    """A folder of results; names in it are paths with ``/``."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""

    def size(self, name: str) -> int | None:
        """The bytes of a file; None where there is none."""

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

    def size(self, name: str) -> int | None:
        try:
            found = (self.path / check_name(name)).stat()
        except OSError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def write(self, name: str, data: bytes) -> None:
        path = self.path / check_name(name)
        try:
            files.write_whole(path, data)
        except OSError as error:
            raise RotationError(f"{path}: cannot be written ({error.strerror or error})") from None
        except ValueError as error:
            raise RotationError(f"{printable(str(path))}: is no name of a file ({error})") from None

    def shown(self, name: str) -> str:
        return str(self.path / name)


class Remote:
    """An address of fsspec."""

    def __init__(self, address: str) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise RotationError(f"{without_keys(address)} needs fsspec: pip install 'xlrotation[cluster]'") from None
        self._keys = keys_of(address)
        self._address = check_address(address).rstrip("/")
        try:
            self._files, self._root = url_to_fs(self._address)
        except Exception as error:  # each kind of address has a package of its own, with errors of its own
            text = f"{address}: cannot be used ({error or type(error).__name__})"
            raise RotationError(printable(without(self._keys, text))) from None
        protocol = self._files.protocol
        protocols = {protocol} if isinstance(protocol, str) else set(protocol)
        self._whole = bool(_PUT_WHOLE & protocols)
        self.of_this_process = "memory" in protocols

    def read(self, name: str) -> bytes | None:
        try:
            data: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._trouble(name, "read", error) from None
        return data

    def exists(self, name: str) -> bool:
        try:
            self._files.invalidate_cache()
            return bool(self._files.exists(self._path(name)))
        except Exception as error:
            raise self._trouble(name, "looked for", error) from None

    def size(self, name: str) -> int | None:
        try:
            self._files.invalidate_cache()
            found = self._files.info(self._path(name))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._trouble(name, "looked for", error) from None
        size = found.get("size")
        return int(size) if size is not None and found.get("type") != "directory" else None

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
            raise self._trouble(name, "written", error) from None

    def shown(self, name: str) -> str:
        return without(self._keys, f"{self._address}/{name}")

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{check_name(name)}"

    def _trouble(self, name: str, done: str, error: Any) -> RotationError:
        text = f"{self._address}/{name}: cannot be {done} ({type(error).__name__}: {error})"
        return RotationError(printable(without(self._keys, text)))


def open_place(output: str) -> Place:
    """The place of an output.

    Raises:
        RotationError: It needs a package that is missing, or is no address.
    """
    if output.startswith("file://"):
        output = output.removeprefix("file://")
    return Remote(output) if "://" in output else Folder(Path(output))
