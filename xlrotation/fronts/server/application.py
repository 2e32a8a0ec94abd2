"""The server as one ASGI application: xlwings Server, with our endpoints for calls and its files contained, gated."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from xlrotation.errors import RotationError
from xlrotation.fronts.server.answering import Answering
from xlrotation.fronts.server.gate import CALL, SCRIPT, Gate
from xlrotation.fronts.server.hosts import Hosts
from xlrotation.fronts.server.token import is_token


class ContainedFiles(StaticFiles):
    """Files of several folders, the first one first; links are followed only to what lies below the same folder."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(directory=str(folders[-1]), follow_symlink=False)
        self.all_directories = [str(folder) for folder in folders]

    def lookup_path(self, path: str) -> Any:
        if any(part.startswith(".") for part in Path(path).parts):
            return "", None
        full, found = super().lookup_path(path)
        if found is not None and not self._may_show(Path(full)):
            return "", None
        return full, found

    def _may_show(self, path: Path) -> bool:
        """Whether no part of the real path below its folder begins with a dot."""
        for folder in self.all_directories:
            root = Path(folder).resolve()
            if path.is_relative_to(root):
                return not any(part.startswith(".") for part in path.relative_to(root).parts)
        return False


def build(hosts: Hosts, origins: Sequence[str]) -> Gate:
    """The application; the environment must hold the settings of xlwings Server.

    Raises:
        RotationError: xlwings Server is put together in a way that is not known here.
    """
    main: Any = importlib.import_module("xlwings_server.main")
    routes: list[Any] = main.app.router.routes
    static = [route for route in routes if getattr(route, "name", None) == "static"]
    if len(static) != 1 or static[0].path != "/static":
        raise RotationError("this version of xlwings Server keeps its files in another way; install version 1.20")
    static[0].app = ContainedFiles([Path(main.PROJECT_DIR) / "static", Path(main.PACKAGE_DIR) / "static"])
    answering = Answering()
    routes[:0] = [
        Route(CALL, answering.call, methods=["POST"]),
        Route(SCRIPT, answering.refresh, methods=["POST"]),
    ]
    return Gate(main.main_app, hosts, is_token, origins)
