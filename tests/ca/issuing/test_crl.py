"""CRLs: what they say, when a new one is due, how they are divided; other tools read the same."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.addresses import crl_name, find_crl_name
from ca.encoding import der
from ca.errors import LintError, RevocationRefusedError
from ca.hierarchy.founding import found_hierarchy
from ca.hierarchy.hierarchy import Hierarchy
from ca.issuers import FIRST_ISSUING, ROOT
from ca.issuing.crl import ROOT_CRL_TIMES, CrlIssuer, CrlTimes
from ca.issuing.crl_guard import StaleCrlError
from ca.issuing.revocation import END_ENTITY_REASONS
from ca.ledger import CertificateState, Intent, LedgerEntry, RevocationReason
from core.ids import IssuerId, KeyId
from core.text import Text
from keys.model import KeyPurpose
from tests.ca.world import NAMES, World, openssl, pem
from tests.permits import CHANGE_CERTIFICATE, MANAGE_CA

EXPIRED_CERTIFICATES = x509.ObjectIdentifier("2.5.29.60")
SHARDS = 4


@pytest.fixture
def made() -> World:
    return World()


def found(world: World, shards: int = 1) -> Hierarchy:
    return found_hierarchy(
        NAMES,
        root_keys=world.root_keys,
        keys=world.keys,
        parts=world.parts,
        crl_shards=shards,
        permit=MANAGE_CA,
    )


def revoke(
    world: World,
    certificate: x509.Certificate,
    reason: RevocationReason = RevocationReason.SUPERSEDED,
    invalidity_at: datetime | None = None,
) -> int:
    """Revoke a certificate; return its shard."""
    entry = world.ledger.revoke(
        FIRST_ISSUING,
        certificate.serial_number,
        reason,
        world.clock.now(),
        invalidity_at=invalidity_at,
        permit=CHANGE_CERTIFICATE,
    )
    return entry.intent.shard


def fill(world: World, entries: Iterable[tuple[RevocationReason, datetime | None]]) -> None:
    """Put revoked certificates into the ledger, their serials from 2**128."""
    now = world.clock.now()
    for number, (reason, invalidity_at) in enumerate(entries):
        serial = 2**128 + number
        intent = Intent(FIRST_ISSUING, serial, "seal", "CN=x", "", "", now, now)
        entry = LedgerEntry(
            intent, CertificateState.REVOKED, b"", now, reason, invalidity_at=invalidity_at
        )
        world.ledger.entries[FIRST_ISSUING, serial] = entry


def number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_an_entry_says_why_when_and_since_when(made: World) -> None:
    hierarchy = found(made)
    made.clock.advance(timedelta(days=2))
    since = (made.clock.now() - timedelta(hours=3)).replace(microsecond=0)
    cases = [
        *((reason, None) for reason in sorted(END_ENTITY_REASONS)),
        (RevocationReason.CERTIFICATE_HOLD, None),
        (RevocationReason.KEY_COMPROMISE, since),
    ]
    fill(made, cases)
    crl = x509.load_der_x509_crl(hierarchy.crls.publish())
    assert len(crl) == len(cases)
    for number, (reason, invalidity_at) in enumerate(cases):
        revoked = crl.get_revoked_certificate_by_serial_number(2**128 + number)
        assert revoked is not None
        assert revoked.revocation_date_utc == made.clock.now().replace(microsecond=0)
        said = {type(one.value): one.value for one in revoked.extensions}
        expected: dict[type, x509.ExtensionType] = {}
        if reason is not RevocationReason.UNSPECIFIED:  # RFC 5280 5.3.1: left out
            expected[x509.CRLReason] = x509.CRLReason(x509.ReasonFlags(reason))
        if invalidity_at is not None:
            expected[x509.InvalidityDate] = x509.InvalidityDate(invalidity_at.replace(tzinfo=None))
        assert said == expected
        assert not any(one.critical for one in revoked.extensions)


def test_the_list_says_which_it_is_and_that_the_expired_stay_in_it(made: World) -> None:
    hierarchy = found(made)
    seal = made.seal(hierarchy)
    revoke(made, seal)
    made.clock.advance(timedelta(days=5 * 365))
    crl = x509.load_der_x509_crl(hierarchy.crls.publish())
    assert crl.get_revoked_certificate_by_serial_number(seal.serial_number) is not None
    point = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert point.critical
    [address] = point.value.full_name or []
    assert address.value == made.parts.addresses.crl(FIRST_ISSUING)
    expired = crl.extensions.get_extension_for_oid(EXPIRED_CERTIFICATES)
    assert isinstance(expired.value, x509.UnrecognizedExtension)
    begin = hierarchy.issuing.not_valid_before_utc
    assert (expired.critical, expired.value.value) == (False, der.generalized_time(begin))


def test_a_root_s_list_is_complete_and_has_no_critical_extension(made: World) -> None:
    """EU DSS takes a critical extension of an issuing distribution point without address ill."""
    hierarchy = found(made)
    root = x509.load_der_x509_crl(made.ledger.latest_crl(ROOT) or b"")
    assert root.issuer == hierarchy.root.subject
    assert [one.oid.dotted_string for one in root.extensions if one.critical] == []


def test_a_new_one_is_due_by_age_and_by_every_change(made: World) -> None:
    hierarchy = found(made)
    seal = made.seal(hierarchy)
    crls, ledger = hierarchy.crls, made.ledger
    first = crls.current()
    made.clock.advance(timedelta(hours=11))
    assert crls.current() == first
    ledger.hold(FIRST_ISSUING, seal.serial_number, made.clock.now(), permit=CHANGE_CERTIFICATE)
    held = x509.load_der_x509_crl(crls.current())
    assert len(held) == 1
    ledger.release(FIRST_ISSUING, seal.serial_number, made.clock.now(), permit=CHANGE_CERTIFICATE)
    released = x509.load_der_x509_crl(crls.current())
    assert len(released) == 0
    latest = crls.current()
    made.clock.advance(timedelta(hours=13))
    aged = x509.load_der_x509_crl(crls.current())
    assert aged.public_bytes(Encoding.DER) != latest
    assert [number_of(one) for one in (held, released, aged)] == [2, 3, 4]


def test_lists_hold_a_week_and_are_renewed_twice_a_day(made: World) -> None:
    """EN 319 411-1 CSS-6.3.9: at least daily; by the promise of the operator's guide."""
    hierarchy = found(made)
    made.clock.at = begin = made.clock.now().replace(microsecond=0)
    first = x509.load_der_x509_crl(hierarchy.crls.publish())
    assert first.next_update_utc == begin + timedelta(days=7)
    made.clock.advance(timedelta(hours=12) - timedelta(seconds=1))
    assert hierarchy.crls.current() == first.public_bytes(Encoding.DER)
    made.clock.advance(timedelta(seconds=1))
    assert hierarchy.crls.current() != first.public_bytes(Encoding.DER)


def test_a_root_s_list_holds_a_year_and_is_renewed_a_month_before(made: World) -> None:
    made.clock.at = begin = made.clock.now().replace(microsecond=0)
    hierarchy = found(made)
    signer = made.root_keys.open(KeyId("root"), KeyPurpose.ROOT_CA)
    crls = CrlIssuer(ROOT, hierarchy.root, signer, ROOT_CRL_TIMES, made.parts)
    first = made.ledger.latest_crl(ROOT)
    assert x509.load_der_x509_crl(first or b"").next_update_utc == begin + timedelta(days=365)
    made.clock.advance(timedelta(days=335) - timedelta(seconds=1))
    assert crls.current() == first
    made.clock.advance(timedelta(seconds=1))
    assert crls.current() != first


def test_every_shard_is_published_and_kept_current(made: World) -> None:
    hierarchy = found(made)
    signer = made.keys.keys[KeyId("issuing-1")]
    times = CrlTimes(timedelta(days=7), timedelta(hours=12))
    crls = CrlIssuer(FIRST_ISSUING, hierarchy.issuing, signer, times, made.parts, 2)
    crls.publish_all()
    second = made.ledger.find_crl(FIRST_ISSUING, 1)
    assert second is not None
    made.clock.advance(timedelta(hours=12))
    crls.keep_current()
    for shard in range(2):
        newest = made.ledger.find_crl(FIRST_ISSUING, shard)
        assert newest is not None
        assert newest.number > second.number
    assert made.ledger.find_crl(FIRST_ISSUING, 2) is None


def test_a_ca_has_one_list_unless_more_are_asked_for(made: World) -> None:
    hierarchy = found(made)
    signer = made.root_keys.open(KeyId("root"), KeyPurpose.ROOT_CA)
    before = len(made.ledger.crls)
    CrlIssuer(ROOT, hierarchy.root, signer, ROOT_CRL_TIMES, made.parts).publish_all()
    assert [(one.issuer, one.shard) for one in made.ledger.crls[before:]] == [(ROOT, 0)]


def test_a_mistake_in_a_list_is_stopped_before_the_key(made: World) -> None:
    hierarchy = found(made)
    signer = made.keys.keys[KeyId("issuing-1")]
    with (
        patch.object(made.parts.linter, "check_crl", side_effect=LintError(Text("错", "wrong"))),
        patch.object(type(signer), "sign", side_effect=AssertionError("key used")),
        pytest.raises(LintError),
    ):
        hierarchy.crls.publish()


def test_a_list_that_others_outrun_is_tried_three_times(made: World) -> None:
    hierarchy = found(made)
    before = made.ledger.numbers[FIRST_ISSUING]
    with (
        patch.object(made.ledger, "record_crl", side_effect=StaleCrlError(Text("旧", "stale"))),
        pytest.raises(StaleCrlError),
    ):
        hierarchy.crls.publish()
    assert made.ledger.numbers[FIRST_ISSUING] == before + 3


def test_a_revocation_while_a_list_is_made_makes_another_due(made: World) -> None:
    hierarchy = found(made)
    seal = made.seal(hierarchy)
    revoke(made, made.seal(hierarchy))

    def meanwhile(method: str, moment: str) -> None:
        if (method, moment) == ("record_crl", "before"):
            made.ledger.on_write = lambda _method, _moment: None
            revoke(made, seal)

    made.ledger.on_write = meanwhile
    assert len(x509.load_der_x509_crl(hierarchy.crls.current())) == 1
    assert len(x509.load_der_x509_crl(hierarchy.crls.current())) == 2


def test_of_two_lists_made_at_once_the_later_never_knows_less(made: World) -> None:
    """The slower one took its number and read its entries before the other's revocation."""
    hierarchy = found(made)
    seal = made.seal(hierarchy)

    def meanwhile(method: str, moment: str) -> None:
        if (method, moment) == ("record_crl", "before"):
            made.ledger.on_write = lambda _method, _moment: None
            revoke(made, seal)
            hierarchy.crls.publish()

    made.ledger.on_write = meanwhile
    slower = x509.load_der_x509_crl(hierarchy.crls.publish())
    assert slower.get_revoked_certificate_by_serial_number(seal.serial_number) is not None
    ours = [one for one in made.ledger.crls if one.issuer == FIRST_ISSUING]
    assert [one.number for one in ours] == [1, 3, 4]


def test_a_list_of_a_clock_that_ran_ahead_is_followed_at_once(made: World) -> None:
    hierarchy = found(made)
    right = made.clock.now().replace(microsecond=0)
    made.clock.advance(timedelta(days=3))
    ahead = hierarchy.crls.publish()
    made.clock.at = right + timedelta(days=3) - timedelta(minutes=1)
    assert hierarchy.crls.current() == ahead, "clocks may differ by a minute"
    made.clock.at = right
    crl = x509.load_der_x509_crl(hierarchy.crls.current())
    assert crl.last_update_utc == right
    assert number_of(crl) == number_of(x509.load_der_x509_crl(ahead)) + 1


def test_the_last_list_holds_for_ever_once_nothing_is_left_to_revoke(made: World) -> None:
    hierarchy = found(made)
    made.seal(hierarchy)
    with pytest.raises(RevocationRefusedError, match="3 certificates"):
        hierarchy.crls.publish_last()
    last = max(one.intent.not_after for one in made.ledger.list_entries(FIRST_ISSUING))
    made.clock.at = last + timedelta(milliseconds=999)  # RFC 5280 4.1.2.5: notAfter included
    with pytest.raises(RevocationRefusedError, match="1 certificate is"):
        hierarchy.crls.publish_last()
    made.clock.at = last + timedelta(seconds=1)
    hierarchy.crls.publish_last()
    latest = made.ledger.latest_crl(FIRST_ISSUING) or b""
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280 4.1.2.5
    assert x509.load_der_x509_crl(latest).next_update_utc == never
    made.parts.linter.check_crl(latest)
    made.clock.advance(timedelta(days=30))
    assert hierarchy.crls.current() == latest


def test_no_list_outlives_its_issuer_nor_is_signed_after_it(made: World) -> None:
    hierarchy = found(made)
    end = hierarchy.issuing.not_valid_after_utc
    made.clock.at = end - timedelta(days=1)
    last = x509.load_der_x509_crl(hierarchy.crls.current())
    assert last.next_update_utc == end
    for made.clock.at in (end, end + timedelta(days=1)):
        assert hierarchy.crls.current() == last.public_bytes(Encoding.DER)


def test_a_signature_that_does_not_hold_is_not_published(made: World) -> None:
    hierarchy = found(made)
    signer = made.root_keys.open(KeyId("root"), KeyPurpose.ROOT_CA)
    times = CrlTimes(timedelta(days=1), timedelta(hours=1))
    wrong = CrlIssuer(FIRST_ISSUING, hierarchy.issuing, signer, times, made.parts)
    before = made.ledger.latest_crl(FIRST_ISSUING)
    with pytest.raises(LintError):
        wrong.publish()
    assert made.ledger.latest_crl(FIRST_ISSUING) == before


def test_a_long_list_is_whole(made: World) -> None:
    """How long it takes, `make bench` tells."""
    hierarchy = found(made)
    fill(made, [(RevocationReason.SUPERSEDED, None)] * 20_000)
    crl = x509.load_der_x509_crl(hierarchy.crls.publish())
    assert len(crl) == 20_000
    known = {entry.intent.serial for entry in made.ledger.list_entries(FIRST_ISSUING)}
    assert {entry.serial_number for entry in crl} <= known


# Shards


def test_a_certificate_names_the_shard_that_speaks_of_it(made: World) -> None:
    hierarchy = found(made, SHARDS)
    seals = [made.seal(hierarchy) for _ in range(12)]
    used = set()
    for seal in seals:
        shard = revoke(made, seal)
        used.add(shard)
        [point] = seal.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        [named] = point.full_name or []
        crl = x509.load_der_x509_crl(hierarchy.crls.current(shard))
        assert crl.get_revoked_certificate_by_serial_number(seal.serial_number) is not None
        said = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
        assert (said.critical, said.value.full_name) == (True, [named])
        assert named.value == made.parts.addresses.crl(FIRST_ISSUING, shard)
    assert len(used) > 1
    numbers = [one.number for one in made.ledger.crls if one.issuer == FIRST_ISSUING]
    assert numbers == sorted(set(numbers))


def test_a_revocation_signs_its_own_shard_only(made: World) -> None:
    hierarchy = found(made, SHARDS)
    before = [hierarchy.crls.current(shard) for shard in range(SHARDS)]
    revoked = revoke(made, made.seal(hierarchy))
    hierarchy.crls.keep_current()
    after = [made.ledger.latest_crl(FIRST_ISSUING, shard) for shard in range(SHARDS)]
    changed = [n for n, pair in enumerate(zip(before, after, strict=True)) if len({*pair}) > 1]
    assert changed == [revoked]


def test_lists_are_found_by_their_names() -> None:
    shards = {ROOT: 1, FIRST_ISSUING: 12, IssuerId("issuing-2"): 1}
    for issuer, count in shards.items():
        for shard in range(count):
            assert find_crl_name(crl_name(issuer, shard), shards) == (issuer, shard)
    for name in ("issuing", "issuing-1-0", "issuing-1-12", "issuing-1-01", "root-1", "", "-1"):
        assert find_crl_name(name, shards) is None


# What other tools say


def crl_files(directory: Path, world: World) -> Path:
    """Write all CRLs in PEM into one file."""
    path = directory / "crls"
    encoded = (x509.load_der_x509_crl(one) for one in all_crls(world))
    path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in encoded))
    return path


def all_crls(world: World) -> list[bytes]:
    return [
        one
        for record in world.ledger.list_issuers()
        for shard in range(record.crl_shards)
        if (one := world.ledger.latest_crl(record.issuer, shard))
    ]


@pytest.mark.parametrize("shards", [1, SHARDS])
def test_openssl_finds_the_list_that_speaks_of_a_seal(
    shards: int, made: World, tmp_path: Path
) -> None:
    hierarchy = found(made, shards)
    good, bad = made.seal(hierarchy), made.seal(hierarchy)
    revoke(made, bad, RevocationReason.KEY_COMPROMISE)
    hierarchy.crls.keep_current()
    options: tuple[str | Path, ...] = (
        "verify", "-x509_strict", "-crl_check_all",
        "-CRLfile", crl_files(tmp_path, made), "-CAfile", pem(tmp_path / "root", hierarchy.root),
        "-untrusted", pem(tmp_path / "ca", hierarchy.issuing), "-purpose", "any",
    )  # fmt: skip
    assert "OK" in openssl(*options, pem(tmp_path / "good", good))
    with pytest.raises(AssertionError, match="certificate revoked"):
        openssl(*options, pem(tmp_path / "bad", bad))


def test_openssl_reads_what_was_written(made: World, tmp_path: Path) -> None:
    hierarchy = found(made)
    made.clock.advance(timedelta(hours=1))
    revoke(made, made.seal(hierarchy), RevocationReason.SUPERSEDED)
    seal = made.seal(hierarchy)
    made.clock.advance(timedelta(hours=1))
    revoke(made, seal, RevocationReason.KEY_COMPROMISE, made.clock.now() - timedelta(minutes=5))
    path = tmp_path / "crl"
    path.write_bytes(hierarchy.crls.current())
    text = openssl("crl", "-text", "-noout", "-inform", "DER", "-in", path)
    for expected in (
        r"X509v3 Issuing Distribution Point: critical",
        r"Full Name:\s+URI:http://pki.example.gov.cn/pki/issuing-1.crl",
        r"X509v3 CRL Number:\s+2\b",
        r"2\.5\.29\.60:",
        r"X509v3 CRL Reason Code:\s+Superseded",
        r"X509v3 CRL Reason Code:\s+Key Compromise\s+Invalidity Date:",
        r"Serial Number: " + f"{seal.serial_number:X}".rjust(34, "0"),
    ):
        assert re.search(expected, text), expected
    pem(tmp_path / "ca", hierarchy.issuing)
    said = openssl("crl", "-noout", "-inform", "DER", "-in", path, "-CAfile", tmp_path / "ca")
    assert "verify OK" in said


def test_gnutls_verifies_and_reads_the_list(made: World, tmp_path: Path) -> None:
    hierarchy = found(made, 2)
    seals = [made.seal(hierarchy) for _ in range(3)]
    for seal in seals:
        revoke(made, seal, RevocationReason.KEY_COMPROMISE, made.clock.now())
    hierarchy.crls.keep_current()
    ca = tmp_path / "ca"
    ca.write_bytes(hierarchy.issuing.public_bytes(Encoding.DER))
    listed = ""
    for shard in range(2):
        path = tmp_path / "crl"
        path.write_bytes(made.ledger.latest_crl(FIRST_ISSUING, shard) or b"")
        run = certtool("--verify-crl", "--inder", "--load-ca-certificate", str(ca), path=path)
        assert "Verified" in run
        listed += certtool("--crl-info", "--inder", path=path)
    for seal in seals:
        assert f"{seal.serial_number:034x}" in listed


def certtool(*arguments: str, path: Path) -> str:
    """Run GnuTLS's certtool over a file; fail with what it said unless it exits 0."""
    run = subprocess.run(
        ["certtool", *arguments, "--infile", str(path)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def test_times_beyond_2049_are_generalized(made: World) -> None:
    hierarchy = found(made)
    crls = hierarchy.crls
    at = datetime(2050, 1, 1, tzinfo=UTC)
    fill(made, [(RevocationReason.SUPERSEDED, None)])
    key = (FIRST_ISSUING, 2**128)
    made.ledger.entries[key] = replace(made.ledger.entries[key], revoked_at=at)
    [entry] = x509.load_der_x509_crl(crls.publish())
    assert entry.revocation_date_utc == at
    assert der.time(at)[0] == der.GENERALIZED_TIME
    assert der.time(at - timedelta(seconds=1)) == b"\x17\x0d491231235959Z"
