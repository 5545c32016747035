"""Merge of changes since a backup, from the journal and published CRLs.

Certificates and licences come to what was last said of them. They only ever become stricter, but
for a hold or suspension of which the journal says, after the commit, that it was lifted
(`registry.journal.mirroring`). Counters go up, never down.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from sqlalchemy import Connection, select

from ca.addresses import find_crl_name, shard_of
from ca.ledger import UNKNOWN_PROFILE, CertificateState, Intent, LedgerEntry, RevocationReason
from core.ids import IssuerId
from registry.audit.chain import RESTORER, NewEvent
from registry.backup import messages
from registry.backup.certificates import find_entry, merge_certificate, restored_certificate
from registry.backup.dump import BadBackupError
from registry.backup.licences import merge_licence, restored_licence
from registry.db.counters import raise_to
from registry.db.tables import issuers
from registry.erasure.accessions import replayed_accession
from registry.erasure.erasing import replayed
from registry.facts.loss import note_versions
from registry.journal.journal import Journal, JournalEntry, JournalKind
from registry.journal.subjects import is_outdated, subject_of
from registry.ledger.issuer_journal import merge_issuer
from registry.ledger.key_journal import merge_key
from registry.ledger.status_journal import parse_status, status_entry
from registry.licences.corrections.journal import merge_corrections
from registry.licences.journal import parse_licence
from registry.officers.emergency_journal import merge_uses
from registry.officers.journal import lapse_open, merge_identity, merge_role
from registry.officers.lost_batches import LostBatch, lost_batches


@dataclass(slots=True)
class Merged:
    """Changes found to have happened after the backup."""

    journal_complete: bool
    """The live journal was there, and no CRL knows more: nothing is lost that it mirrors."""
    journal_until: datetime | None = None
    """When its last entry was written."""
    revoked: list[str] = field(default_factory=list)
    """Certificates (issuer/serial) that became revoked or held."""
    released: list[str] = field(default_factory=list)
    """Certificates whose hold was lifted."""
    licences: list[str] = field(default_factory=list)
    """Licences whose state changed."""
    voided: int = 0
    """Licences that were pending."""
    erased: list[str] = field(default_factory=list)
    """Licences whose contents were erased again."""
    counters: int = 0
    """Counters that go on above the backup's."""
    keys: list[str] = field(default_factory=list)
    """Keys that left use."""
    issuers: list[str] = field(default_factory=list)
    """CAs that were put to use or retired."""
    roles: list[str] = field(default_factory=list)
    """Roles that ended."""
    identities: list[str] = field(default_factory=list)
    """Identities that were disabled, merged or put to use again."""
    requests: list[str] = field(default_factory=list)
    """Requests that lapsed: they were open at the backup."""
    batches: list[LostBatch] = field(default_factory=list)
    """Batches to be asked for again, open ones among them."""
    emergencies: list[str] = field(default_factory=list)
    """Uses of the emergency's credential that nobody acknowledged."""


_LIVES = {
    JournalKind.KEY: merge_key,
    JournalKind.ISSUER: merge_issuer,
    JournalKind.ROLE: merge_role,
    JournalKind.IDENTITY: merge_identity,
}
_HEARD = (JournalKind.STATUS, JournalKind.LICENCE, JournalKind.IDENTITY)
"""Kinds of which the last statement about a subject counts."""


class Merger:
    """Merges into the database of a restored backup, within one transaction."""

    def __init__(self, connection: Connection, *, journal_complete: bool) -> None:
        self._connection = connection
        self._said: dict[tuple[str, str], JournalEntry] = {}
        """The last statement of the journal about each certificate, licence and identity."""
        self._marks: dict[str, int] = {}
        self._lives: list[JournalEntry] = []
        """The journal's entries of keys, CAs and roles, in order."""
        self._emergencies: list[JournalEntry] = []
        self._corrections: list[JournalEntry] = []
        self._erasures: list[JournalEntry] = []
        self._kept = dict.fromkeys(_LIVES, self._lives) | {
            JournalKind.EMERGENCY: self._emergencies,
            JournalKind.CORRECTION: self._corrections,
            JournalKind.ERASED: self._erasures,
        }
        self._from_crls: set[tuple[IssuerId, int]] = set()
        """Certificates whose status a CRL alone tells."""
        self.merged = Merged(journal_complete)

    def merge_journal(self, journal: Journal) -> None:
        """Bring counters up to their marks, certificates and licences to their last state.

        Raises `JournalError`.
        """
        marks = self._marks
        for entry in journal.read():
            self.merged.journal_until = entry.at
            if entry.kind is JournalKind.MARK:
                scope, value = str(entry.facts["scope"]), int(entry.facts["value"] or 0)
                marks[scope] = max(value, marks.get(scope, 0))
            elif entry.kind in _HEARD:  # an identity's too: its last one alone
                hear(self._said, entry)
            elif entry.kind is JournalKind.LOSS_ACCEPTED:
                note_versions(self._connection, entry.at)
            else:
                self._kept.get(entry.kind, []).append(entry)
        for scope, value in marks.items():
            self.merged.counters += raise_to(self._connection, scope, value)
        for entry in self._said.values():
            if entry.kind is JournalKind.STATUS:
                self._merge_certificate(parse_status(entry.facts))
            elif entry.kind is JournalKind.LICENCE and merge_licence(
                self._connection, parse_licence(entry.facts)
            ):
                self.merged.licences.append(str(entry.facts["identifier"]))

    def merge_crl(self, encoded: bytes) -> None:
        """Bring certificates to what a published CRL (DER) says, the CRL number above its own.

        A hold of which the journal knows more than a CRL of that time is passed over. A CRL beyond
        the journal's mark, or with a revocation that the journal does not know, shows that the
        journal is an old copy. Raises `BadBackupError` unless one
        of our CAs signed it.
        """
        crl, ca = self._identify(encoded)
        issuer = ca.issuer
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        scope = f"crl:{issuer}"
        self.merged.counters += raise_to(self._connection, scope, number)
        self.merged.journal_complete &= number <= self._marks.get(scope, 0)
        for revoked in crl:
            told = _told(revoked, ca, ca.shard_of(crl, revoked.serial_number))
            said = self._said.get((JournalKind.STATUS.value, f"{issuer}/{told.intent.serial:x}"))
            held = told.reason is RevocationReason.CERTIFICATE_HOLD
            if held and said is not None and said.at >= crl.last_update_utc:
                continue
            if self._merge_certificate(told):
                self.merged.journal_complete = False
                self._from_crls.add((issuer, told.intent.serial))

    def _merge_certificate(self, told: LedgerEntry) -> bool:
        changed_it = merge_certificate(self._connection, told)
        if changed_it:
            revoked = told.state is CertificateState.REVOKED
            changed = self.merged.revoked if revoked else self.merged.released
            changed.append(f"{told.intent.issuer}/{told.intent.serial:x}")
        return changed_it

    def journal_statuses(self, journal: Journal) -> None:
        """Let the journal hear what CRLs alone have told: the next restore goes by it.

        Raises `StorageError`, `JournalError`.
        """
        for issuer, serial in sorted(self._from_crls):
            entry = find_entry(self._connection, issuer, f"{serial:x}")
            assert entry is not None
            journal.append(JournalKind.STATUS, status_entry(entry))

    def merge_lives(self, at: datetime) -> list[NewEvent]:
        """Take keys out of use, CAs into and out of it, and end roles and identities, as the
        journal has told; return the events of that.
        """
        connection, merged = self._connection, self.merged
        listed = {
            JournalKind.KEY: merged.keys,
            JournalKind.ISSUER: merged.issuers,
            JournalKind.ROLE: merged.roles,
            JournalKind.IDENTITY: merged.identities,
        }
        said = [one for one in self._said.values() if one.kind is JournalKind.IDENTITY]
        events = []
        for entry in (*self._lives, *said):
            event = _LIVES[entry.kind](connection, entry.facts, at)
            if event is not None:
                events.append(event)
                listed[entry.kind].append(event.subject.rpartition(":")[2])
        return events

    def merge_erasures(self, at: datetime) -> list[NewEvent]:
        """Erase again what was erased after the backup; return the events of that."""
        told = [
            (replayed_accession if "accession" in one.facts else replayed)(
                self._connection, one.facts, RESTORER, at
            )
            for one in self._erasures
        ]
        events = [one for one in told if one is not None]
        self.merged.erased = [one.subject for one in events]
        return events

    def merge_desk(self, at: datetime, made_at: datetime) -> list[NewEvent]:
        """Let open requests lapse, and bring uses of the emergency's credential and requests for a
        correction back; return the events of that. `made_at`: when the backup was made.
        """
        lapsed = lapse_open(self._connection, at)
        uses = merge_uses(self._connection, self._emergencies, at)
        asked = merge_corrections(self._connection, self._corrections, at)
        self.merged.requests = [one.subject.partition(":")[2] for one in lapsed]
        self.merged.emergencies = [one.subject.partition(":")[2] for one in uses]
        self.merged.batches = lost_batches(self._connection, made_at)
        return [*lapsed, *uses, *asked]

    def events(self, at: datetime) -> list[NewEvent]:
        """Return an event for each record that was changed, as it is now."""
        merged, connection = self.merged, self._connection
        names = dict.fromkeys((*merged.revoked, *merged.released))
        told = [name.partition("/") for name in names]
        return [
            *(restored_certificate(connection, issuer, serial, at) for issuer, _, serial in told),
            *(restored_licence(connection, one, at) for one in dict.fromkeys(merged.licences)),
        ]

    def _identify(self, encoded: bytes) -> tuple[x509.CertificateRevocationList, "_Ca"]:
        try:
            crl = x509.load_der_x509_crl(encoded)
        except ValueError as error:
            raise _foreign() from error
        query = select(issuers.c.issuer, issuers.c.certificate, issuers.c.crl_shards)
        for row in self._connection.execute(query):
            if row.certificate is None:
                continue
            certificate = x509.load_der_x509_certificate(row.certificate)
            key = certificate.public_key()
            if certificate.subject == crl.issuer and crl.is_signature_valid(key):  # type: ignore[arg-type]  # a CA's
                return crl, _Ca(IssuerId(row.issuer), certificate, row.crl_shards)
        raise _foreign()


def hear(said: dict[tuple[str, str], JournalEntry], entry: JournalEntry) -> None:
    """Take note of a statement, unless it loosens what was said after it was seen."""
    subject = (entry.kind.value, subject_of(entry))
    before = said.get(subject)
    if before is None or not is_outdated(entry, before.sequence):
        said[subject] = entry


@dataclass(frozen=True, slots=True)
class _Ca:
    """The CA that signed a CRL."""

    issuer: IssuerId
    certificate: x509.Certificate
    crl_shards: int

    def shard_of(self, crl: x509.CertificateRevocationList, serial: int) -> int:
        """Return the shard that speaks of a certificate: the one whose address the CRL bears, else
        the one that its serial was put into at issuance.
        """
        try:
            point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
        except x509.ExtensionNotFound:
            return shard_of(serial, self.crl_shards)
        for name in point.full_name or ():
            stem = str(name.value).rpartition("/")[2].removesuffix(".crl")
            named = find_crl_name(stem, {self.issuer: self.crl_shards})
            if named is not None:
                return named[1]
        return shard_of(serial, self.crl_shards)


def _told(revoked: x509.RevokedCertificate, ca: _Ca, shard: int) -> LedgerEntry:
    """Return a CRL's facts on a certificate: enough to go on listing it."""
    intent = Intent(
        issuer=ca.issuer,
        serial=revoked.serial_number,
        profile=UNKNOWN_PROFILE,
        subject="",
        spki_sha256="",
        tbs_sha256="",
        not_before=revoked.revocation_date_utc,
        not_after=ca.certificate.not_valid_after_utc,
        shard=shard,
    )
    return LedgerEntry(
        intent,
        CertificateState.REVOKED,
        None,
        revoked.revocation_date_utc,
        _reason(revoked),
        _invalidity(revoked),
    )


def _reason(revoked: x509.RevokedCertificate) -> RevocationReason:
    try:
        told = revoked.extensions.get_extension_for_class(x509.CRLReason)
        return RevocationReason(told.value.reason.value)
    except (x509.ExtensionNotFound, ValueError):  # a root signed elsewhere may give others
        return RevocationReason.UNSPECIFIED


def _invalidity(revoked: x509.RevokedCertificate) -> datetime | None:
    try:
        told = revoked.extensions.get_extension_for_class(x509.InvalidityDate)
    except x509.ExtensionNotFound:
        return None
    return told.value.invalidity_date.replace(tzinfo=UTC)


def _foreign() -> BadBackupError:
    return BadBackupError(messages.CRL_ISSUER_NOT_REGISTERED)
