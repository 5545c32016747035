"""Heads: signed when due, outside the database first, over nothing that does not hold."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import delete, update

from core.canonical import canonical_json
from core.errors import StorageError
from core.ids import KeyId
from keys.model import KeyAlgorithm, KeyPurpose
from registry.audit.anchors import FileAnchor
from registry.audit.heads import SignedHead
from registry.audit.signing import AuditAlteredError, newest_head
from registry.db.database import Database
from registry.db.tables import audit_chain, audit_events, audit_heads
from tests.registry.audited import EVERY, Audited


@pytest.fixture
def audited(database: Database, tmp_path: Path) -> Audited:
    return Audited(database, tmp_path)


def newest(audited: Audited) -> SignedHead | None:
    with audited.database.reading() as connection:
        return newest_head(connection)


def test_a_head_is_signed_when_it_is_due(audited: Audited) -> None:
    assert audited.signer.sign_if_due() is None, "nothing to sign yet"
    audited.add(1)
    first = audited.signer.sign_if_due()
    assert first is not None
    assert newest(audited) == first
    audited.add(1)
    assert audited.signer.sign_if_due() is None, "a minute ago"
    audited.clock.advance(EVERY)
    second = audited.signer.sign_if_due()
    assert second is not None
    assert second.sequence == 2
    audited.clock.advance(EVERY)
    assert audited.signer.sign_if_due() is None, "nothing has come since"
    assert audited.signer.sign() is None
    assert audited.faults() == set()


def test_openssl_confirms_a_head(audited: Audited, tmp_path: Path) -> None:
    audited.add(2)
    head = audited.signer.sign()
    assert head is not None
    value = head.to_json()
    value.pop("signature")
    (tmp_path / "statement").write_bytes(canonical_json(value))
    (tmp_path / "signature").write_bytes(head.signature)
    key = audited.audit_keys()[head.key_id]
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature"]
    ran = subprocess.run(
        [*command, "statement"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "Verified OK\n"


def test_what_does_not_hold_is_not_signed_over(audited: Audited) -> None:
    audited.add(3)
    audited.signer.sign()
    audited.add(3)
    with audited.database.writing() as connection:
        connection.execute(
            update(audit_events).where(audit_events.c.sequence == 5).values(actor="nobody")
        )
    with pytest.raises(AuditAlteredError, match="Event 5"):
        audited.signer.sign()
    with audited.database.writing() as connection:
        connection.execute(delete(audit_events).where(audit_events.c.sequence >= 5))
    with pytest.raises(AuditAlteredError, match="end where it is recorded"):
        audited.signer.sign()
    with audited.database.writing() as connection:
        connection.execute(delete(audit_chain))
    with pytest.raises(Exception, match="missing"):
        audited.signer.sign()
    assert len(audited.path.read_bytes().splitlines()) == 1


def test_a_head_that_could_not_leave_is_not_in_the_database(
    database: Database, tmp_path: Path
) -> None:
    audited = Audited(database, tmp_path)
    audited.anchor = FileAnchor(tmp_path / "not there" / "heads")
    audited.add(1)
    with pytest.raises(StorageError):
        audited.signer.sign()
    assert newest(audited) is None


def test_a_head_that_left_before_a_crash_does_no_harm(audited: Audited) -> None:
    audited.add(1)
    audited.signer.sign()
    with audited.database.writing() as connection:
        connection.execute(delete(audit_heads))
    assert audited.faults() == set()
    audited.signer.sign()
    assert audited.verify().heads == {"database": 1, str(audited.path): 2}


def test_the_newest_key_signs_and_the_earlier_ones_count_on(audited: Audited) -> None:
    audited.add(1)
    first = audited.signer.sign()
    audited.keys.generate(KeyId("audit-2"), KeyPurpose.AUDIT, KeyAlgorithm.ECDSA_P384)
    audited.add(1)
    second = audited.signer.sign()
    assert first is not None
    assert second is not None
    assert (first.key_id, second.key_id) == ("audit-1", "audit-2")
    assert audited.faults() == set()


def test_a_line_cut_short_by_a_crash_is_mended(audited: Audited) -> None:
    audited.add(1)
    audited.signer.sign()
    with audited.path.open("ab") as file:
        file.write(b'{"hash":"00')
    assert audited.faults() == set(), "what was never acknowledged does not count"
    audited.add(1)
    audited.clock.advance(timedelta(hours=1))
    audited.signer.sign()
    assert audited.faults() == set()
    assert len(audited.path.read_bytes().splitlines()) == 2
    assert audited.path.stat().st_mode & 0o777 == 0o600
