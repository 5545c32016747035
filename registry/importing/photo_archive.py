"""Photos that come with a table in one .zip, by name; hostile archives cost little.

Nothing is unpacked to disk. A name is looked up, never followed; a photo is read to the limit of
one photo and no further, whatever the archive announces.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Final

from registry.importing import messages
from registry.importing.sheets import BadTableError
from registry.types.photos import MAX_PHOTO_BYTES
from registry.types.row_problems import BadValueError

MAX_ENTRIES: Final = 20_000
MAX_UNPACKED: Final = 256 * 1024 * 1024
"""Of all photos that are read; portraits hardly shrink in an archive."""
_UTF8: Final = 0x800
"""Flag of an entry whose name is UTF-8 (APPNOTE 4.4.4); others write it in the machine's own."""
_OF_THE_MAC: Final = "__MACOSX/"
"""Folder that macOS packs beside the files."""
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class PhotoArchive:
    """The photos of one archive."""

    def __init__(self, data: bytes) -> None:
        """Raises `BadTableError` for what is no archive, or too much of one."""
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            raise BadTableError(messages.PHOTO_ARCHIVE_UNREADABLE) from error
        entries = [
            one
            for one in self._archive.infolist()
            if not one.is_dir() and not one.filename.startswith(_OF_THE_MAC)
        ]
        if len(entries) > MAX_ENTRIES:
            raise BadTableError(messages.photo_archive_too_large(MAX_ENTRIES))
        self._entries = {_name(one): one for one in entries}
        if len(self._entries) != len(entries):
            raise BadTableError(messages.PHOTO_ARCHIVE_UNREADABLE)  # which of the two is meant?
        self._folder = _common_folder(self._entries)
        """In which all of it stands, where a folder was packed instead of what is in it."""
        self._read = 0

    def load(self, name: str, *, limit: int = MAX_PHOTO_BYTES, whole: int = MAX_UNPACKED) -> bytes:
        """Return the bytes of a photo. Raises `BadValueError`, `BadTableError`."""
        name = name.strip().replace("\\", "/")
        entry = self._entries.get(name) or self._entries.get(f"{self._folder}{name}")
        if entry is None or entry.flag_bits & _ENCRYPTED:
            raise BadValueError("photo_missing", messages.PHOTO_NOT_IN_ARCHIVE)
        try:
            with self._archive.open(entry) as file:
                data = file.read(limit + 1)
        except _BROKEN as error:
            raise BadValueError("photo_missing", messages.PHOTO_NOT_IN_ARCHIVE) from error
        if len(data) > limit:
            raise BadValueError("photo_too_large", messages.PHOTO_TOO_LARGE)
        self._read += len(data)
        if self._read > whole:
            raise BadTableError(messages.photos_unpacked_too_large(whole >> 20))
        return data


def _common_folder(names: Iterable[str]) -> str:
    folders = {name.partition("/")[0] if "/" in name else "" for name in names}
    folder = folders.pop() if len(folders) == 1 else ""
    return f"{folder}/" if folder else ""


def _name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name; Chinese Windows writes it in GB 18030, and says nothing of that."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename
