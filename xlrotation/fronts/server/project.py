"""The project folder of the server: made once by xlwings Server, filled with our functions at every start."""

from __future__ import annotations

import importlib.util
import os
import stat
import subprocess
import sys
from pathlib import Path

from xlrotation import files
from xlrotation.errors import RotationError
from xlrotation.fronts.excel import udfs
from xlrotation.fronts.server.kept import SETTINGS, write

_INIT = "import sys; from xlwings_server.cli import main; sys.exit(main())"

_PARTS = {
    "custom_functions/__init__.py": "from udfs import *\n",
    "custom_scripts/__init__.py": "from udfs import refresh_market_data\n",
    "auth/__init__.py": "",
    "auth/custom/__init__.py": "from xlrotation.fronts.server.token import validate_token\n",
    "static/js/auth.js": """globalThis.getAuth = async function () {
  return { token: localStorage.getItem("xlrotation-token") || "", provider: "custom" };
};
""",
    "static/js/token.js": """document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("xlrotation-token");
  field.value = localStorage.getItem("xlrotation-token") || "";
  document.getElementById("xlrotation-keep").addEventListener("click", () => {
    localStorage.setItem("xlrotation-token", field.value.trim());
    document.getElementById("xlrotation-said").textContent = "Kept. Recalculate with Ctrl+Alt+F9.";
  });
});
""",
    "templates/taskpane.html": """{% extends "base.html" %}
{% block extra_head %}
  <script src="{{ url_for('static', path='/js/token.js') }}"></script>
{% endblock extra_head %}
{% block content %}
  <div class="container p-3">
    <h1 class="h5">xlrotation</h1>
    <label for="xlrotation-token">Token of the server</label>
    <input id="xlrotation-token" type="password" class="form-control" autocomplete="off" />
    <button id="xlrotation-keep" type="button" class="btn btn-primary mt-2">Keep</button>
    <p id="xlrotation-said" class="mt-2"></p>
  </div>
{% endblock content %}
""",
}


def prepare(folder: Path) -> Path:
    """Make the project, or bring its functions up to date; returns the folder.

    Raises:
        RotationError: xlwings Server is not installed, or the folder cannot be written.
    """
    if importlib.util.find_spec("xlwings_server") is None:  # importing it would read its settings too early
        raise RotationError("the server needs xlwings Server: pip install 'xlrotation[server]'")
    fresh = not (folder / "pyproject.toml").is_file()
    if fresh:
        done = subprocess.run(
            [sys.executable, "-c", _INIT, "init", str(folder)],
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,  # what lies there is run, so nobody else may write it, whatever the user's own umask
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise RotationError(f"{folder}: cannot be made a project ({said[-1][-200:]})")
    try:
        if fresh:  # settings for development, open to every web site
            (folder / ".env").unlink(missing_ok=True)
        for name, text in {**_PARTS, "udfs.py": udfs.render()}.items():
            (folder / name).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            (folder / name).touch(mode=0o644)  # what takes its place takes its mode
            files.write_whole(folder / name, text.encode())
        loose = _writable_by_all(folder) if os.name == "posix" else None
    except OSError as error:
        raise RotationError(f"{folder}: cannot be written ({error.strerror or error})") from None
    if loose is not None:
        raise RotationError(
            f"{loose}: everybody can write there, and what lies in the project is run; chmod -R o-w {folder}"
        )
    return folder


def _writable_by_all(folder: Path) -> Path | None:
    """The first of a folder and all that lies in it that everybody can write."""
    for root, _, names in os.walk(folder):
        for path in (Path(root), *(Path(root, name) for name in names)):
            if path.stat(follow_symlinks=False).st_mode & stat.S_IWOTH and not path.is_symlink():
                return path
    return None


def cleared(folder: Path, kept: Path) -> list[str]:
    """Take out of a project what must not lie in it: what earlier versions kept there, and a file of settings.

    Args:
        folder: The project.
        kept: Where the settings go.

    Returns:
        What was done, in sentences.

    Raises:
        RotationError: It cannot be taken out.
    """
    told = []
    try:
        for name in (".token", ".secret"):
            if (folder / name).is_symlink() or (folder / name).exists():
                (folder / name).unlink()
                told.append(f"{folder / name}: removed; it lay where others could have fetched it, another one is made")
        settings = folder / ".env"
        if settings.is_file():
            write(kept / SETTINGS, settings.read_text("utf-8", "replace"))
            settings.unlink()
            told.append(f"{settings}: moved to {kept / SETTINGS}, which only you can read")
    except OSError as error:
        raise RotationError(f"{folder}: cannot be cleared of keys ({error.strerror or error})") from None
    return told
