"""The token that every call must carry; xlwings Server asks :func:`validate_token` before it computes."""

from __future__ import annotations

import hmac
import os
from typing import Any

VARIABLE = "XLROTATION_SERVER_TOKEN"


async def validate_token(token_string: str) -> Any:
    """The user, where the ``Authorization`` header holds the token of this server.

    Raises:
        HTTPException: 401: it does not, or the server has none.
    """
    from fastapi import HTTPException
    from xlwings_server.models import User

    token = os.environ.get(VARIABLE, "")
    if token and hmac.compare_digest(token_string.encode(), token.encode()):
        return User(id="xlrotation", name="xlrotation")
    raise HTTPException(status_code=401, detail="the token is missing or wrong; give it in the add-in's task pane")
