"""Archive renewals keep a sealed file verifiable, with the clock moved over twenty years."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel

from ca.errors import StaleValidationDataError
from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from ca.validation.validation_data import ValidationData
from signing.algorithm_ends import NEVER, AlgorithmSuite, all_suites, parse_suite, suite_of
from signing.errors import UnprotectedFileError
from signing.levels import PadesLevel
from signing.report import Indication, LaterChanges
from signing.seal_check.check import check_seal
from signing.seal_check.protection import protection_found, protection_of
from signing.sealing.archive import Archiver, append_timestamp
from signing.sealing.cms import reserved_for
from signing.sealing.signed_file import Room
from signing.validation import validate_pdf
from tests.permits import CHANGE_CERTIFICATE
from tests.signing.decades import YEAR, Decades
from tests.signing.pyhanko_validation import Judge
from tests.signing.sealing.sealing_world import (
    SealingWorld,
    contents,
    dss_of,
    read,
    request,
    run,
    sealed,
    world,
)

MINUTE = timedelta(minutes=1)
LONG_TERM = [PadesLevel.B_LT, PadesLevel.B_LTA]


def check(here: Decades, pdf: bytes, level: str = "B-LTA") -> None:
    """Judge a file as somebody does who trusts the root alone, now."""
    report = validate_pdf(pdf, here.trust, here.ca.clock.now() + MINUTE)
    seal, *stamps = report.signatures
    assert report.notes == ()
    assert (seal.level, seal.indication) == (level, Indication.TOTAL_PASSED), report
    assert all(stamp.indication is Indication.TOTAL_PASSED for stamp in stamps), report
    assert {one.later_changes for one in report.signatures[:-1]} <= {LaterChanges.VALIDATION_DATA}


def witness(here: Decades, pdf: bytes) -> None:
    """Let pyHanko's own engine judge it, with what it would fetch now."""
    judge = Judge(here.root, here.ca.clock.now() + MINUTE)
    known = here.open().validation.for_archive(())
    assert judge.ades_archived(pdf, known) is AdESPassed.OK


@pytest.mark.parametrize("level", LONG_TERM)
def test_twenty_years(level: PadesLevel) -> None:
    here = Decades()
    pdf = original = here.seal(level).pdf
    # Before the seal's certificate ends, the first; then before each TSA certificate does.
    here.pass_time(2.6 * YEAR)
    pdf = first = here.archiver().renew(pdf)
    archived_at = here.ca.clock.now()
    check(here, pdf)
    witness(here, pdf)
    here.pass_time(4.9 * YEAR)
    check(here, pdf)
    here.roll_over("issuing-2")
    here.rotate_tsa()
    pdf = here.archiver().renew(pdf)
    check(here, pdf)
    witness(here, pdf)
    here.pass_time(4 * YEAR)  # the first issuing CA and the first TSA certificate have ended
    check(here, pdf)
    here.pass_time(3.5 * YEAR)
    here.roll_over("issuing-3")
    here.rotate_tsa()
    pdf = here.archiver().renew(pdf)
    check(here, pdf)
    here.pass_time(4.9 * YEAR)
    check(here, pdf)
    assert pdf.startswith(original)
    assert first.startswith(original)
    # pyHanko's engine stops where an intermediate CA has ended; as of then it agrees.
    assert Judge(here.root, archived_at + MINUTE).ades_archived(first) is AdESPassed.OK


def test_a_renewal_that_comes_too_late_proves_less() -> None:
    here = Decades()
    pdf = here.seal(PadesLevel.B_LTA).pdf
    here.pass_time(7.9 * YEAR)
    here.roll_over("issuing-2")
    here.rotate_tsa()
    here.pass_time(0.5 * YEAR)  # the first TSA certificate has ended, and nobody renewed
    late = here.archiver().renew(pdf)
    report = validate_pdf(late, here.trust, here.ca.clock.now() + MINUTE)
    assert all(one.intact for one in report.signatures)
    assert report.signatures[1].indication is Indication.INDETERMINATE
    assert report.signatures[1].sub_indication == "OUT_OF_BOUNDS_NO_POE"
    assert report.signatures[2].indication is Indication.TOTAL_PASSED


def test_a_renewal_adds_validation_data_and_a_timestamp_only(tmp_path: Path) -> None:
    pdf = Archiver(world().hierarchy.timestamps, world().hierarchy.validation).renew(
        sealed(PadesLevel.B_LTA).pdf
    )
    path = tmp_path / "renewed.pdf"
    path.write_bytes(pdf)
    run("qpdf", "--check", path)
    status = Judge(world().root, world().ca.clock.now() + MINUTE).seal(pdf)
    assert status.modification_level is ModificationLevel.LTA_UPDATES
    assert [str(name) for name in _fields(pdf)] == ["Seal", "Archive", "Archive2"]


@pytest.mark.parametrize("level", [PadesLevel.B_B, PadesLevel.B_T])
def test_files_without_validation_data_gain_them(level: PadesLevel) -> None:
    here = Decades()
    pdf = here.archiver().renew(here.seal(level).pdf)
    report = validate_pdf(pdf, here.trust, here.ca.clock.now() + MINUTE)
    assert report.notes == ()
    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED] * 2
    assert report.signatures[0].later_changes is LaterChanges.VALIDATION_DATA


@pytest.mark.parametrize("level", LONG_TERM)
def test_a_seal_revoked_later_keeps_its_proof(level: PadesLevel) -> None:
    """The signature's timestamp is from before the revocation; B-LTA needs an archive timestamp
    from before it, too.
    """
    here = Decades()
    pdf = here.seal(level).pdf
    here.pass_time(YEAR)
    serial = next(
        entry.intent.serial
        for entry in here.ca.ledger.list_entries(FIRST_ISSUING)
        if entry.certificate == here.certificate
    )
    here.ca.ledger.revoke(
        FIRST_ISSUING,
        serial,
        RevocationReason.CESSATION_OF_OPERATION,
        here.ca.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )
    here.pass_time(MINUTE)
    check(here, here.archiver().renew(pdf), level)


def test_nothing_is_renewed_with_validation_data_that_have_ended() -> None:
    here = Decades()
    pdf = here.seal(PadesLevel.B_LT).pdf
    here.ca.clock.advance(1.1 * YEAR)  # and the root signed no CRL meanwhile
    with pytest.raises(StaleValidationDataError):
        here.archiver().renew(pdf)


def test_what_protects_a_file() -> None:
    tsa_end = world().hierarchy.tsa.not_valid_after_utc
    assert protection_of(sealed(PadesLevel.B_LTA).pdf).certificate_until == tsa_end
    for level in (PadesLevel.B_B, PadesLevel.B_T, PadesLevel.B_LT):
        found = protection_of(sealed(level).pdf)
        assert found.certificate_until < tsa_end
        assert str(found.suite) == "ecdsa-p256/sha256"
        assert found.until == found.certificate_until
    with pytest.raises(UnprotectedFileError):
        protection_of(b"%PDF-1.7 nothing")


def test_what_protects_a_file_is_known_from_its_check() -> None:
    root = world().hierarchy.root.public_bytes(Encoding.DER)
    for level in PadesLevel:
        pdf = sealed(level).pdf
        assert protection_found(check_seal(pdf, (root,))) == protection_of(pdf)
        assert protection_found(check_seal(pdf, ())) is None
    pdf = Decades().seal(PadesLevel.B_LT).pdf
    assert protection_found(check_seal(pdf, (root,))) is None  # another's


def test_no_algorithm_outlives_its_plan_and_unknown_ones_have_none() -> None:
    p256, p224 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP224R1())
    rsa_2048 = rsa.generate_private_key(65537, 2048)
    ends = datetime(2036, 1, 1, tzinfo=UTC)
    assert suite_of(p256.public_key(), ("sha256", "sha512")).until == ends
    assert suite_of(rsa_2048.public_key(), ("sha256",)).until == datetime(2031, 1, 1, tzinfo=UTC)
    past = datetime(2026, 1, 1, tzinfo=UTC)
    assert suite_of(p256.public_key(), ("sha256", "sha1")).until < past
    assert suite_of(p224.public_key(), ("sha256",)).until < past
    assert suite_of(ed25519.Ed25519PrivateKey.generate().public_key(), ("sha512",)).until < past
    assert AlgorithmSuite("ml-dsa-65", "sha512").until == NEVER
    assert [parse_suite(str(suite)) for suite in all_suites()] == all_suites()
    assert parse_suite("never heard of").until < past


def _fields(pdf: bytes) -> list[object]:
    fields = read(pdf).root["/AcroForm"]["/Fields"]
    return [fields[index]["/T"] for index in range(len(fields))]


class OneToken:
    """A unit that always answers with the same token, as if no time passed."""

    def __init__(self) -> None:
        self._token = world().hierarchy.timestamps.token(bytes(32), "sha256")
        self.asked: list[bytes] = []

    def token(self, imprint: bytes, hash_name: str) -> bytes:
        assert hash_name == "sha256"
        self.asked.append(imprint)
        return self._token


def test_a_fresh_file_is_archived_as_pyhanko_archives_it() -> None:
    """Byte for byte, but for what tells two versions of a file apart (ISO 32000-1 14.4)."""
    unit = OneToken()
    document = world().make_sealer(timestamper=unit).seal(request(PadesLevel.B_LTA))
    first = document.pdf[: document.revisions[0]]
    stamped = unit.asked[-1]
    data = world().hierarchy.validation.for_seal(world().certificate)
    held = dss_of(document.pdf)
    added = ValidationData(held.certificates, held.ocsps, held.crls)
    assert set(held.certificates) == set(data.certificates)
    room = Room("sha256", reserved_for(unit.token(b"", "sha256")))
    appended = append_timestamp(first, (added,), room, unit)
    assert _without_version(appended) == _without_version(document.pdf)
    assert len(_version(document.pdf)) == len(_version(first)) == 2
    assert len({*_version(document.pdf), *_version(first)}) == 2
    covered, _ = contents(document.pdf, 1)
    assert hashlib.sha256(covered).digest() == stamped


def _version(pdf: bytes) -> list[bytes]:
    return re.findall(rb"<([0-9a-f]{32})>", pdf[pdf.rindex(b"/ID") :])


def _without_version(pdf: bytes) -> bytes:
    return pdf.replace(_version(pdf)[1], b"", 1) if len(set(_version(pdf))) == 2 else pdf


def test_seals_of_a_group_share_their_data_and_are_archived_with_later_ones() -> None:
    here = SealingWorld()
    shared = here.hierarchy.validation.for_seal(here.certificate)
    here.ca.clock.advance(timedelta(seconds=5))
    sealed_at = here.ca.clock.now().replace(microsecond=0)
    plain, archived = (
        here.sealer.seal(request(level), shared) for level in (PadesLevel.B_LT, PadesLevel.B_LTA)
    )
    assert dss_of(plain.pdf) == shared
    made = [ocsp.load_der_ocsp_response(one).this_update_utc for one in dss_of(archived.pdf).ocsps]
    assert dss_of(archived.pdf).ocsps[: len(shared.ocsps)] == shared.ocsps
    assert max(made) == sealed_at > min(made)
    judge = Judge(here.root, here.ca.clock.now() + MINUTE)
    assert judge.ades_with_time(plain.pdf) is AdESPassed.OK
    assert judge.ades_archived(archived.pdf) is AdESPassed.OK


def test_validation_data_of_another_seal_are_refused() -> None:
    other = SealingWorld()
    data = other.hierarchy.validation.for_seal(other.certificate)
    with pytest.raises(ValueError, match="another seal"):
        world().sealer.seal(request(), data)
