"""Trust of the validators of a home: own roots, the trust list, and what the ledger knows.

Read at most once a second, and parsed only where a file or the ledger changed.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ledger import Ledger
from ca.validation.anchors import TrustAnchors, read_anchors
from core.clock import Clock
from core.errors import ConfigurationError
from core.text import Text
from registry.ledger import messages
from signing.names_shown import shown_name
from signing.trust.anchors import Anchor, AnchorKind, AnchorService, TrustMaterial
from signing.trust.list_file import TrustListFolder, own_root_files
from signing.trust.state import ListReading, ListState

_LIFETIME = timedelta(seconds=1)
"""A newly signed CRL, or another list, is known to the verifier within this time."""
_NO_LIST = ListReading(ListState.ABSENT)


@dataclass(frozen=True, slots=True)
class _Known:
    """Cached trust list, with its source and the time of reading."""

    at: datetime
    own: tuple[bytes, ...]
    reading: ListReading
    material: TrustMaterial
    anchors: dict[str, Anchor]
    """By the SHA-256 of their certificates; own roots win."""


class TrustReader:
    """Callable; usable from several threads.

    `home` is where root files and trust list lie; without it, or while it has no root files, the
    roots are the ledger's. Entries of the list that are for tests count with `tests` only.
    """

    def __init__(
        self, ledger: Ledger, clock: Clock, home: Path | None = None, *, tests: bool = False
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._home = home
        self._tests = tests
        self._folder = None if home is None else TrustListFolder(home)
        self._lock = threading.Lock()
        self._read: _Known | None = None
        """Guarded by `_lock`, as is what follows."""
        self._list: tuple[tuple[object, ...], ListReading] | None = None

    def __call__(self) -> TrustMaterial:
        """Return the anchors, CA certificates and CRLs of now.

        Raises `ConfigurationError` for a root file that cannot be read.
        """
        return self._known().material

    def anchor(self, sha256: str) -> Anchor | None:
        """Return the anchor whose certificate has this SHA-256 (lower-case hex), if it counts now.

        Raises as the call does.
        """
        return self._known().anchors.get(sha256)

    def own_roots(self) -> tuple[bytes, ...]:
        """Return the roots under which our own seals stand, DER. Raises as the call does."""
        return self._known().own

    def trust_list(self) -> ListReading:
        """Return the current reading of the trust list. Raises as the call does."""
        return self._known().reading

    def _known(self) -> _Known:
        now = self._clock.now()
        with self._lock:
            if self._read is None or not timedelta(0) <= now - self._read.at < _LIFETIME:
                self._read = self._gather(now)
            return self._read

    def _gather(self, now: datetime) -> _Known:
        ledger = read_anchors(self._ledger)
        own = self._own(ledger)
        reading = self._reading(now)
        listed = [] if reading.trusted is None else list(self._counted(reading.trusted.entries))
        merged = _merged(listed, set(own))
        material = TrustMaterial(
            anchors=(*own, *(one.certificate for one in merged)),
            # A root that no file names is no anchor, but may stand in a path to one.
            certificates=tuple(dict.fromkeys((*ledger.certificates, *ledger.roots))),
            crls=ledger.crls,
            scopes=tuple(one.scope for one in merged if one.scope is not None),
        )
        anchors = {one.sha256: one for one in (*merged, *map(_own_anchor, own))}
        return _Known(now, own, reading, material, anchors)

    def _own(self, ledger: TrustAnchors) -> tuple[bytes, ...]:
        files = [] if self._home is None else own_root_files(self._home)
        if not files:
            return ledger.roots
        return tuple(dict.fromkeys(read_root_file(path) for path in files))

    def _reading(self, now: datetime) -> ListReading:
        """Judge the list; it is parsed again where a file changed, and its end is always looked at.

        A list that is read while it is replaced is judged by the next call.
        """
        if self._folder is None:
            return _NO_LIST
        fingerprint = self._folder.fingerprint()
        if self._list is None or self._list[0] != fingerprint:
            self._list = (fingerprint, self._folder.read(now))
        reading = self._list[1]
        if reading.state in (ListState.IN_FORCE, ListState.EXPIRED) and reading.content is not None:
            expired = reading.content.is_expired(now)
            return ListReading(
                ListState.EXPIRED if expired else ListState.IN_FORCE, reading.content
            )
        return reading

    def _counted(self, entries: Iterable[Anchor]) -> Iterable[Anchor]:
        return (one for one in entries if self._tests or one.kind is not AnchorKind.TEST)


def _merged(entries: Iterable[Anchor], own: set[bytes]) -> list[Anchor]:
    """Return one anchor for each certificate; own roots are not narrowed by any list.

    Of several times in which one is recognised, the newest counts; of several services, all.
    """
    found: dict[bytes, Anchor] = {}
    for one in entries:
        known = found.get(one.certificate)
        if one.certificate in own:
            continue
        found[one.certificate] = one if known is None else _wider(known, one)
    return list(found.values())


def _wider(first: Anchor, second: Anchor) -> Anchor:
    newest = max(first, second, key=_since)
    if first.service is second.service:
        return newest
    return Anchor(
        newest.certificate,
        newest.name,
        newest.list_name,
        newest.kind,
        AnchorService.ANY,
        newest.recognised_from,
        newest.recognised_until,
    )


def _since(anchor: Anchor) -> tuple[bool, str]:
    """Order by when recognition began; what was always recognised comes last."""
    since = anchor.recognised_from
    return since is None, "" if since is None else since.isoformat()


def _own_anchor(der: bytes) -> Anchor:
    name = shown_name(der)
    return Anchor(der, Text(name, name), "", AnchorKind.OWN)


def read_root_file(path: Path) -> bytes:
    """Return the DER of a certificate file, DER or PEM. Raises `ConfigurationError`."""
    try:
        data = path.read_bytes()
        pem = data.lstrip().startswith(b"-----BEGIN")
        load = x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate
        return load(data).public_bytes(Encoding.DER)
    except (OSError, ValueError) as error:
        raise ConfigurationError(messages.root_file_unreadable(path.name)) from error
