"""The command ``xlrotation server``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from xlrotation.errors import RotationError
from xlrotation.fronts.server import kept, project
from xlrotation.fronts.server.hosts import WILDCARDS, Hosts, beyond_this_computer, origins
from xlrotation.fronts.server.token import VARIABLE

_LICENCE = "XLWINGS_LICENSE_KEY"


def run(options: argparse.Namespace) -> int:
    """Run the command until it is stopped; returns the exit status."""
    for path in filter(None, (options.certificate, options.key)):
        if not path.is_file():
            raise RotationError(f"{path}: no such file")
    if options.key and not options.certificate:
        raise RotationError("--key belongs to a certificate; give --certificate, too")
    if not 0 < options.port < 65536:
        raise RotationError(f"--port {options.port}: give one from 1 to 65535")
    scheme = "https" if options.certificate else "http"
    hosts = Hosts(options.host, options.port, scheme, options.allow_host)
    folder = Path(os.path.realpath(options.folder or _default_folder()))  # resolve() fails at links in a circle
    keys = kept.folder_of(folder, _data_folder())
    licence = os.environ.get(_LICENCE) or kept.licence(keys)
    if not licence:
        raise RotationError(
            f"xlwings Server needs a licence key in {_LICENCE}, or in the file {keys.parent / kept.LICENCE} that only "
            "you can read: 'noncommercial' for use under the PolyForm Noncommercial licence, a key from xlwings for "
            "anything else"
        )
    project.prepare(folder)
    for sentence in project.cleared(folder, keys):
        print(sentence, file=sys.stderr)
    token = kept.secret(keys, "token", options.new_token)
    os.environ.update(_settings(folder, keys, token, licence, options.source, options.lang))
    allowed = origins(_listed(os.environ["XLWINGS_CORS_ALLOW_ORIGINS"]))
    sys.path.insert(0, str(folder))
    from xlrotation.fronts.server import application, serving

    serving.check(options.host, options.port, options.certificate, options.key)
    app = application.build(hosts, allowed)
    _tell(options, scheme, token)
    serving.serve(app, options.host, options.port, options.certificate, options.key)
    return 0


def _tell(options: argparse.Namespace, scheme: str, token: str) -> None:
    """Say where the server listens and what guards it; the token only where it was asked for, on standard output."""
    shown = f"[{options.host}]" if ":" in options.host else options.host
    print(f"serving {scheme}://{shown}:{options.port}; manifest for Excel: /manifest")
    print(f"token, to be given once in the add-in's task pane: {token}", flush=True)
    if not options.certificate:
        print("without --certificate only programs on this computer will do; Excel demands HTTPS", file=sys.stderr)
    if beyond_this_computer(options.host):
        print(
            f"listening on {options.host}: other computers can reach it. Whoever has the token can call the functions "
            "and read the data in use; nobody can without it",
            file=sys.stderr,
        )
        if not options.certificate:
            print(
                "without --certificate the token crosses the network in the clear: anybody on the way can read it",
                file=sys.stderr,
            )
        if options.host in WILDCARDS and not options.allow_host:
            print(
                "it answers to its addresses in figures; --allow-host NAME adds the name that others call it by",
                file=sys.stderr,
            )


def _settings(
    folder: Path, keys: Path, token: str, licence: str, source: str | None, lang: str | None = None
) -> dict[str, str]:
    """What the server is told; what the user has set in the environment stands, but for what opens or closes it."""
    ours = {
        "XLWINGS_FUNCTIONS_NAMESPACE": "",
        "XLWINGS_CORS_ALLOW_ORIGINS": "[]",
        "XLWINGS_PROJECT_NAME": "xlrotation",
        "XLWINGS_LOG_LEVEL": "WARNING",
        "XLWINGS_SECRET_KEY": kept.secret(keys, "secret"),
    }
    settings = {name: os.environ.get(name, value) for name, value in ours.items()}
    closed = ("EXAMPLES", "SOCKETIO", "TESTS", "WASM", "HOTRELOAD")
    settings |= {f"XLWINGS_ENABLE_{name}": "false" for name in closed}
    settings |= {
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_APP_PATH": "",
        "XLWINGS_STATIC_URL_PATH": "/static",
        "XLWINGS_TASKPANE_HTML": "taskpane.html",
        "XLWINGS_PROJECT_DIR": str(folder),
        "XLWINGS_AUTH_PROVIDERS": json.dumps(["custom"]),
        "XLWINGS_ON_SERVER": "true",
        _LICENCE: licence,
        "DOTENV_PATH": str(keys / kept.SETTINGS),
        VARIABLE: token,
    }
    chosen = {"XLROTATION_SOURCE": source, "XLROTATION_LANG": lang}
    return settings | {name: text for name, text in chosen.items() if text}


def _listed(text: str) -> Sequence[str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise RotationError(f"XLWINGS_CORS_ALLOW_ORIGINS is {text[:60]!r}; give a list in JSON, such as []")
    return found


def _data_folder() -> Path:
    from xlrotation.market.places import data_folder

    return data_folder().resolve()


def _default_folder() -> Path:
    return _data_folder() / "server"
