"""Reconciliation of every certificate's life: intended, issued, held, released, revoked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from sqlalchemy import Connection, literal, select

from ca.ledger import CertificateState, RevocationReason
from ca.profiles.profiles import ProfileKind
from ca.profiles.public_keys import spki_fingerprint
from registry.audit import findings
from registry.audit.findings import AuditFinding
from registry.audit.kinds import Kind
from registry.db.counters import counted
from registry.db.tables import certificates, key_records
from registry.ledger.ledger import REVOCATIONS
from registry.reconcile.events import (
    AT_ONCE,
    Row,
    Told,
    all_told,
    differing,
    instant_in,
    instant_of,
    sha256_in,
    stored_rows,
    told_of,
)

INTENDED, ISSUED, RESTORED = "certificate.intended", "certificate.issued", "certificate.restored"
STATES = {
    INTENDED: CertificateState.INTENDED,
    ISSUED: CertificateState.ISSUED,
    "certificate.held": CertificateState.REVOKED,
    "certificate.revoked": CertificateState.REVOKED,
    "certificate.released": CertificateState.ISSUED,
    RESTORED: CertificateState.REVOKED,
}
_BEGINNINGS = (INTENDED, RESTORED)
_CHANGES = ("certificate.held", "certificate.revoked", "certificate.released")
"""Each takes a number of the counters by which a CRL is due."""
_SAID = ("profile", "spki_sha256", "tbs_sha256", "shard", "sha256", "reason")
"""Facts that are columns of the same name."""
_INSTANTS = ("not_before", "not_after", "invalidity_at", "revoked_at")
_SERVICES = (ProfileKind.OCSP_RESPONDER, ProfileKind.TSA, ProfileKind.SEAL)
"""Whose keys are in the register of keys, whatever process has them."""


def check_certificates(connection: Connection) -> Iterator[AuditFinding]:
    """Yield the disagreements, in no particular order."""
    changes: Counter[tuple[str, int]] = Counter()
    for rows in stored_rows(connection, certificates):
        told = told_of(connection, map(name_of, rows), tuple(STATES))
        for row in rows:
            events = told.get(name_of(row), [])
            if not events:
                yield findings.unborne(Kind.CERTIFICATE, name_of(row))
                continue
            expected = _expected(events)
            wrong = {*differing(expected, _found(row)), *_contradicted(row)}
            if wrong:
                yield findings.edited(
                    Kind.CERTIFICATE, name_of(row), events[-1].sequence, sorted(wrong)
                )
            yield from _impossible(name_of(row), events)
            shard = int(str(expected.get("shard", row["shard"])))
            changes[str(row["issuer"]), shard] += sum(one.action in _CHANGES for one in events)
    yield from _check_counters(connection, changes)
    yield from _check_service_keys(connection)
    for group in all_told(connection, _BEGINNINGS):
        serials = [one.subject.rpartition("/")[2] for one in group]
        query = select(certificates.c.issuer, certificates.c.serial).where(
            certificates.c.serial.in_(serials)
        )
        known = {f"{issuer}/{serial}" for issuer, serial in connection.execute(query)}
        for one in group:
            if one.subject not in known:
                yield findings.erased(Kind.CERTIFICATE, one.subject, one.sequence)


def _expected(events: Sequence[Told]) -> dict[str, object]:
    """Return the expected row of a certificate after all its events."""
    expected: dict[str, object] = {"sha256": None, "reason": None, "revoked_at": None}
    expected |= {"invalidity_at": None, "issued_at": None}
    for one in events:
        if one.action == INTENDED:
            expected["intended_at"] = one.at
        if one.action == ISSUED:
            expected["issued_at"] = one.at
        after, before = one.after, expected.get("state")
        state = str(after.get("state", STATES[one.action]))
        expected["state"] = state
        expected |= {name: after[name] for name in _SAID if name in after}
        expected |= {name: instant_in(after, name) for name in _INSTANTS if name in after}
        if "revoked_at" in after:
            pass  # said
        elif state != CertificateState.REVOKED:
            expected |= {"revoked_at": None, "reason": None}
        elif before != CertificateState.REVOKED:  # a hold that becomes final keeps its date
            expected["revoked_at"] = one.at
    return expected


def _impossible(name: str, events: Sequence[Told]) -> Iterator[AuditFinding]:
    """Yield the events that un-revoke a certificate: only a hold is lifted (RFC 5280 5.3.1)."""
    final = False
    for one in events:
        revoked = str(one.after.get("state", STATES[one.action])) == CertificateState.REVOKED
        held = one.after.get("reason") == RevocationReason.CERTIFICATE_HOLD
        if final and one.action != RESTORED and (not revoked or held):
            yield findings.impossible(
                Kind.CERTIFICATE, name, one.sequence, CertificateState.REVOKED, one.action
            )
        final = revoked and not held


def _found(row: Row) -> dict[str, object]:
    sha256 = sha256_in(row["certificate"])
    instants = (*_INSTANTS, "intended_at", "issued_at")
    return {
        **row,
        "sha256": sha256 if sha256 == row["sha256"] else "",
        **{name: instant_of(row[name]) for name in instants},
    }


def _contradicted(row: Row) -> list[str]:
    """Return the columns that say otherwise than the certificate beside them."""
    encoded = row["certificate"]
    if not isinstance(encoded, bytes):
        return []
    try:
        certificate = x509.load_der_x509_certificate(encoded)
        subject = certificate.subject.rfc4514_string()
        spki = spki_fingerprint(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        return []  # its digest is not the one that was issued
    said = {
        "serial": f"{certificate.serial_number:x}",
        "subject": subject,
        "spki_sha256": spki,
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }
    return differing(said, _found(row))


def _check_counters(
    connection: Connection, changes: Mapping[tuple[str, int], int]
) -> Iterator[AuditFinding]:
    """See that what tells that a CRL is due has counted every change."""
    scopes = {f"{REVOCATIONS}:{issuer}:{shard}": n for (issuer, shard), n in changes.items()}
    scopes[REVOCATIONS] = sum(changes.values())
    found = counted(connection, REVOCATIONS)
    for scope, given in scopes.items():
        if found.get(scope, 0) < given:
            yield findings.set_back(scope, found.get(scope, 0), given)


def _check_service_keys(connection: Connection) -> Iterator[AuditFinding]:
    """See that the certificates of services and seals are of keys on record: none was certified
    for a key that nobody here has made.
    """
    column = certificates.c
    known = select(literal(1)).where(key_records.c.spki_sha256 == column.spki_sha256).exists()
    query = (
        select(column.issuer, column.serial, column.profile)
        .where(column.profile.in_(_SERVICES), column.state == CertificateState.ISSUED, ~known)
        .order_by(column.issuer, column.serial)
        .execution_options(yield_per=AT_ONCE)
    )
    with connection.execute(query) as result:
        for issuer, serial, profile in result:
            yield findings.foreign_key(f"{issuer}/{serial}", profile)


def name_of(row: Row) -> str:
    return f"{row['issuer']}/{row['serial']}"
