"""Reading files that a person named, within limits, with errors that say what to do."""

import json
import sys
from pathlib import Path

from cli.shell import messages
from core.errors import UnreadableInputError
from core.files import open_regular
from core.os_errors import cause_zh

MAX_TEXT_BYTES = 4 * 1024 * 1024
"""Of one licence's data or one type's definition, photos apart."""
MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
"""What the verifier looks into, on the command line as over HTTP."""


def read_file(path: Path, limit: int) -> bytes:
    """Read a file, `-` being stdin. Raises `UnreadableInputError`."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with open_regular(path) as file:
                data = file.read(limit + 1)
    except OSError as error:
        raise UnreadableInputError(
            messages.file_unreadable(path=path, cause_zh=cause_zh(error), strerror=error.strerror)
        ) from error
    if len(data) > limit:
        raise UnreadableInputError(messages.file_too_large(path=path, limit=limit // 2**20))
    return data


def read_text_file(path: Path) -> str:
    """Read a UTF-8 text file. Raises `UnreadableInputError`."""
    try:
        return read_file(path, MAX_TEXT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableInputError(messages.file_not_utf8(path)) from error


class _TwiceError(Exception):
    """A key stands twice in one object."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object; of two values for one key nobody knows which was meant."""
    content: dict[str, object] = {}
    for key, value in pairs:
        if key in content:
            raise _TwiceError(key)
        content[key] = value
    return content


def read_json_record(path: Path) -> dict[str, str]:
    """Read a JSON object of strings. Raises `UnreadableInputError`."""
    try:
        content = json.loads(read_text_file(path), object_pairs_hook=_once)
    except _TwiceError as error:
        raise UnreadableInputError(messages.json_key_repeated(path=path, key=error)) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInputError(messages.json_malformed(path)) from error
    if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
        raise UnreadableInputError(messages.json_not_string_object(path))
    return content
