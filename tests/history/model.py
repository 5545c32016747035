"""The oracle's own record: what was acknowledged to callers, in plain dicts, whatever became of it.

Nothing here asks the code under test. What a restore takes back, and what it may not, is said in
`Model.restored`.
"""

import copy
from dataclasses import dataclass, field
from datetime import date, datetime

from cryptography import x509

from tests.history.look import Crl

IN_FORCE, SUSPENDED, CANCELLED = "IN_FORCE", "SUSPENDED", "CANCELLED"
REPLACED, PENDING, VOID = "REPLACED", "PENDING", "VOID"
DISTRUSTED = "SEAL_COMPROMISED"
COMPROMISES = frozenset({"keyCompromise", "cACompromise"})
Key = tuple[str, int]
"""Issuer and serial of a certificate."""
State = tuple[str, str | None, str | None]
"""State, reason and successor of a licence."""


@dataclass
class Request:
    """What was asked for, so that it can be asked again."""

    number: int
    authority: str
    key: str | None
    level: str
    row: dict[str, str]
    replaces: str | None = None
    reason: str | None = None

    @property
    def holder(self) -> str:
        """The holder's code, which no other request has."""
        return self.row["holder_code"]


@dataclass
class Licence:
    """A licence that its holder has."""

    identifier: str
    number: str
    request: Request
    valid_until: date
    sha256: str
    sealed_at: datetime
    seal: Key
    state: str = IN_FORCE
    reason: str | None = None
    replaced_by: str | None = None
    distrusted: bool = False
    """A compromise found its seal unproven."""
    revisions: int = 1
    maybe: list[State] = field(default_factory=list)
    """Stricter states that are in the journal perhaps, and not in force: a restore takes them."""

    @property
    def now(self) -> State:
        """Its state."""
        return self.state, self.reason, self.replaced_by


@dataclass
class Certificate:
    """A certificate that is out in the world."""

    issuer: str
    serial: int
    profile: str
    url: str | None
    """Of its CRL."""
    der: bytes
    state: str = "good"
    """good, held, revoked"""
    reason: str | None = None
    invalid_at: datetime | None = None
    revoked: tuple[datetime, datetime] | None = None
    """Between which times."""
    lost: bool = False
    """Issued after the backup that was restored, and unknown unless it was revoked."""
    maybe: list[tuple[str, str | None, datetime | None]] = field(default_factory=list)
    """As a licence's."""

    @property
    def key(self) -> Key:
        """What names it."""
        return self.issuer, self.serial

    @property
    def x509(self) -> x509.Certificate:
        """The certificate."""
        return x509.load_der_x509_certificate(self.der)

    @property
    def now(self) -> tuple[str, str | None, datetime | None]:
        """Its status."""
        return self.state, self.reason, self.invalid_at


@dataclass
class Seal:
    """A seal and its present certificate."""

    seal_id: str
    authority: str
    certificate: Key
    key_id: str
    mandated: bool = False


@dataclass
class Model:
    """What the world has been told, by one register."""

    licences: dict[str, Licence] = field(default_factory=dict)
    pending: dict[str, Request] = field(default_factory=dict)
    void: set[str] = field(default_factory=set)
    requests: dict[str, str] = field(default_factory=dict)
    """Request keys, with the licence that each led to."""
    certificates: dict[Key, Certificate] = field(default_factory=dict)
    seals: dict[str, Seal] = field(default_factory=dict)
    retired: set[Key] = field(default_factory=set)
    """Certificates whose key was retired."""
    issuers: dict[str, bytes] = field(default_factory=dict)
    """Certificates (DER) of our CAs."""
    events: list[tuple[str, str]] = field(default_factory=list)
    """Action and subject of events that must be on record."""
    blind: bool = False
    """It was restored without the journal, so that a CA may wait for its turn once more."""
    unproven: set[str] = field(default_factory=set)
    """Licences whose later archive timestamps a restore lost: their proof may run out."""
    compromised: dict[str, bool] = field(default_factory=dict)
    """Seals whose case is unfinished, with whether the caller knows that it was opened."""

    def snapshot(self) -> "Model":
        """Return what a backup of now holds."""
        return copy.deepcopy(self)

    def restored(self, latest: "Model", *, blind: bool = False) -> "Model":
        """Return what a register must hold that was restored from this snapshot, when `latest` was
        the last that callers had been told.

        Licences, certificates and seals from after the backup are unknown, but for revocations;
        what became of the known ones is not forgotten. `blind`: the journal was lost, and the
        newest CRLs were there: these bring revocations and holds, and nothing else is known.
        """
        after = self.snapshot()
        after.void.update(after.pending)
        after.pending.clear()
        for identifier, licence in after.licences.items():
            if licence.revisions < latest.licences[identifier].revisions:
                after.unproven.add(identifier)
            if not blind:
                _bring_on(licence, latest.licences[identifier], after)
        for key, certificate in latest.certificates.items():
            known = copy.deepcopy(certificate)
            known.lost = certificate.lost or key not in self.certificates
            before = self.certificates.get(key)
            if blind and certificate.issuer not in self.issuers:
                continue  # its CA is lost, and its CRLs with that
            if not blind or known.state != "good" or before is None:
                after.certificates[key] = known
        if not blind:
            after.retired = set(latest.retired)
        after.unproven |= latest.unproven & set(after.licences)
        after.compromised = {}
        after.blind |= blind
        return after


def _bring_on(licence: Licence, latest: Licence, after: Model) -> None:
    licence.state, licence.reason = latest.state, latest.reason
    licence.maybe = list(latest.maybe)
    licence.distrusted = licence.distrusted and latest.distrusted
    known = latest.replaced_by in after.licences
    licence.replaced_by = latest.replaced_by if known else None


@dataclass
class World:
    """What outlives every register: what relying parties and holders have in hands."""

    identifiers: dict[str, str] = field(default_factory=dict)
    """Every identifier that was ever given, with its holder's code."""
    numbers: dict[str, str] = field(default_factory=dict)
    """Every number that was ever given, with the holder's code of its series."""
    lost: dict[str, Licence] = field(default_factory=dict)
    """Licences whose record a restore has lost, by the digest of their files."""
    crls: dict[str, Crl] = field(default_factory=dict)
    """The newest CRL that was published at each address."""
    crl_numbers: dict[str, int] = field(default_factory=dict)
    """The greatest CRL number of each issuer."""
