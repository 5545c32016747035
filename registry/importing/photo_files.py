"""Photos beside a table, by name; nothing outside the table's folder can be reached."""

import os
import re
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from registry.importing import messages
from registry.types.photos import MAX_PHOTO_BYTES
from registry.types.row_problems import BadValueError

_MAX_NAME: Final = 200
"""Characters; file systems allow 255 bytes a part."""
_SUSPICIOUS: Final = re.compile(r"[\x00-\x1f\x7f\\:]|^/|^~|(^|/)\.\.?(/|$)|//")
"""Absolute paths, drives, backslashes, `.` and `..`: names say where, never how to get out."""


def load_photo(folder: Path, name: str, *, limit: int = MAX_PHOTO_BYTES) -> bytes:
    """Return the bytes of a photo named relative to `folder`, such as `photos/0012.jpg`.

    Symbolic links are followed only while they stay within the folder. Raises `BadValueError`:
    `photo_path`, `photo_missing`, `photo_too_large`.
    """
    name = name.strip()
    if len(name) > _MAX_NAME or _SUSPICIOUS.search(name):
        raise _outside()
    root = folder.resolve()
    try:
        path = (root / PurePosixPath(name)).resolve(strict=True)
        if not path.is_relative_to(root):
            raise _outside()
        return _read(path, limit)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise BadValueError("photo_missing", messages.PHOTO_FILE_UNREADABLE) from error


def _read(path: Path, limit: int) -> bytes:
    # The path is resolved: a link put in its place since then is not followed.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise BadValueError("photo_too_large", messages.PHOTO_TOO_LARGE)
    return data


def _outside() -> BadValueError:
    return BadValueError("photo_path", messages.PHOTO_PATH_OUTSIDE_FOLDER)
