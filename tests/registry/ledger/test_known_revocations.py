"""What the ledger, and the CRLs of others, say of the certificates that a file rests on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, insert

from registry.db.database import Database
from registry.db.tables import certificates
from registry.ledger.known_revocations import find_revocations, revocations_by_digest
from signing.seal_check.path import Certificate, read_certificate
from signing.seal_check.reports import KnownRevocation

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEY = ec.generate_private_key(ec.SECP256R1())
OURS, OUTSIDE, OTHER = "issuing-1", "outside-1", "outside-2"
FLAGS = x509.ReasonFlags


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('revocations')}/registry.db")
    database.create()
    yield database
    database.close()


@pytest.fixture
def connection(register: Database) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with register.engine.connect() as opened, opened.begin() as transaction:
        yield opened
        transaction.rollback()


def digest(number: int) -> str:
    return sha256(b"%d" % number).hexdigest()


def record(
    connection: Connection, serial: int, sha: str | None = None, *, issuer: str = OURS,
    state: str = "REVOKED", at: datetime | None = AT, since: datetime | None = None,
    reason: str | None = "superseded",
) -> None:  # fmt: skip
    values = {
        "issuer": issuer, "serial": f"{serial:x}", "profile": "seal", "subject": "",
        "spki_sha256": "", "tbs_sha256": "", "not_before": AT, "not_after": AT + DAY,
        "intended_at": AT, "sha256": sha or digest(serial), "state": state, "revoked_at": at,
        "invalidity_at": since, "reason": reason,
    }  # fmt: skip
    connection.execute(insert(certificates).values(values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"state": "ISSUED", "at": None, "reason": None}, None),
        ({"state": "ISSUED", "at": AT}, None),
        ({"at": None}, None),
        ({}, KnownRevocation(AT, False)),
        ({"reason": "certificateHold"}, KnownRevocation(AT, False)),
        ({"reason": "affiliationChanged"}, KnownRevocation(AT, False)),
        ({"reason": "cessationOfOperation"}, KnownRevocation(AT, False)),
        ({"reason": "privilegeWithdrawn"}, KnownRevocation(AT, False)),
        ({"reason": "keyCompromise"}, KnownRevocation(AT, True)),
        ({"reason": "cACompromise"}, KnownRevocation(AT, True)),
        ({"reason": "unspecified"}, KnownRevocation(AT, True)),
        ({"reason": None}, KnownRevocation(AT, True)),
        ({"since": AT - DAY}, KnownRevocation(AT - DAY, False)),
        ({"since": AT + DAY}, KnownRevocation(AT, False)),
    ],
)
def test_a_certificate_is_revoked_since_the_earlier_date_and_perhaps_compromised(
    connection: Connection, values: dict[str, str | None], expected: KnownRevocation | None
) -> None:
    record(connection, 1, **values)  # type: ignore[arg-type]
    assert revocations_by_digest(connection, [digest(1)]).get(digest(1)) == expected


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 16, 17])
def test_any_number_of_certificates_is_looked_up(connection: Connection, count: int) -> None:
    for serial in range(20):
        record(connection, serial)
    asked = {digest(serial) for serial in range(count)}
    assert set(revocations_by_digest(connection, asked | {digest(99)})) == asked
    assert set(revocations_by_digest(connection, asked)) == asked


@cache
def link(serial: int, issuer: str) -> Certificate:
    """A certificate that a file came with."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
    builder = x509.CertificateBuilder().issuer_name(name).subject_name(name).serial_number(serial)
    builder = builder.not_valid_before(AT).not_valid_after(AT + DAY).public_key(KEY.public_key())
    return read_certificate(builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER))


def crl(issuer: str, listed: dict[int, FLAGS | None], *, since: datetime | None = None) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
    builder = x509.CertificateRevocationListBuilder().issuer_name(name)
    builder = builder.last_update(AT + DAY).next_update(AT + 7 * DAY)
    for serial, reason in listed.items():
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(AT)
        one = one.add_extension(x509.CertificateIssuer([x509.DirectoryName(name)]), critical=True)
        if reason is not None:
            one = one.add_extension(x509.CRLReason(reason), critical=False)
        if since is not None:
            one = one.add_extension(x509.InvalidityDate(since), critical=False)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def found(
    connection: Connection, links: list[Certificate], *crls: bytes
) -> list[KnownRevocation | None]:
    """What is said of each link."""
    said = find_revocations(connection, links, lambda: crls)
    assert said.keys() <= {one.sha256 for one in links}
    return [said.get(one.sha256) for one in links]


def test_of_our_own_certificates_the_ledger_alone_tells(connection: Connection) -> None:
    good, revoked = link(1, OURS), link(2, OURS)
    record(connection, 1, good.sha256, state="ISSUED", at=None, reason=None)
    record(connection, 2, revoked.sha256)

    def unasked() -> tuple[bytes, ...]:
        raise AssertionError("no CRL is needed")

    said = find_revocations(connection, [good, revoked], unasked)
    assert said == {revoked.sha256: KnownRevocation(AT, False)}
    outside = link(3, OUTSIDE)
    listed = crl(OURS, {1: FLAGS.key_compromise, 2: FLAGS.key_compromise})
    assert found(connection, [good, revoked, outside], listed) == [
        None,
        KnownRevocation(AT, False),
        None,
    ]


def test_of_others_certificates_the_ledger_and_their_crls_tell(connection: Connection) -> None:
    """Those that our ledger has under a name of theirs are no more ours than unknown ones."""
    in_ledger, known, unknown = (link(serial, OUTSIDE) for serial in (1, 2, 3))
    record(connection, 1, in_ledger.sha256, issuer=OUTSIDE)
    record(connection, 2, known.sha256, issuer=OUTSIDE, state="ISSUED", at=None, reason=None)
    listed = crl(OUTSIDE, {2: FLAGS.key_compromise, 3: FLAGS.superseded, 4: FLAGS.superseded})
    expected = [KnownRevocation(AT, compromised) for compromised in (False, True, False)]
    assert found(connection, [in_ledger, known, unknown], b"no CRL", listed) == expected
    assert found(connection, [in_ledger, known, unknown], listed, crl(OTHER, {})) == expected
    assert found(connection, [in_ledger, known, unknown]) == [expected[0], None, None]


def test_a_crl_tells_of_its_own_issuers_certificates_only(connection: Connection) -> None:
    links = [link(7, OUTSIDE), link(7, OTHER), link(8, OTHER)]
    expected = [None, KnownRevocation(AT, False), None]
    assert found(connection, links, crl(OTHER, {7: FLAGS.superseded})) == expected


@pytest.mark.parametrize(
    ("reason", "since", "expected"),
    [
        (None, None, KnownRevocation(AT, True)),
        (FLAGS.unspecified, None, KnownRevocation(AT, True)),
        (FLAGS.ca_compromise, None, KnownRevocation(AT, True)),
        (FLAGS.certificate_hold, None, KnownRevocation(AT, False)),
        (FLAGS.aa_compromise, None, KnownRevocation(AT, False)),
        (FLAGS.key_compromise, AT - HOUR, KnownRevocation(AT - HOUR, True)),
        (FLAGS.superseded, AT + HOUR, KnownRevocation(AT, False)),
        (None, AT - HOUR, KnownRevocation(AT - HOUR, True)),
        (FLAGS.remove_from_crl, None, None),
    ],
)
def test_an_entry_of_a_crl_says_since_when_and_why(
    connection: Connection,
    reason: FLAGS | None,
    since: datetime | None,
    expected: KnownRevocation | None,
) -> None:
    listed = crl(OUTSIDE, {7: reason}, since=since)
    assert found(connection, [link(7, OUTSIDE)], listed) == [expected]
