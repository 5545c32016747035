"""The .zip of an archive package: one form only, so that nothing hides in it.

Files are stored, not compressed, in the order of their names behind manifest and signature, with
ASCII names, the date of DOS's first day and mode 0600. Whoever reads one writes it again from what
was read and compares: what is appended, doubled, encrypted, linked or named otherwise is refused.
"""

import io
import re
import stat
import zipfile
from collections.abc import Mapping
from typing import Final

from registry.accession import messages
from registry.accession.manifest import MANIFEST, SIGNATURE, BadPackageError

MAX_PACKAGE: Final = 256 * 1024 * 1024
"""A document of the largest size that is sealed, with a century of proofs."""
MAX_FILES: Final = 5_000
_NAME: Final = re.compile(r"(?:[a-z]{1,16}/)?[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_BROKEN: Final = (
    zipfile.BadZipFile,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)


def write_container(files: Mapping[str, bytes]) -> bytes:
    """Return the .zip of some files; the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name in sorted(files, key=_place):
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def read_container(data: bytes) -> dict[str, bytes]:
    """Return the files of a .zip that `write_container` wrote. Raises `BadPackageError`."""
    if len(data) > MAX_PACKAGE:
        raise BadPackageError("too_large", messages.package_too_large(MAX_PACKAGE >> 20))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _refuse(entries, len(data))
            files = {one.filename: archive.read(one) for one in entries}
    except _BROKEN as error:
        raise BadPackageError("not_a_package", messages.NOT_A_PACKAGE) from error
    if write_container(files) != data:
        raise BadPackageError("other_form", messages.PACKAGE_IN_OTHER_FORM)
    return files


def _refuse(entries: list[zipfile.ZipInfo], length: int) -> None:
    """Refuse by what the directory says, before anything is read."""
    if len(entries) > MAX_FILES:
        raise BadPackageError("too_many_files", messages.too_many_files(MAX_FILES))
    seen: set[str] = set()
    for one in entries:
        name = one.filename
        if not _NAME.fullmatch(name) or ".." in name:
            raise BadPackageError("file_name", messages.BAD_FILE_NAME)
        if name.lower() in seen:
            raise BadPackageError("duplicate_file", messages.duplicate_file(name))
        seen.add(name.lower())
        if one.flag_bits & 0x1:
            raise BadPackageError("encrypted", messages.encrypted_file(name))
        if one.compress_type != zipfile.ZIP_STORED or one.compress_size != one.file_size:
            raise BadPackageError("compressed", messages.compressed_file(name))
        if not stat.S_ISREG(one.external_attr >> 16):
            raise BadPackageError("no_regular_file", messages.no_regular_file(name))
    if sum(one.file_size for one in entries) > length:
        raise BadPackageError("overlapping", messages.PACKAGE_IN_OTHER_FORM)


def _place(name: str) -> tuple[int, str]:
    first = {MANIFEST: 0, SIGNATURE: 1}
    return first.get(name, 2), name
