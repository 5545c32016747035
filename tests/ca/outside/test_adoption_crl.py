"""Which CRLs of a root that signs elsewhere are taken in, and what they change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import ExchangeError, LintError
from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from ca.outside.adoption_crl import PendingCrl, judge_crl
from core.ids import IssuerId, KeyId
from core.text import Text
from tests.ca.world import World
from tests.permits import MANAGE_CA

AT = datetime(2026, 3, 2, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
FIRST, OTHER = IssuerId("root"), IssuerId("root-2")
KEYS = {issuer: ec.generate_private_key(ec.SECP256R1()) for issuer in (FIRST, OTHER)}


def name_of(issuer: IssuerId) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)])


def root(issuer: IssuerId) -> IssuerRecord:
    name, key = name_of(issuer), KEYS[issuer]
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(AT).not_valid_after(AT + 900 * DAY)
    signed = builder.public_key(key.public_key()).sign(key, hashes.SHA256())
    encoded = signed.public_bytes(Encoding.DER)
    key_id = KeyId(issuer)
    return IssuerRecord(issuer, IssuerRole.ROOT, None, key_id, IssuerState.ACTIVE, AT, encoded)


ROOTS = (root(FIRST), root(OTHER))


def crl(
    number: int | None = 7,
    listed: dict[int, x509.ReasonFlags | None] | None = None,
    *,
    at: datetime = AT,
    until: datetime = AT + 30 * DAY,
    issuer: IssuerId = FIRST,
    key: IssuerId = FIRST,
) -> bytes:
    """Sign a CRL whose entries date from a day before it."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(name_of(issuer))
    builder = builder.last_update(at).next_update(until)
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for serial, reason in (listed or {}).items():
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at - DAY)
        if reason is not None:
            one = one.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(KEYS[key], hashes.SHA256()).public_bytes(Encoding.DER)


Judge = Callable[[bytes], PendingCrl | None]


@pytest.fixture
def world() -> World:
    """A home to which both roots are known; what it lints with accepts everything."""
    made = World()
    made.clock.at = AT
    linter = SimpleNamespace(check_crl=lambda _: None)
    made.parts = replace(made.parts, linter=linter)  # type: ignore[arg-type]
    return made


@pytest.fixture
def judge(world: World, tmp_path: Path) -> Judge:
    def judge_it(data: bytes) -> PendingCrl | None:
        path = tmp_path / "back.crl"
        path.write_bytes(data)
        return judge_crl(world.parts, path, ROOTS)

    return judge_it


def record(judge: Judge, data: bytes) -> None:
    pending = judge(data)
    assert pending is not None
    pending.record(MANAGE_CA)


def test_what_is_taken_in_is_told_and_recorded_when_all_is_judged(
    world: World, judge: Judge
) -> None:
    data = crl(7, issuer=OTHER, key=OTHER)
    pending = judge(data)
    assert pending is not None
    told = pending.adopted
    assert (told.name, told.kind, told.subject) == ("back.crl", "crl 7", "CN=root-2")
    assert told.sha256.replace(":", "").lower() == sha256(data).hexdigest()
    assert world.ledger.find_crl(OTHER) is None
    pending.record(MANAGE_CA)
    kept = world.ledger.find_crl(OTHER)
    assert kept is not None
    assert (kept.crl, kept.number, kept.shard, kept.changes) == (data, 7, 0, 0)
    assert world.ledger.find_crl(FIRST) is None
    assert judge(data) is None, "it is known"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no CRL", "is no CRL"),
        (b"x" * 1024 * 1024, "is no CRL"),
        (crl(None), "is no CRL"),
        (crl(key=OTHER), "not signed by a root on record"),
        (crl(issuer=OTHER), "not signed by a root on record"),
        (crl(at=AT + 10 * MINUTE + SECOND), "in the future"),
        (crl(at=AT - DAY, until=AT), "has ended"),
    ],
    ids=["bytes", "many bytes", "no number", "key", "name", "future", "past"],
)
def test_what_is_none_of_ours_or_of_another_time_is_refused(
    judge: Judge, data: bytes, why: str
) -> None:
    with pytest.raises(ExchangeError, match=why):
        judge(data)


def test_a_file_beyond_a_mebibyte_is_not_looked_into(judge: Judge) -> None:
    with pytest.raises(ExchangeError) as caught:
        judge(b"x" * (1024 * 1024 + 1))
    assert "is no CRL" not in caught.value.text.en


@pytest.mark.parametrize("data", [crl(at=AT + 10 * MINUTE), crl(at=AT - DAY, until=AT + SECOND)])
def test_clocks_may_differ_by_ten_minutes_and_a_list_holds_to_its_last_second(
    judge: Judge, data: bytes
) -> None:
    assert judge(data) is not None


def test_a_list_follows_the_one_that_is_known(judge: Judge) -> None:
    record(judge, crl(7))
    for number in (6, 7):
        with pytest.raises(ExchangeError, match=f"has number {number}, not above the known 7"):
            judge(crl(number, at=AT + SECOND))
    with pytest.raises(ExchangeError, match="older than the known"):
        judge(crl(8, at=AT - SECOND))
    assert judge(crl(8)) is not None
    assert judge(crl(1, issuer=OTHER, key=OTHER)) is not None, "the other root counts for itself"


def test_a_list_that_is_no_good_by_the_rules_is_refused(world: World, judge: Judge) -> None:
    def refuse(_: bytes) -> None:
        raise LintError(Text("不合规", "it breaks a rule"))

    linter = SimpleNamespace(check_crl=refuse)
    world.parts = replace(world.parts, linter=linter)  # type: ignore[arg-type]
    with pytest.raises(ExchangeError, match="it breaks a rule"):
        judge(crl())


def test_what_it_lists_is_revoked_first(world: World, judge: Judge) -> None:
    for serial in (1, 2, 3, 4):
        intent = Intent(FIRST, serial, "unknown", "", "", "", AT - 9 * DAY, AT + 9 * DAY)
        state, at, reason = CertificateState.ISSUED, None, None
        if serial == 4:
            state, at, reason = CertificateState.REVOKED, AT - 3 * DAY, RevocationReason.SUPERSEDED
        world.ledger.entries[FIRST, serial] = LedgerEntry(intent, state, b"", at, reason)
    flags = x509.ReasonFlags
    listed = {
        99: flags.superseded,  # of which nothing is known here
        1: flags.ca_compromise,
        2: None,
        3: flags.aa_compromise,
        4: flags.cessation_of_operation,
    }
    record(judge, crl(7, listed))
    entries = [world.ledger.entries[FIRST, serial] for serial in (1, 2, 3, 4)]
    assert [(one.reason, one.revoked_at) for one in entries] == [
        (RevocationReason.CA_COMPROMISE, AT - DAY),
        (RevocationReason.UNSPECIFIED, AT - DAY),
        (RevocationReason.UNSPECIFIED, AT - DAY),
        (RevocationReason.SUPERSEDED, AT - 3 * DAY),
    ]
    kept = world.ledger.find_crl(FIRST)
    assert kept is not None
    assert kept.changes == world.ledger.revocation_changes(FIRST) == 3
