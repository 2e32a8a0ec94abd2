"""The project folder of the server: made once by xlwings Server, filled with our functions at every start."""

from __future__ import annotations

import importlib.util
import secrets
import subprocess
import sys
from pathlib import Path

from xlrotation import files
from xlrotation.errors import RotationError
from xlrotation.fronts import udfs

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
    if not (folder / "pyproject.toml").is_file():
        done = subprocess.run(
            [sys.executable, "-c", _INIT, "init", str(folder)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            raise RotationError(f"{folder}: cannot be made a project ({said[-1][-200:]})")
    try:
        for name, text in {**_PARTS, "udfs.py": udfs.render()}.items():
            files.write_whole(folder / name, text.encode())
    except OSError as error:
        raise RotationError(f"{folder}: cannot be written ({error.strerror or error})") from None
    return folder


def secret(folder: Path, name: str, new: bool = False) -> str:
    """A random text of the project, made once and readable by its owner only.

    Args:
        folder: The project.
        name: Which one.
        new: Make another one.
    """
    path = folder / f".{name}"
    if new or not path.is_file():
        path.touch(mode=0o600)
        path.chmod(0o600)
        files.write_whole(path, secrets.token_urlsafe(32).encode())
    return path.read_text("utf-8").strip()
