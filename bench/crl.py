"""A CRL of 100,000 entries: read from the register, linted, encoded, signed, recorded."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import insert

from bench.home import BenchHome
from bench.measure import Baseline, Row
from bench.token import new_token
from ca.issuers import FIRST_ISSUING
from ca.issuing.crl import ISSUING_CRL_TIMES, CrlIssuer
from ca.ledger import CertificateState, RevocationReason, RevokedCertificate
from keys.model import KeyPurpose
from registry.db.database import Database
from registry.db.tables import certificates
from registry.ledger.ledger import SqlLedger
from tests.softhsm import have_softhsm

ENTRIES = 100_000
_NOW = datetime(2026, 7, 1, tzinfo=UTC)


def rows(home: BenchHome, entries: int = ENTRIES) -> Iterator[Row]:
    """Yield `crl.100k`, and the same with the CA's key on SoftHSM2; the register is SQLite on disk.

    The baseline reads the same register and has `cryptography`'s builder make the list, handed over
    whole (adding the entries one by one copies it each time); it neither lints nor records.
    """
    revoked = [_revoked(number) for number in range(entries)]
    with TemporaryDirectory(prefix="xinyin-bench-") as directory:
        ledger = _ledger(Path(directory), revoked)
        crls = _issuer(home, ledger)
        builder = Baseline("cryptography-builder", partial(_build, home, ledger), calls=1)
        yield Row("crl.100k", crls.publish, (builder,), calls=1)
        if have_softhsm():
            with new_token() as token:
                crls = _issuer(BenchHome(keys=token.store()), ledger)
                yield Row("crl.100k.softhsm", crls.publish, (builder,), calls=1)


def _revoked(number: int) -> RevokedCertificate:
    """One every five minutes; every fiftieth for a key that was lost a minute before."""
    at = _NOW - timedelta(minutes=5 * number)
    serial = 1 << 128 | secrets.randbits(128)
    if number % 50:
        return RevokedCertificate(serial, at, RevocationReason.SUPERSEDED)
    lost_at = at - timedelta(minutes=1)
    return RevokedCertificate(serial, at, RevocationReason.KEY_COMPROMISE, lost_at)


def _build(home: BenchHome, ledger: SqlLedger) -> bytes:
    """Make the same list with the library's own builder."""
    entries = []
    for one in ledger.list_revoked(FIRST_ISSUING):
        entry = x509.RevokedCertificateBuilder(one.serial, one.revoked_at).add_extension(
            x509.CRLReason(x509.ReasonFlags(one.reason)), critical=False
        )
        if one.invalidity_at is not None:
            lost_at = one.invalidity_at.replace(tzinfo=None)
            entry = entry.add_extension(x509.InvalidityDate(lost_at), critical=False)
        entries.append(entry.build())
    end = _NOW + ISSUING_CRL_TIMES.lifetime
    name = home.hierarchy.issuing.subject
    builder = x509.CertificateRevocationListBuilder(name, _NOW, end, [], entries)
    builder = builder.add_extension(x509.CRLNumber(1), critical=False)
    key = home.keys.open(home.hierarchy.active.record.key_id, KeyPurpose.ISSUING_CA)
    return builder.sign(key.builder_key(), hashes.SHA384()).public_bytes(Encoding.DER)


def _ledger(directory: Path, revoked: list[RevokedCertificate]) -> SqlLedger:
    database = Database(f"sqlite:///{directory}/registry.db")
    database.create()
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    shared = {
        "issuer": FIRST_ISSUING,
        "profile": "seal",
        "subject": "CN=食品经营许可专用章,O=青禾市市场监督管理局",
        "spki_sha256": "0" * 64,
        "tbs_sha256": "0" * 64,
        "not_before": begin,
        "not_after": begin + timedelta(days=1095),
        "state": CertificateState.REVOKED,
        "certificate": bytes(1000),
        "intended_at": begin,
    }
    values = [
        shared
        | {
            "serial": f"{one.serial:x}",
            "revoked_at": one.revoked_at,
            "reason": one.reason,
            "invalidity_at": one.invalidity_at,
        }
        for one in revoked
    ]
    with database.writing() as connection:
        connection.execute(insert(certificates), values)
    return SqlLedger(database)


def _issuer(home: BenchHome, ledger: SqlLedger) -> CrlIssuer:
    signer = home.keys.open(home.hierarchy.active.record.key_id, KeyPurpose.ISSUING_CA)
    parts = replace(home.parts, ledger=ledger)
    return CrlIssuer(FIRST_ISSUING, home.hierarchy.issuing, signer, ISSUING_CRL_TIMES, parts)
