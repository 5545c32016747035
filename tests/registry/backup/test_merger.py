"""What a restore takes from a journal and from CRLs, one statement at a time."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import Connection, insert, select, update

from ca.issuers import IssuerRecord, IssuerRole, IssuerState
from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from core.ids import IssuerId, KeyId
from core.permits import Actor
from keys.life import KeyState
from registry.backup.certificates import find_entry, merge_certificate
from registry.backup.dump import BadBackupError
from registry.backup.merging import Merger
from registry.db.counters import raise_to
from registry.db.database import Database
from registry.db.tables import counters, issuers, key_records
from registry.facts.loss import version_floor
from registry.journal.journal import Facts, Journal, JournalKind
from registry.ledger.ledger import SqlLedger
from registry.ledger.status_journal import status_entry
from tests.clock import StoppedClock
from tests.permits import MANAGE_CA

AT = datetime(2026, 3, 1, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
END = AT + timedelta(days=900)
FIRST, OTHER = IssuerId("issuing-1"), IssuerId("issuing-2")
KEYS = {issuer: ec.generate_private_key(ec.SECP256R1()) for issuer in (FIRST, OTHER)}
SHARDS = 4
HOLD, COMPROMISE = RevocationReason.CERTIFICATE_HOLD, RevocationReason.KEY_COMPROMISE
SUPERSEDED = RevocationReason.SUPERSEDED


def name_of(issuer: IssuerId) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])


def certificate_of(issuer: IssuerId) -> bytes:
    name, key = name_of(issuer), KEYS[issuer]
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(AT).not_valid_after(END).public_key(key.public_key())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A register with two CAs, and one that waits for its certificate."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('merger')}/registry.db")
    database.create()
    ledger = SqlLedger(database)
    for issuer, encoded in (
        (IssuerId("issuing-0"), None),
        (OTHER, certificate_of(OTHER)),
        (FIRST, certificate_of(FIRST)),
    ):
        state = IssuerState.ACTIVE if encoded else IssuerState.PREPARED
        record = IssuerRecord(
            issuer, IssuerRole.ISSUING, None, KeyId(issuer), state, AT, encoded, crl_shards=SHARDS
        )
        ledger.save_issuer(record, AT, permit=MANAGE_CA)
    yield database
    database.close()


@pytest.fixture
def connection(register: Database) -> Iterator[Connection]:
    """A transaction on it that is rolled back."""
    with register.engine.connect() as opened, opened.begin() as transaction:
        yield opened
        transaction.rollback()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(AT)


@pytest.fixture
def journal(tmp_path: Path, clock: StoppedClock) -> Journal:
    return Journal.start(tmp_path / "journal", "register", clock)


def entry(
    serial: int, reason: RevocationReason | None = None, issuer: IssuerId = FIRST
) -> LedgerEntry:
    """A certificate that is good, or was revoked or held at `AT`."""
    state = CertificateState.ISSUED if reason is None else CertificateState.REVOKED
    intent = Intent(issuer, serial, "seal", "", "0", "1", AT, AT + DAY)
    return LedgerEntry(intent, state, None, None if reason is None else AT, reason, None)


def known(connection: Connection, *entries: LedgerEntry) -> None:
    """Let the backup know certificates; those that are good were held once."""
    for one in entries:
        if one.reason is None:
            merge_certificate(connection, entry(one.intent.serial, HOLD, one.intent.issuer))
        merge_certificate(connection, one)


def reason_of(connection: Connection, serial: int, issuer: IssuerId = FIRST) -> str | None:
    """Return why a certificate is revoked; “good” if it is not, None for an unknown one."""
    found = find_entry(connection, issuer, f"{serial:x}")
    return None if found is None else found.reason or "good"


def say(journal: Journal, told: LedgerEntry, **more: int) -> None:
    journal.append(JournalKind.STATUS, {**status_entry(told), **more})


def mark(journal: Journal, scope: str, value: int) -> None:
    journal.append(JournalKind.MARK, {"scope": scope, "value": value})


def point(*, name: str | None) -> x509.IssuingDistributionPoint:
    url = name and [x509.UniformResourceIdentifier(f"http://pki.example/pki/{name}.crl")]
    return x509.IssuingDistributionPoint(
        full_name=url or None,
        relative_name=None,
        only_contains_user_certs=not url,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )


def crl(
    number: int,
    listed: dict[int, RevocationReason | x509.ReasonFlags | None],
    *,
    at: datetime = AT,
    issuer: IssuerId = FIRST,
    key: IssuerId | None = None,
    of: x509.IssuingDistributionPoint | None = None,
    since: datetime | None = None,
) -> bytes:
    """Sign a CRL whose entries date from an hour before it."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(name_of(issuer))
    builder = builder.last_update(at).next_update(at + 7 * DAY)
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    if of is not None:
        builder = builder.add_extension(of, critical=True)
    for serial, reason in listed.items():
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at - HOUR)
        if reason is not None:
            one = one.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
        if since is not None:
            one = one.add_extension(x509.InvalidityDate(since), critical=False)
        builder = builder.add_revoked_certificate(one.build())
    return builder.sign(KEYS[key or issuer], hashes.SHA256()).public_bytes(Encoding.DER)


# The journal


def test_a_journal_that_tells_nothing_changes_nothing(
    connection: Connection, journal: Journal
) -> None:
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    merged = merger.merged
    assert (merged.journal_complete, merged.journal_until) == (True, AT)
    assert (merged.revoked, merged.released, merged.licences) == ([], [], [])
    assert (merged.voided, merged.counters) == (0, 0)
    assert merger.events(AT) == merger.merge_lives(AT) == []


def test_counters_go_on_above_their_highest_mark(
    connection: Connection, journal: Journal, clock: StoppedClock
) -> None:
    for scope, value in (("a", 70), ("b", 10), ("c", 10)):
        raise_to(connection, scope, value)
    for scope, value in (("a", 64), ("b", 128), ("b", 64), ("new", 1), ("d", 2)):
        clock.advance(HOUR)
        mark(journal, scope, value)
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    query = select(counters.c.scope, counters.c.value).where(counters.c.scope.in_([*"abcd"]))
    assert dict(connection.execute(query).all()) == {"a": 70, "b": 128, "c": 10, "d": 2}
    assert raise_to(connection, "new", 2)
    assert not raise_to(connection, "new", 2)
    assert (merger.merged.counters, merger.merged.journal_until) == (3, AT + 5 * HOUR)


def test_each_certificate_comes_to_the_last_that_was_said_of_it(
    connection: Connection, journal: Journal
) -> None:
    """One serial of two CAs is two certificates."""
    known(connection, entry(7), entry(7, issuer=OTHER), entry(8, HOLD), entry(9, HOLD))
    say(journal, entry(7, HOLD))
    say(journal, entry(7, HOLD, OTHER))
    say(journal, entry(7, SUPERSEDED))
    say(journal, entry(8, HOLD))
    say(journal, entry(8), seen=journal.end.sequence)
    say(journal, entry(9, HOLD))
    say(journal, entry(9), seen=journal.end.sequence - 1)  # of a hold before that one
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    assert [reason_of(connection, serial) for serial in (7, 8, 9)] == [SUPERSEDED, "good", HOLD]
    assert reason_of(connection, 7, OTHER) == HOLD
    assert merger.merged.revoked == ["issuing-1/7", "issuing-2/7"]
    assert merger.merged.released == ["issuing-1/8"]
    assert merger.merged.journal_complete


def test_a_loss_that_was_accepted_before_is_remembered(
    connection: Connection, journal: Journal
) -> None:
    """Versions given between the backup and that loss are not given again (ten are left out)."""
    assert version_floor(connection, 2, AT - DAY) == 2
    journal.append(JournalKind.LOSS_ACCEPTED, {"backup_made_at": AT.isoformat(), "gap": 10_000})
    Merger(connection, journal_complete=True).merge_journal(journal)
    assert version_floor(connection, 2, AT - DAY) == 12
    assert version_floor(connection, 2, AT + SECOND) == 2


def test_keys_that_left_use_do_so_again(connection: Connection, journal: Journal) -> None:
    values = {
        "key_id": "seal-1", "domain": "issuing", "location": "", "purpose": "seal",
        "algorithm": "ecdsa-p256", "size": 256, "spki_sha256": "ab", "state": KeyState.ACTIVE,
        "intended_at": AT,
    }  # fmt: skip
    connection.execute(insert(key_records).values(values))
    facts: Facts = {"key": "seal-1", "spki_sha256": "ab", "at": AT.isoformat()}
    for spki, state in (("other", KeyState.RETIRED), ("ab", KeyState.RETIRED)):
        journal.append(JournalKind.KEY, {**facts, "spki_sha256": spki, "state": state})
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    [event] = merger.merge_lives(AT + DAY)
    assert (event.at, event.subject, event.action) == (AT + DAY, "key:seal-1", "key.retired")
    row = connection.execute(select(key_records.c.state, key_records.c.retired_at)).one()
    assert tuple(row) == (KeyState.RETIRED, AT)


# CRLs


@pytest.mark.parametrize(
    ("ahead", "expected"), [(-SECOND, "good"), (timedelta(), "good"), (SECOND, HOLD)]
)
def test_a_hold_in_a_crl_yields_to_what_the_journal_said_no_earlier(
    connection: Connection, journal: Journal, ahead: timedelta, expected: str
) -> None:
    known(connection, entry(7))
    say(journal, entry(7))
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    merger.merge_crl(crl(1, {7: HOLD, 8: HOLD}, at=AT + ahead))
    assert reason_of(connection, 7) == expected
    assert reason_of(connection, 8) == HOLD, "the journal says nothing of it"


def test_a_revocation_in_a_crl_counts_whatever_the_journal_said_since(
    connection: Connection, journal: Journal
) -> None:
    known(connection, entry(7))
    say(journal, entry(7))
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    merger.merge_crl(crl(1, {7: COMPROMISE}, at=AT - DAY))
    assert reason_of(connection, 7) == COMPROMISE


def test_a_crl_beyond_the_journals_mark_shows_an_old_copy(
    connection: Connection, journal: Journal
) -> None:
    merger = Merger(connection, journal_complete=True)
    mark(journal, "crl:issuing-1", 64)
    merger.merge_journal(journal)
    merger.merge_crl(crl(64, {}))
    assert (merger.merged.journal_complete, merger.merged.counters) == (True, 1)
    merger.merge_crl(crl(65, {}))
    assert (merger.merged.journal_complete, merger.merged.counters) == (False, 2)
    merger.merge_crl(crl(64, {}))
    assert (merger.merged.journal_complete, merger.merged.counters) == (False, 2)
    assert not raise_to(connection, "crl:issuing-1", 65)


def test_a_first_crl_without_any_mark_shows_an_old_copy(connection: Connection) -> None:
    merger = Merger(connection, journal_complete=True)
    merger.merge_crl(crl(1, {}))
    assert not merger.merged.journal_complete


def test_what_crls_alone_tell_is_told_to_the_journal(
    connection: Connection, journal: Journal
) -> None:
    known(connection, entry(7))
    mark(journal, "crl:issuing-1", 64)
    mark(journal, "crl:issuing-2", 64)
    say(journal, entry(7, SUPERSEDED))
    before = journal.end.sequence
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    merger.merge_crl(crl(5, {7: SUPERSEDED}))
    assert merger.merged.journal_complete, "the journal knew it"
    merger.merge_crl(crl(6, {3: None}, issuer=OTHER))
    assert not merger.merged.journal_complete
    merger.merge_crl(crl(6, {12: COMPROMISE, 11: HOLD}))
    merger.journal_statuses(journal)
    told = [(one.kind, one.facts["issuer"], one.facts["serial"], one.facts["reason"])
            for one in journal.read(after=before)]  # fmt: skip
    assert told == [
        (JournalKind.STATUS, "issuing-1", "b", HOLD),
        (JournalKind.STATUS, "issuing-1", "c", COMPROMISE),
        (JournalKind.STATUS, "issuing-2", "3", RevocationReason.UNSPECIFIED),
    ]


@pytest.mark.parametrize(
    "encoded",
    [
        b"no CRL",
        crl(1, {7: COMPROMISE}, key=OTHER),
        crl(1, {7: COMPROMISE}, issuer=OTHER, key=FIRST),
    ],
    ids=["none", "by another key", "by another name"],
)
def test_a_crl_that_no_ca_of_ours_signed_is_refused(connection: Connection, encoded: bytes) -> None:
    merger = Merger(connection, journal_complete=True)
    with pytest.raises(BadBackupError, match="not signed by a CA"):
        merger.merge_crl(encoded)
    assert reason_of(connection, 7) is reason_of(connection, 7, OTHER) is None


@pytest.mark.parametrize("since", [None, AT - DAY])
def test_what_only_a_crl_tells_of_goes_on_being_listed(
    connection: Connection, since: datetime | None
) -> None:
    Merger(connection, journal_complete=False).merge_crl(crl(1, {0xAB: None}, since=since))
    found = find_entry(connection, FIRST, "ab")
    intent = Intent(FIRST, 0xAB, "unknown", "", "", "", AT - HOUR, END, shard=3)  # 171 modulo 4
    reason = RevocationReason.UNSPECIFIED
    revoked = CertificateState.REVOKED
    assert found == LedgerEntry(intent, revoked, None, AT - HOUR, reason, since)


def test_a_reason_that_we_never_give_is_none(connection: Connection) -> None:
    """A root whose CRLs are signed elsewhere may give any of X.509's."""
    merger = Merger(connection, journal_complete=False)
    merger.merge_crl(crl(1, {7: x509.ReasonFlags.aa_compromise, 8: SUPERSEDED}))
    assert reason_of(connection, 7) == RevocationReason.UNSPECIFIED
    assert reason_of(connection, 8) == SUPERSEDED


@pytest.mark.parametrize(
    ("of", "shard"),
    [
        (point(name="issuing-1-2"), 2),
        (point(name="issuing-1"), 0),
        (point(name="issuing-1-9"), 3),  # 7 modulo 4
        (point(name="issuing-2-2"), 3),
        (point(name=None), 3),
        (None, 3),
    ],
    ids=["2", "0", "there is none such", "another's", "no address", "no scope"],
)
def test_it_stands_in_the_shard_that_speaks_of_it(
    connection: Connection, of: x509.IssuingDistributionPoint | None, shard: int
) -> None:
    """In another shard it would be un-revoked: its own list, which it names, would not have it."""
    Merger(connection, journal_complete=False).merge_crl(crl(5, {7: None}, of=of))
    found = find_entry(connection, FIRST, "7")
    assert found is not None
    assert found.intent.shard == shard


def test_there_is_one_event_for_each_record_that_changed(
    connection: Connection, journal: Journal
) -> None:
    known(connection, entry(7), entry(8, HOLD))
    say(journal, entry(8))
    say(journal, entry(7, SUPERSEDED))
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    merger.merge_crl(crl(1, {7: COMPROMISE}, since=AT - DAY))
    assert merger.merged.revoked == ["issuing-1/7", "issuing-1/7"]
    worse, released = merger.events(AT + HOUR)
    assert (worse.action, worse.subject) == ("certificate.restored", "issuing-1/7")
    assert (worse.at, worse.actor, worse.basis) == (AT + HOUR, Actor("restore"), None)
    assert worse.after == {
        "state": CertificateState.REVOKED,
        "reason": COMPROMISE,
        "revoked_at": AT.isoformat(),
        "invalidity_at": (AT - DAY).isoformat(),
        "profile": "seal",
        "tbs_sha256": "1",
        "shard": 0,
    }
    assert (released.action, released.subject) == ("certificate.restored", "issuing-1/8")
    assert released.after is not None
    assert (released.after["state"], released.after["revoked_at"]) == ("ISSUED", None)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([], ("ACTIVE", "PREPARED")),
        ([(OTHER, "ACTIVE")], ("ACTIVE", "ACTIVE")),
        ([(OTHER, "ACTIVE"), (FIRST, "RETIRED")], ("RETIRED", "ACTIVE")),
        ([(FIRST, "RETIRED")], ("ACTIVE", "PREPARED")),
        ([(OTHER, "another's"), (FIRST, "RETIRED")], ("ACTIVE", "PREPARED")),
        ([(OTHER, "ACTIVE"), (OTHER, "ACTIVE")], ("ACTIVE", "ACTIVE")),
    ],
)
def test_cas_are_in_use_as_they_were(
    connection: Connection, journal: Journal, told: list[tuple[str, str]], found: tuple[str, str]
) -> None:
    """The backup knew the second as waiting; a CA whose successor was lost goes on."""
    waits = issuers.c.issuer == OTHER
    connection.execute(update(issuers).where(waits).values(state=IssuerState.PREPARED))
    for issuer, state in told:
        query = select(issuers.c.certificate).where(issuers.c.issuer == issuer)
        sha256 = hashlib.sha256(connection.execute(query).scalar_one()).hexdigest()
        facts: Facts = {"issuer": issuer, "sha256": sha256, "state": state, "at": AT.isoformat()}
        if state == "another's":
            facts = {**facts, "sha256": "0" * 64, "state": "ACTIVE"}
        journal.append(JournalKind.ISSUER, facts)
    merger = Merger(connection, journal_complete=True)
    merger.merge_journal(journal)
    events = merger.merge_lives(AT + DAY)
    rows = connection.execute(select(issuers.c.issuer, issuers.c.state)).all()
    states = {row.issuer: row.state for row in rows}
    assert (states[FIRST], states[OTHER]) == found
    changed = [one.subject for one in events]
    assert sorted(changed) == sorted(
        issuer for issuer, was in ((FIRST, "ACTIVE"), (OTHER, "PREPARED")) if states[issuer] != was
    )
    for one in events:
        assert one.after is not None
        assert one.after["state"] == states[one.subject]
