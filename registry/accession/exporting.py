"""Packages of many licences, a file each: cut off anywhere, a second run writes what is missing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import ColumnElement, Connection, select

from core.errors import StorageError, XinyinError
from core.files import open_regular, write_atomically
from core.ids import AuthorityId, LicenceIdentifier, TypeCode
from core.os_errors import cause_zh
from core.permits import Permit
from core.text import Text
from core.web.problems import is_of_surroundings
from keys.algorithms import verify_with
from registry.accession import messages
from registry.accession.container import MAX_PACKAGE, read_container
from registry.accession.manifest import MANIFEST, SIGNATURE, BadPackageError
from registry.accession.packing import SIGNER, PackageContents, Packer
from registry.accession.record_file import SEALED_STATES
from registry.db.tables import licences
from registry.licences.licences import is_in
from registry.model import LicenceState


@dataclass(frozen=True, slots=True)
class ArchiveChoice:
    """Choice of licences by what is on record; all that is given must hold."""

    on: date
    """The day whose states are meant."""
    zone: ZoneInfo
    state: LicenceState | None = None
    type_code: TypeCode | None = None
    authority_id: AuthorityId | None = None
    before: date | None = None
    """The state has been so since before this day."""


class PackingResult(StrEnum):
    """Result for one licence."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """The package of this very state is there."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PackedLicence:
    """One licence of a run."""

    identifier: LicenceIdentifier
    result: PackingResult
    path: Path | None = None
    manifest_sha256: str | None = None
    why: XinyinError | None = None


class FileInTheWayError(StorageError):
    """A file of that name is there, and is not the package that would be written."""


def choose(
    connection: Connection, choice: ArchiveChoice, limit: int | None
) -> list[LicenceIdentifier]:
    """Return the licences that are meant, oldest first."""
    column = licences.c
    conditions: list[ColumnElement[bool]] = [column.state.in_(SEALED_STATES)]
    if choice.state is not None:
        conditions.append(is_in(choice.state, choice.on))
    if choice.type_code is not None:
        conditions.append(column.type_code == choice.type_code)
    if choice.authority_id is not None:
        conditions.append(column.authority_id == choice.authority_id)
    if choice.before is not None and choice.state is LicenceState.EXPIRED:
        conditions.append(column.valid_until < choice.before)
    elif choice.before is not None:
        midnight = datetime.combine(choice.before, time(), choice.zone)
        conditions.append(column.changed_at < midnight)
    query = select(column.identifier).where(*conditions)
    query = query.order_by(column.created_at, column.identifier).limit(limit)
    return [LicenceIdentifier(one) for one in connection.execute(query).scalars()]


def export_packages(
    packer: Packer,
    identifiers: Iterable[LicenceIdentifier],
    directory: Path,
    permit: Permit,
    basis: str | None = None,
) -> Iterator[PackedLicence]:
    """Write each licence's package; what was written before is left as it is.

    Raises what is no single licence's fault: a full disk, a key that cannot be opened.
    """
    for identifier in identifiers:
        try:
            contents = packer.gather(identifier, permit)
            yield _write(packer, contents, directory, permit, basis)
        except XinyinError as error:
            if is_of_surroundings(error):
                raise
            yield PackedLicence(identifier, PackingResult.FAILED, why=error)


def _write(
    packer: Packer, contents: PackageContents, directory: Path, permit: Permit, basis: str | None
) -> PackedLicence:
    path, identifier = directory / contents.file_name, contents.licence.identifier
    if path.exists():
        if not _is_package_of(path, contents):
            raise FileInTheWayError(messages.other_file_there(path.name))
        return PackedLicence(identifier, PackingResult.UNCHANGED, path, contents.sha256)
    write_atomically(path, packer.close(contents, permit, basis), mode=0o600)
    return PackedLicence(identifier, PackingResult.WRITTEN, path, contents.sha256)


def _is_package_of(path: Path, contents: PackageContents) -> bool:
    """Tell whether a file is the package of these contents, whole and signed."""
    try:
        files = read_container(read_package(path))
        signature, signed = files.pop(SIGNATURE), files.pop(MANIFEST)
        key = load_pem_public_key(contents.files[SIGNER])
        verify_with(key, signature, signed)
    except (BadPackageError, KeyError, InvalidSignature):
        return False
    return signed == contents.encoded and files == contents.files


def read_package(path: Path) -> bytes:
    """Return a file's bytes, up to the limit of a package and one more.

    Raises `BadPackageError` where it cannot be read.
    """
    try:
        with open_regular(path) as file:
            return file.read(MAX_PACKAGE + 1)
    except OSError as error:
        why = Text(cause_zh(error), error.strerror or "")
        raise BadPackageError("unreadable", messages.file_unreadable(path.name, why)) from error
