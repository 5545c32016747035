"""Reading files that a person named, within limits, with errors that say what to do."""

import json
import sys
from pathlib import Path

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
            f"无法读取“{path}”：{cause_zh(error)}。", f"Could not read “{path}”: {error.strerror}."
        ) from error
    if len(data) > limit:
        raise UnreadableInputError(
            f"“{path}”超过 {limit // 2**20} MiB 的限度。",
            f"“{path}” is larger than the limit of {limit // 2**20} MiB.",
        )
    return data


def read_text_file(path: Path) -> str:
    """Read a UTF-8 text file. Raises `UnreadableInputError`."""
    try:
        return read_file(path, MAX_TEXT_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableInputError(
            f"“{path}”不是 UTF-8 文本。请以 UTF-8 编码另存。",
            f"“{path}” is not UTF-8 text. Save it again as UTF-8.",
        ) from error


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
        raise UnreadableInputError(
            f"“{path}”中“{error}”出现两次。请只保留一个。",
            f"“{error}” stands twice in “{path}”. Keep one.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInputError(
            f"“{path}”不是正确的 JSON。", f"“{path}” is not well-formed JSON."
        ) from error
    if not isinstance(content, dict) or not all(isinstance(v, str) for v in content.values()):
        raise UnreadableInputError(
            f"“{path}”须为一个 JSON 对象，各项的值为字符串（号码也加引号）。",
            f"“{path}” must be one JSON object whose values are strings, numbers in quotes too.",
        )
    return content
