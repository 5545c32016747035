"""Trust of a validator: its anchors, what people call them, and what is known beside the file."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.text import Text


class AnchorKind(StrEnum):
    """On whose behalf an anchor is recognised."""

    OWN = "own"
    """A root of our own CA, or of the CA that certified our seals."""
    GOVERNMENT = "government"
    """Another government's CA, or a service on a government's trusted list."""
    TEST = "test"
    """Recognised for tests alone: nothing under it means anything to people."""


class AnchorService(StrEnum):
    """Usage of an anchor: the kinds of paths that may end at it."""

    ANY = "any"
    CERTIFICATES = "certificates"
    """Of signers and seals alone (ETSI TS 119 612 5.5.1.1, CA/QC)."""
    TIMESTAMPS = "timestamps"
    """Of time-stamping units alone (TSA/QTST)."""


@dataclass(frozen=True, slots=True)
class AnchorScope:
    """Within which limits one anchor of a `TrustMaterial` is trusted."""

    sha256: str
    """SHA-256 of the anchor's certificate, lower-case hex."""
    service: AnchorService = AnchorService.ANY
    recognised_from: datetime | None = None
    recognised_until: datetime | None = None

    def is_recognised(self, at: datetime) -> bool:
        """Tell whether the list recognised the anchor at an instant (aware)."""
        started = self.recognised_from is None or self.recognised_from <= at
        return started and (self.recognised_until is None or at < self.recognised_until)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate at which paths may end, as it is told to people."""

    certificate: bytes
    """DER."""
    name: Text
    """Shown to people: the CA's name in Chinese and English."""
    list_name: str
    """The list that recognises it, as its issuer calls it; empty for our own roots."""
    kind: AnchorKind
    service: AnchorService = AnchorService.ANY
    recognised_from: datetime | None = None
    """Where the list states it: the service was not granted before (ETSI TS 119 612 5.5.5)."""
    recognised_until: datetime | None = None
    """Where the list states it: the service was withdrawn then."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the certificate, lower-case hex, as `SignatureReport.anchor_sha256`."""
        return hashlib.sha256(self.certificate).hexdigest()

    @property
    def scope(self) -> AnchorScope | None:
        """The limits that a path to this anchor must keep; None if there are none."""
        scope = AnchorScope(self.sha256, self.service, self.recognised_from, self.recognised_until)
        return None if scope == AnchorScope(self.sha256) else scope


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """All DER. Only `anchors` are trusted; the rest helps to build and check paths to them."""

    anchors: tuple[bytes, ...]
    """Certificates of the roots; the system's store is never used."""
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    scopes: tuple[AnchorScope, ...] = ()
    """Limits of anchors, at most one for each; what is not named here is trusted without any."""
