"""The command ``xlrotation server``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from xlrotation.errors import RotationError
from xlrotation.fronts.server import project
from xlrotation.fronts.server.token import VARIABLE

HELP = "serve the functions to Excel on Mac, on the web and on Windows, through xlwings Server"

_LICENCE = "XLWINGS_LICENSE_KEY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--folder", type=Path, help="the project (default: in your data folder)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this computer only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--source", metavar="S", help="sample (default), yahoo, store:NAME or folder:PATH")
    parser.add_argument("--exchange", metavar="CODE", help="the home exchange, such as XETR (default: New York)")
    parser.add_argument("--certificate", type=Path, help="a certificate (PEM); Excel demands HTTPS")
    parser.add_argument("--key", type=Path, help="the certificate's private key (PEM)")
    parser.add_argument("--new-token", action="store_true", help="make a new token; the old one is refused then")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Run the command until it is stopped; returns the exit status."""
    if not os.environ.get(_LICENCE):
        raise RotationError(
            f"xlwings Server needs a licence key in {_LICENCE}: 'noncommercial' for use under the PolyForm "
            "Noncommercial licence, a key from xlwings for anything else"
        )
    for path in filter(None, (options.certificate, options.key)):
        if not path.is_file():
            raise RotationError(f"{path}: no such file")
    folder = project.prepare((options.folder or _default_folder()).resolve())
    token = project.secret(folder, "token", options.new_token)
    os.environ.update(_settings(folder, token, options.source))
    import uvicorn

    scheme = "https" if options.certificate else "http"
    print(f"serving {scheme}://{options.host}:{options.port}; manifest for Excel: /manifest")
    print(f"token, to be given once in the add-in's task pane: {token}", flush=True)
    if not options.certificate:
        print("without --certificate only programs on this computer will do; Excel demands HTTPS", file=sys.stderr)
    if options.host not in ("127.0.0.1", "localhost", "::1"):
        print(f"listening on {options.host}: other computers can reach it; the token guards calls", file=sys.stderr)
    sys.path.insert(0, str(folder))
    uvicorn.run(
        "xlwings_server.main:main_app",
        host=options.host,
        port=options.port,
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        log_level="warning",
    )
    return 0


def _settings(folder: Path, token: str, source: str | None) -> dict[str, str]:
    """What the server is told; what the user has set in the environment stands, but for the guard of calls."""
    ours = {
        "XLWINGS_ENVIRONMENT": "prod",
        "XLWINGS_FUNCTIONS_NAMESPACE": "",
        "XLWINGS_CORS_ALLOW_ORIGINS": "[]",
        "XLWINGS_ENABLE_EXAMPLES": "false",
        "XLWINGS_ENABLE_SOCKETIO": "false",
        "XLWINGS_PROJECT_NAME": "xlrotation",
        "XLWINGS_SECRET_KEY": project.secret(folder, "secret"),
    }
    settings = {name: os.environ.get(name, value) for name, value in ours.items()}
    settings |= {
        "XLWINGS_PROJECT_DIR": str(folder),
        "XLWINGS_AUTH_PROVIDERS": json.dumps(["custom"]),
        "XLWINGS_ON_SERVER": "true",
        VARIABLE: token,
    }
    return settings | ({"XLROTATION_SOURCE": source} if source else {})


def _default_folder() -> Path:
    from xlrotation.market.store import data_folder

    return data_folder() / "server"
