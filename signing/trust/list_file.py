"""Trust list of a home: read with its pinned signers and the highest version seen, or refused.

    HOME/trust/list.json           the signed list
    HOME/trust/list-signers.pem    public keys that may sign it, put there by a person
    HOME/trust/list-seen.json      the highest version that was accepted, with its digest
    HOME/trust/list-draft.json     what is prepared for signing; never trusted

A list that does not hold is not used at all; the last one that held is not used instead of it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from core.canonical import canonical_json
from core.errors import StorageError
from core.files import PUBLIC, write_atomically
from keys.algorithms import UnsupportedKeyError, verify_with
from signing.trust.lists import (
    MAX_LIST_BYTES,
    BadTrustListError,
    SignedTrustList,
    read_signed_list,
)
from signing.trust.state import ListReading, ListState

FOLDER = "trust"
LIST = "list.json"
SIGNERS = "list-signers.pem"
SEEN = "list-seen.json"
DRAFT = "list-draft.json"
_END = b"-----END PUBLIC KEY-----"
_MAX_SIGNERS_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class AcceptedVersion:
    """The highest version that was accepted."""

    version: int
    sha256: str
    """Of its statement."""


class TrustListFolder:
    """The folder `trust` of a home. Remembers the highest version also where it may not write."""

    def __init__(self, home: Path, *, remembers: bool = True) -> None:
        """`remembers`: write the highest version down; who only looks does not."""
        self.path = home / FOLDER
        self._remembers = remembers
        self._seen: AcceptedVersion | None = None

    def read(self, now: datetime) -> ListReading:
        """Judge the list file as of `now`, and remember its version if it is accepted."""
        try:
            signed = self.signed()
            if signed is None:
                return ListReading(ListState.ABSENT)
            return ListReading(self._judge(signed, now), signed.content)
        except (BadTrustListError, OSError, ValueError):
            return ListReading(ListState.UNREADABLE)

    def _judge(self, signed: SignedTrustList, now: datetime) -> ListState:
        """Return a list's state. Raises as `signers` does."""
        if not is_signed_by(signed, self.signers()):
            return ListState.NOT_SIGNED
        if not self._is_newest(signed):
            return ListState.ROLLED_BACK
        return ListState.EXPIRED if signed.content.is_expired(now) else ListState.IN_FORCE

    def signed(self) -> SignedTrustList | None:
        """Return the list file as it is, whatever it is worth; None if there is none.

        Raises `BadTrustListError`, `OSError`, `ValueError`.
        """
        data = self._bytes(LIST, MAX_LIST_BYTES)
        return None if data is None else read_signed_list(data)

    def signers(self) -> list[PublicKeyTypes]:
        """Return the pinned keys; none where there is no such file.

        Raises `OSError`, and `ValueError` if one of them cannot be read.
        """
        data = self._bytes(SIGNERS, _MAX_SIGNERS_BYTES) or b""
        blocks = data.split(_END)[:-1]
        try:
            return [load_pem_public_key(block.strip() + b"\n" + _END + b"\n") for block in blocks]
        except UnsupportedAlgorithm as error:
            raise ValueError("a key of an unknown algorithm") from error

    def seen(self) -> AcceptedVersion | None:
        """Return the highest version that was accepted, on record here or in this process."""
        found = [one for one in (self._seen, self._recorded()) if one is not None]
        return max(found, key=lambda one: one.version, default=None)

    def fingerprint(self) -> tuple[object, ...]:
        """Return a fingerprint that changes when a file that `read` reads does."""
        return tuple(_stat(self.path / name) for name in (LIST, SIGNERS, SEEN))

    def _is_newest(self, signed: SignedTrustList) -> bool:
        this, seen = AcceptedVersion(signed.content.version, signed.sha256), self.seen()
        if seen is not None and this.version <= seen.version:
            return this == seen
        self._seen = this
        if not self._remembers:
            return True
        try:
            write_atomically(self.path / SEEN, canonical_json(_seen_to_json(this)), mode=PUBLIC)
        except StorageError:  # a verifier need not be able to write; it remembers by itself
            return True
        return True

    def _recorded(self) -> AcceptedVersion | None:
        """Return the version on record. Raises `ValueError` if the record is none."""
        data = self._bytes(SEEN, _MAX_SIGNERS_BYTES)
        if data is None:
            return None
        value = json.loads(data)
        record = value if isinstance(value, dict) else {}
        version, sha256 = record.get("version"), record.get("sha256")
        if type(version) is not int or not isinstance(sha256, str):
            raise ValueError("not a record of a version")
        return AcceptedVersion(version, sha256)

    def _bytes(self, name: str, limit: int) -> bytes | None:
        try:
            with (self.path / name).open("rb") as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            return None
        if len(data) > limit:
            raise ValueError("too large")
        return data


def is_signed_by(signed: SignedTrustList, keys: Iterable[PublicKeyTypes]) -> bool:
    """Tell whether one of the pinned keys signed a list."""
    for key in keys:
        try:
            verify_with(key, signed.signature, signed.statement())
        except (InvalidSignature, UnsupportedKeyError):
            continue
        return True
    return False


def own_root_files(home: Path) -> Sequence[Path]:
    """Return the files of our own roots, in order; none where the folder is missing."""
    return sorted((home / FOLDER / "roots").glob("*.cer"))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _seen_to_json(seen: AcceptedVersion) -> dict[str, str | int]:
    return {"version": seen.version, "sha256": seen.sha256}
