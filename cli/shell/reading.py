"""Reading files that a person named, within limits, with errors that say what to do."""

import json
import re
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
_MOST_TOLD = 10


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
    """Read a JSON object of strings. Raises `UnreadableInputError` with line and key."""
    text = read_text_file(path)
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except _TwiceError as error:
        line = _line_of(text, str(error), last=True)
        told = messages.json_key_repeated(path=path, line=line, key=error)
        raise UnreadableInputError(told) from error
    except json.JSONDecodeError as error:
        told = messages.json_malformed(path=path, line=error.lineno, column=error.colno)
        raise UnreadableInputError(told) from error
    except (ValueError, RecursionError) as error:  # a number too long, brackets too deep
        told = messages.json_malformed(path=path, line=1, column=1)
        raise UnreadableInputError(told) from error
    if not isinstance(content, dict):
        raise UnreadableInputError(messages.json_no_object(path))
    wrong = [
        (_line_of(text, key), _path_to(key, value))
        for key, value in content.items()
        if not isinstance(value, str)
    ]
    if wrong:
        raise UnreadableInputError(messages.json_not_strings(path=path, places=wrong[:_MOST_TOLD]))
    return content


def _path_to(key: str, value: object) -> str:
    """Return the path to the first part of a value that is no string."""
    if isinstance(value, dict) and value:
        inner, found = next(iter(value.items()))
        return f"{key}.{inner}" if isinstance(found, str) else _path_to(f"{key}.{inner}", found)
    return f"{key}.0" if isinstance(value, list) and value else key


def _line_of(text: str, key: str, *, last: bool = False) -> int:
    """Return the line on which a key stands: the first time, or the last."""
    written = "|".join({re.escape(json.dumps(key)), re.escape(json.dumps(key, ensure_ascii=False))})
    found = [one.start() for one in re.finditer(rf"(?:{written})\s*:", text)]
    return text.count("\n", 0, found[-1 if last else 0]) + 1 if found else 1
