"""Parts that the routes of the API share: keys, pages of lists, tags of what is answered."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Header, Path, Query
from pydantic import AfterValidator, AwareDatetime
from starlette.requests import Request
from starlette.responses import Response

from core.web.request_errors import UnusableRequestError
from issuing_api import messages
from issuing_api.errors import PreconditionFailedError
from issuing_api.wire import ToldWire
from registry.accession.packing import PackageContents
from registry.db.paging import Place
from registry.desk.orders import REQUEST_KEY

PREFIX = "/issuing/v1"
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_LONGEST_CURSOR = 300
_PNG = b"\x89PNG"
RequestId = Annotated[str, Path(max_length=32, description="Of a request.")]
JobId = Annotated[str, Path(max_length=32, description="Of a job.")]
Identifier = Annotated[str, Path(max_length=128, description="Of a licence.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Of a page.")]
Cursor = Annotated[
    str | None, Query(max_length=_LONGEST_CURSOR, description="From `next` of the page before.")
]
Key = Annotated[
    str, Header(description="8 to 128 visible ASCII characters; the same for a repeated request.")
]
IfMatch = Annotated[
    str | None, Header(max_length=500, description="An `ETag`: refuse with 412 if it has changed.")
]
_One = TypeVar("_One")


def _within_calendar(at: datetime) -> datetime:
    """Return an instant that has a date in every time zone."""
    if not MINYEAR < at.year < MAXYEAR:
        raise ValueError("out of range")
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_within_calendar)]


def request_key_of(header: str) -> str:
    """Return an idempotency key. Raises `UnusableRequestError` for what is none."""
    key = header.strip().strip('"')
    if not _KEY.fullmatch(key) or key.startswith(REQUEST_KEY):
        raise UnusableRequestError(messages.REQUEST_KEY_UNUSABLE)
    return key


MOST_DIGITS = 18
"""Digits of a row's number where the database counts in 64 bits, as events are."""
_FEWER_DIGITS = 9
"""Digits of a row's number where the database counts in 32 bits."""


def place_of(cursor: str | None) -> Place | None:
    """Return the place that a cursor of ours stands for. Raises `UnusableRequestError`."""
    if cursor is None:
        return None
    try:
        at, row_id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        place = Place(_within_calendar(datetime.fromisoformat(at)), str(row_id))
    except (ValueError, TypeError, RecursionError) as error:
        raise UnusableRequestError(messages.CURSOR_UNUSABLE) from error
    if place.at.tzinfo is None or "\0" in place.row_id:
        raise UnusableRequestError(messages.CURSOR_UNUSABLE)
    return place


def row_after(cursor: str | None) -> int:
    """Return the number of the row that a cursor stands for. Raises `UnusableRequestError`."""
    return number_of(cursor) or 0


def number_of(cursor: str | None, digits: int = _FEWER_DIGITS) -> int | None:
    """Return the number of at most so many digits that a cursor is; raises as `row_after`."""
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdecimal() or len(cursor) > digits:
        raise UnusableRequestError(messages.CURSOR_UNUSABLE)
    return int(cursor)


def cursor_of(at: datetime, row_id: str) -> str:
    """Return the cursor of a place; nothing about it is a promise."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), row_id]).encode()).decode()


def page(
    request: Request,
    response: Response,
    found: Sequence[_One],
    limit: int,
    cursor: Callable[[_One], str],
) -> tuple[list[_One], str | None]:
    """Return a page of what was found (one more than its limit), and the address of the next."""
    shown = list(found[:limit])
    if len(found) <= limit:
        return shown, None
    return shown, following_page(request, response, cursor(shown[-1]))


def following_page(request: Request, response: Response, cursor: str) -> str:
    """Return the address of the next page, which the answer's `Link` names too."""
    asked = {name: value for name, value in request.query_params.items() if name != "cursor"}
    address = f"{request.url.path}?{urlencode({**asked, 'cursor': cursor})}"
    response.headers["Link"] = f'<{address}>; rel="next"'
    return address


def photo_file(photo: bytes) -> Response:
    """Return a photo, which is a PNG or a JPEG."""
    kind = "image/png" if photo.startswith(_PNG) else "image/jpeg"
    return Response(photo, media_type=kind)


def package_file(contents: PackageContents, package: bytes) -> Response:
    """Return a package for an archive, to be kept."""
    headers = {"Content-Disposition": f'attachment; filename="{contents.file_name}"'}
    return Response(package, media_type="application/zip", headers=headers)


def tag_of(told: ToldWire) -> str:
    """Return the ETag of what is answered."""
    return f'"{hashlib.sha256(told.model_dump_json().encode()).hexdigest()[:32]}"'


def tag(response: Response, told: ToldWire) -> None:
    """Put the ETag on an answer; who has it already is told that nothing changed."""
    response.headers["ETag"] = tag_of(told)


def refuse_changed(if_match: str | None, told: ToldWire) -> None:
    """See that the caller saw the record as it stands. Raises `PreconditionFailedError`."""
    if if_match is None or if_match.strip() == "*":
        return
    if tag_of(told) not in [one.strip() for one in if_match.split(",")]:
        raise PreconditionFailedError(messages.CHANGED_MEANWHILE)
