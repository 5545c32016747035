"""Parts that the routes of the API share."""

import re
from typing import Annotated

from fastapi import Header, Path, Query

from core.web.request_errors import UnusableRequestError
from issuing_api import messages
from registry.desk.desk import REQUEST_KEY

PREFIX = "/issuing/v1"
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
RequestId = Annotated[str, Path(max_length=32, description="Of a request.")]
Identifier = Annotated[str, Path(max_length=128, description="Of a licence.")]
Limit = Annotated[int, Query(ge=1, le=500)]
Key = Annotated[str, Header()]


def request_key_of(header: str) -> str:
    """Return an idempotency key. Raises `UnusableRequestError` for what is none."""
    key = header.strip().strip('"')
    if not _KEY.fullmatch(key) or key.startswith(REQUEST_KEY):
        raise UnusableRequestError(messages.REQUEST_KEY_UNUSABLE)
    return key
