"""The token that every call must carry."""

from __future__ import annotations

import hmac
import os
from typing import Any

VARIABLE = "XLROTATION_SERVER_TOKEN"


def is_token(given: bytes) -> bool:
    """Whether a text is the token of this server; takes as long whatever it is. Without a token nothing is."""
    token = os.environ.get(VARIABLE, "").encode()
    return hmac.compare_digest(given, token) and bool(token)


async def validate_token(token_string: str) -> Any:
    """The user, where the ``Authorization`` header holds the token; xlwings Server asks this, too.

    Raises:
        HTTPException: 401: it does not, or the server has none.
    """
    from fastapi import HTTPException
    from xlwings_server.models import User

    if is_token(token_string.encode("latin-1", "replace")):
        return User(id="xlrotation", name="xlrotation")
    raise HTTPException(status_code=401, detail="the token is missing or wrong; give it in the add-in's task pane")
