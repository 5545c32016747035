"""Replaying the life of every certificate: intended, issued, held, released, revoked."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from ca.ledger import CertificateState, RevocationReason
from registry.audit import findings
from registry.audit.findings import Finding
from registry.audit.kinds import Kind
from registry.db.tables import certificates
from registry.replay.events import (
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
_SAID = ("profile", "tbs_sha256", "shard", "sha256", "reason")
"""Facts that are columns of the same name."""


def check_certificates(connection: Connection) -> Iterator[Finding]:
    """Yield what does not agree, in no particular order."""
    for rows in stored_rows(connection, certificates):
        told = told_of(connection, map(name_of, rows), tuple(STATES))
        for row in rows:
            events = told.get(name_of(row), [])
            if not events:
                yield findings.unborne(Kind.CERTIFICATE, name_of(row))
                continue
            if wrong := differing(_expected(events), _found(row)):
                yield findings.edited(Kind.CERTIFICATE, name_of(row), events[-1].sequence, wrong)
            yield from _impossible(name_of(row), events)
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
    """Return what a certificate's row must say after all its events."""
    expected: dict[str, object] = {"sha256": None, "reason": None, "revoked_at": None}
    for one in events:
        after, before = one.after, expected.get("state")
        state = str(after.get("state", STATES[one.action]))
        expected["state"] = state
        expected |= {name: after[name] for name in _SAID if name in after}
        if "invalidity_at" in after:
            expected["invalidity_at"] = instant_in(after, "invalidity_at")
        if "revoked_at" in after:
            expected["revoked_at"] = instant_in(after, "revoked_at")
        elif state != CertificateState.REVOKED:
            expected |= {"revoked_at": None, "reason": None}
        elif before != CertificateState.REVOKED:  # a hold that becomes final keeps its date
            expected["revoked_at"] = one.at
    return expected


def _impossible(name: str, events: Sequence[Told]) -> Iterator[Finding]:
    """Yield what un-revokes a certificate: only a hold is lifted (RFC 5280 5.3.1)."""
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
    return {
        **row,
        "sha256": sha256 if sha256 == row["sha256"] else "",
        "revoked_at": instant_of(row["revoked_at"]),
        "invalidity_at": instant_of(row["invalidity_at"]),
    }


def name_of(row: Row) -> str:
    return f"{row['issuer']}/{row['serial']}"
