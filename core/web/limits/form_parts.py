"""Reading of larger forms: text fields, and files beside them (RFC 7578), in memory alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from anyio import to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from core.errors import XinyinError
from core.web.limits import messages
from core.web.limits.bodies import (
    MAX_PART_HEADER_BYTES,
    MAX_PART_HEADERS,
    Pace,
    media_type,
    read_small,
    require_media_type,
)
from core.web.request_errors import UnusableRequestError

MAX_FIELDS = 160
"""A licence type has a hundred fields at most; the rest is the page's own."""
CUT = "xinyin.cut"
"""In a request's scope: the error for which only the ends of its body were kept."""
_MOST_TYPED = 20_000
"""Characters; twice the longest field of ours."""
_MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form."""

    field: str
    name: str
    """As the sender's machine calls it: nothing but a suggestion."""
    data: bytes


@dataclass(frozen=True, slots=True)
class FormParts:
    """A form that was sent."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By field; without those where nothing was chosen."""
    sent: tuple[SentFile, ...] = ()
    """All of them, also where a field has several."""
    cut: XinyinError | None = None
    """Why its files are not here: nothing may be done with it but to show it again."""


async def read_form_parts(request: Request, limit: int, pace: Pace) -> FormParts:
    """Read a form of at most `limit` octets, in either encoding; the first of equal names counts.

    Raises `UnsupportedMediaTypeError`, `TooLargeError`, `RequestTimeoutError`, and
    `UnusableRequestError` for what is no such form.
    """
    if (cut := request.scope.get(CUT)) is not None:
        return _rest_of(await _parts_of(request, await request.body()), cut)
    if not is_multipart(request):
        require_media_type(request, "application/x-www-form-urlencoded")
        return FormParts(_decoded(await read_small(request, limit, pace)))
    return await _parts_of(request, await read_small(request, limit, pace))


def is_multipart(request: Request) -> bool:
    """Tell whether a form may have files."""
    return media_type(request) == _MULTIPART


def _rest_of(found: FormParts, cut: XinyinError) -> FormParts:
    """Return the text fields of a form of whose file the middle is missing."""
    # The one whose middle is gone is longer than what anybody types.
    short = {name: value for name, value in found.fields.items() if len(value) <= _MOST_TYPED}
    return FormParts(short, {}, (), cut)


async def _parts_of(request: Request, body: bytes) -> FormParts:
    _, options = parse_options_header(request.headers.get("content-type"))
    # In a thread: what is sent to slow its parser down slows nobody else.
    return await to_thread.run_sync(_parsed, body, options.get(b"boundary", b""))


def _parsed(raw: bytes, boundary: bytes) -> FormParts:
    collector = _Collector()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": collector.begin,
                "on_header_field": collector.header_field,
                "on_header_value": collector.header_value,
                "on_header_end": collector.header_end,
                "on_part_data": collector.data,
                "on_part_end": collector.end,
                "on_end": collector.finish,
            },
            max_header_count=MAX_PART_HEADERS,
            max_header_size=MAX_PART_HEADER_BYTES,
        )
        parser.write(raw)
    except FormParserError as error:
        raise UnusableRequestError(messages.UPLOAD_MALFORMED) from error
    return collector.parts()


def _decoded(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise UnusableRequestError(messages.FORM_UNREADABLE) from error
    return dict(reversed(pairs))


class _Collector:
    """Collects the parts of a multipart body."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}
        self._files: dict[str, bytes] = {}
        self._sent: list[SentFile] = []
        self._count = 0
        self._header, self._value, self._data = bytearray(), bytearray(), bytearray()
        self._name: str | None = None
        self._is_file, self._file_name = False, ""
        self._complete = False

    def begin(self) -> None:
        self._count += 1
        if self._count > MAX_FIELDS:
            raise UnusableRequestError(messages.FORM_UNREADABLE)
        self._name, self._is_file = None, False
        self._data.clear()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._name = _text(options.get(b"name", b""))
            self._is_file = b"filename" in options
            self._file_name = _text(options.get(b"filename", b""))
        self._header.clear()
        self._value.clear()

    def data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def end(self) -> None:
        if not self._name:
            raise UnusableRequestError(messages.UPLOAD_MALFORMED)
        if not self._is_file:
            self._fields.setdefault(self._name, _text(bytes(self._data)))
        elif self._data:
            data = bytes(self._data)
            self._files.setdefault(self._name, data)
            self._sent.append(SentFile(self._name, self._file_name, data))

    def finish(self) -> None:
        self._complete = True

    def parts(self) -> FormParts:
        """Return them. Raises `UnusableRequestError` where the end is missing."""
        if not self._complete:
            raise UnusableRequestError(messages.UPLOAD_MALFORMED)
        return FormParts(self._fields, self._files, tuple(self._sent))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UnusableRequestError(messages.FORM_UNREADABLE) from error
