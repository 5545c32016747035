"""Reading hostile request bodies: within limits, in memory, never on disk."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import anyio
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from core.web.limits import messages
from core.web.limits.memory_budget import MemoryShare
from core.web.request_errors import (
    RequestTimeoutError,
    TooLargeError,
    UnsupportedMediaTypeError,
    UnusableRequestError,
)

MULTIPART_OVERHEAD = 64 * 1024
"""Bytes that boundaries, part headers and small fields may add to the file."""
MAX_PARTS = 8
"""Our form has one; a script may send a few fields more."""
MAX_PART_HEADERS = 8
MAX_PART_HEADER_BYTES = 4096
MAX_FORM_FIELDS = 8
MOST_MEMBERS = 20_000
"""In a JSON body: a licence type has a hundred fields at most."""
FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})

UNPARSED = FORMS | {"application/pdf"}
"""Bodies in which no members of JSON are counted: nothing here parses them as such."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The slowest that a body may arrive."""

    seconds: float
    """For all of it."""
    bytes_per_second: float = 16 * 1024
    """128 kbit/s: a licence in six seconds."""
    grace_seconds: float = 10.0
    """Without a byte, at the beginning or later: a phone that changes its cell."""


def media_type(request: Request) -> str:
    """Return the Content-Type without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def require_media_type(request: Request, wanted: str) -> None:
    """Raise `UnsupportedMediaTypeError` unless the body is declared as `wanted`."""
    if media_type(request) != wanted:
        raise UnsupportedMediaTypeError(messages.content_type_unsupported(wanted))


class MemberCount:
    """Count of what a JSON body has members of: what parses it then holds nobody up for long.

    Parsing holds the whole process, in whatever thread; a long text costs little, members much.
    Commas in texts count too: ours have few.
    """

    def __init__(self) -> None:
        self._left = MOST_MEMBERS

    def look(self, chunk: bytes) -> None:
        """Count a piece of the body. Raises `UnusableRequestError`."""
        self._left -= sum(chunk.count(one) for one in (b",", b"[", b"{"))
        if self._left < 0:
            raise UnusableRequestError(messages.TOO_MANY_MEMBERS)


async def read_small(
    request: Request, limit: int, pace: Pace, look: Callable[[bytes], None] = lambda _: None
) -> bytes:
    """Read a body of at most `limit` bytes; `look` sees each chunk, and may refuse it.

    Raises `TooLargeError` as soon as the limit is passed, `RequestTimeoutError` when it arrives too
    slowly.
    """
    chunks = []
    async for chunk in _limited(request, limit, pace):
        look(chunk)
        chunks.append(chunk)
    return b"".join(chunks)


async def read_ends(request: Request, each: int, limit: int, pace: Pace) -> bytes:
    """Read a body of which no more than `each` bytes of its beginning and of its end are kept.

    Of a form with one large file, that is all but the file's middle. Raises as `read_small`.
    """
    head, tail = bytearray(), bytearray()
    async for chunk in _limited(request, limit, pace):
        room = each - len(head)
        head += chunk[:room]
        tail += chunk[max(room, 0) :]
        del tail[:-each]
    return bytes(head + tail)


async def read_form(request: Request, limit: int, pace: Pace) -> dict[str, str]:
    """Read a small application/x-www-form-urlencoded body.

    Raises `UnusableRequestError` when it is not UTF-8 or has too many fields.
    """
    require_media_type(request, "application/x-www-form-urlencoded")
    raw = await read_small(request, limit, pace)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FORM_FIELDS,
        )
    except ValueError as error:
        raise UnusableRequestError(messages.FORM_UNREADABLE) from error
    return dict(pairs)


async def read_file(request: Request, limit: int, pace: Pace, share: MemoryShare) -> bytes:
    """Read the part `file` of a multipart/form-data body (RFC 7578).

    File names and declared types are ignored. Raises `UnsupportedMediaTypeError`,
    `TooLargeError`, `RequestTimeoutError`, `TooManyRequestsError` when memory is short, and
    `UnusableRequestError` when the body is broken or has not exactly one file.
    """
    require_media_type(request, "multipart/form-data")
    upload = _Upload(_boundary(request), limit)
    try:
        async for chunk in _limited(request, limit + MULTIPART_OVERHEAD, pace):
            share.take(len(chunk))
            upload.feed(chunk)
    except FormParserError as error:
        raise _broken() from error
    return upload.file()


async def _limited(request: Request, limit: int, pace: Pace) -> AsyncIterator[bytes]:
    """Yield the body's chunks, whatever Content-Length promises, within size and time."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(limit)
    received = 0
    clock = _PaceClock(pace, anyio.current_time())
    stream = request.stream()
    while True:
        chunk = await _next_chunk(stream, clock.deadline)
        if chunk is None:
            return
        clock.count(len(chunk), anyio.current_time())
        received += len(chunk)
        if received > limit:
            raise _too_large(limit)
        yield chunk


class _PaceClock:
    """By when the next bytes must come: what has come buys time, but never more than the grace.

    So neither dripping nor a stop after a quick beginning holds memory for long.
    """

    def __init__(self, pace: Pace, now: float) -> None:
        self._pace = pace
        self._end = now + pace.seconds
        self._bought_until = now + pace.grace_seconds

    @property
    def deadline(self) -> float:
        """Of the next bytes."""
        return min(self._end, self._bought_until)

    def count(self, received: int, now: float) -> None:
        """Count bytes that came in time."""
        bought = self._bought_until + received / self._pace.bytes_per_second
        self._bought_until = min(now + self._pace.grace_seconds, bought)


async def _next_chunk(stream: AsyncIterator[bytes], deadline: float) -> bytes | None:
    try:
        with anyio.fail_after(deadline - anyio.current_time()):
            return await anext(stream, None)
    except TimeoutError as error:
        raise RequestTimeoutError(messages.UPLOAD_TIMED_OUT) from error


def _boundary(request: Request) -> bytes:
    _, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise _broken()
    return boundary


class _Upload:
    """Collects the one file of a multipart body while it streams in."""

    def __init__(self, boundary: bytes, limit: int) -> None:
        self._limit = limit
        self._parts = 0
        self._files = 0
        self._named = False
        self._in_file = False
        self._ended = False
        self._header = bytearray()
        self._value = bytearray()
        self._data = bytearray()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begin,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_part_data": self._part_data,
                    "on_part_end": self._part_end,
                    "on_end": self._end,
                },
                max_header_count=MAX_PART_HEADERS,
                max_header_size=MAX_PART_HEADER_BYTES,
            )
        except FormParserError as error:
            raise _broken() from error

    def feed(self, chunk: bytes) -> None:
        """Parse one more chunk; what follows the closing boundary is ignored (RFC 2046 5.1.1)."""
        if not self._ended:
            self._parser.write(chunk)

    def file(self) -> bytes:
        """Return the file; raises `UnusableRequestError` unless there is exactly one.

        A form sent without choosing has a nameless, empty one; an empty file has its name.
        """
        if not self._ended:
            raise _broken()
        if self._files != 1 or not (self._data or self._named):
            raise UnusableRequestError(
                messages.NO_FILE_UPLOADED,
                problems=(("/file", "required"),),
            )
        return bytes(self._data)

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _broken()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            if options.get(b"name") == b"file":
                self._files += 1
                self._named = bool(options.get(b"filename"))
                self._in_file = True
        self._header.clear()
        self._value.clear()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._in_file:
            return
        self._data += data[start:end]
        if len(self._data) > self._limit:
            raise _too_large(self._limit)

    def _part_end(self) -> None:
        self._in_file = False

    def _end(self) -> None:
        self._ended = True


def _broken() -> UnusableRequestError:
    return UnusableRequestError(messages.UPLOAD_MALFORMED)


def _too_large(limit: int) -> TooLargeError:
    size = f"{limit // (1024 * 1024)} MiB" if limit >= 1024 * 1024 else f"{limit // 1024} KiB"
    return TooLargeError(messages.upload_too_large(size), limit=limit)
