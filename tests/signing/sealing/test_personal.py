"""An officer's own signature beside the seal: what it proves, to whom, and what is refused."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from ca.errors import ForeignCertificateError, SignerRefusedError
from ca.issuers import FIRST_ISSUING
from ca.ledger import RevocationReason
from ca.profiles.profiles import ProfileKind
from ca.recorder import Collector
from keys.algorithms import generate_private_key, sign_with
from keys.model import KeyAlgorithm
from signing.errors import (
    NoPersonError,
    PersonSignatureError,
    UnsuitableLevelError,
    UnsuitablePageError,
)
from signing.levels import PadesLevel
from signing.report import Coverage, Indication, LaterChanges, SignatureKind, SignatureReport
from signing.seal_check.check import SealCheck, check_seal, signed_page_holds
from signing.seal_check.protection import (
    protection_found,
    protection_of,
    signer_certificates_of,
)
from signing.seal_check.reports import KnownRevocation, certificates_of, reports_of
from signing.sealing.archive import Archiver
from signing.sealing.cms import SealCms
from signing.sealing.pades import SealedDocument
from signing.sealing.person_form import (
    SignaturePage,
    form_of,
    read_empty_page,
    read_page,
    to_be_signed,
    verify_signed_page,
)
from signing.sealing.personal import PersonalSigning
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_pdf
from tests.ca.world import OFFICER, openssl, pem
from tests.dss_witness import Dss, Trust
from tests.permits import CHANGE_CERTIFICATE
from tests.signing.inspection.updates import add_annotation, updated
from tests.signing.pyhanko_validation import Judge
from tests.signing.sealing.person_world import ISSUER, Officer
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

LEVELS = [PadesLevel.B_LT, PadesLevel.B_LTA]
KINDS = [ProfileKind.OFFICER_SHORT, ProfileKind.OFFICER]
SECONDS = timedelta(seconds=5)
DAY = timedelta(days=1)


@cache
def _officer(kind: ProfileKind) -> Officer:
    return Officer(world(), kind)


def officer(kind: ProfileKind = ProfileKind.OFFICER_SHORT) -> Officer:
    return _officer(kind)


@cache
def _signed(level: PadesLevel, kind: ProfileKind) -> SealedDocument:
    return officer(kind).document(level)


def signed(
    level: PadesLevel = PadesLevel.B_LT, kind: ProfileKind = ProfileKind.OFFICER_SHORT
) -> SealedDocument:
    """A document of the officer with that kind of certificate, made once per process."""
    return _signed(level, kind)


def root_of(own: SealingWorld) -> bytes:
    return own.root.public_bytes(Encoding.DER)


def check(pdf: bytes) -> SealCheck:
    return check_seal(pdf, (root_of(world()),))


def judged(pdf: bytes, after: timedelta = SECONDS) -> tuple[SignatureReport, ...]:
    at = world().ca.clock.now() + after
    return validate_pdf(pdf, TrustMaterial((root_of(world()),)), at).signatures


# What it proves.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_both_hold_and_each_says_whose_it_is(level: PadesLevel, kind: ProfileKind) -> None:
    person, seal, *stamps = judged(signed(level, kind).pdf)
    assert [one.kind for one in (person, seal)] == [SignatureKind.SIGNATURE, SignatureKind.SEAL]
    assert [one.indication for one in (person, seal)] == [Indication.TOTAL_PASSED] * 2
    assert [one.level for one in (person, seal)] == [level] * 2
    assert (person.signer, person.organization) == (OFFICER.name, OFFICER.organization)
    assert (person.identity_issuer, seal.identity_issuer) == (ISSUER, None)
    assert (person.coverage, person.later_changes) == (Coverage.REVISION, LaterChanges.SIGNATURES)
    assert seal.coverage is (Coverage.REVISION if stamps else Coverage.WHOLE_FILE)
    assert all(one.notes == () for one in (person, seal, *stamps))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_the_check_without_a_parser_agrees(level: PadesLevel, kind: ProfileKind) -> None:
    document = signed(level, kind)
    found = check(document.pdf)
    assert (found.holds, found.complete) == (True, True)
    assert found.sealed_length == document.revisions[0]
    assert reports_of(found, {}, world().ca.clock.now()) == judged(document.pdf)


def test_what_a_certificate_says_of_a_person_counts_where_it_is_trusted() -> None:
    """Anybody can write a body's name, and an issuer's, into a certificate of their own."""
    at = world().ca.clock.now() + SECONDS
    for person in validate_pdf(signed().pdf, TrustMaterial(()), at).signatures:
        assert not person.trusted
        assert (person.organization, person.identity_issuer) == ("", None)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ECDSA_P384, KeyAlgorithm.RSA_3072])
def test_officers_with_other_keys(algorithm: KeyAlgorithm) -> None:
    document = Officer(world(), algorithm=algorithm).document()
    assert [one.indication for one in judged(document.pdf)] == [Indication.TOTAL_PASSED] * 2
    assert check(document.pdf).complete


def test_a_short_lived_signature_holds_long_after_its_certificate() -> None:
    """Without a word on its revocation, which there is none of (RFC 9608)."""
    certificate = x509.load_der_x509_certificate(officer().certificate)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc < DAY
    for pdf in (signed(PadesLevel.B_LT).pdf, signed(PadesLevel.B_LTA).pdf):
        person, *_ = judged(pdf, 30 * DAY)
        assert person.indication is Indication.TOTAL_PASSED
        assert check(pdf).complete
    person, *_ = judged(signed(PadesLevel.B_LTA).pdf, 2500 * DAY)
    assert (person.indication, person.level) == (Indication.TOTAL_PASSED, "B-LTA")


def test_the_store_holds_what_is_said_of_a_longer_certificate() -> None:
    short, longer = (dss_of(signed(kind=kind).pdf) for kind in KINDS)
    assert officer(ProfileKind.OFFICER_SHORT).certificate in short.certificates
    assert officer(ProfileKind.OFFICER).certificate in longer.certificates
    assert (len(short.ocsps), len(longer.ocsps)) == (2, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_renewal_covers_both(kind: ProfileKind) -> None:
    own, document = world(), signed(PadesLevel.B_LTA, kind)
    assert signer_certificates_of(document.pdf) == (officer(kind).certificate, own.certificate)
    renewed = Archiver(own.hierarchy.timestamps, own.hierarchy.validation).renew(document.pdf)
    assert check(renewed).complete
    assert [one.indication for one in judged(renewed)] == [Indication.TOTAL_PASSED] * 4
    assert [one.level for one in judged(renewed)][:2] == ["B-LTA"] * 2


def test_what_proves_a_longer_certificate_ends_with_it() -> None:
    ends = x509.load_der_x509_certificate(officer(ProfileKind.OFFICER).certificate)
    seal = x509.load_der_x509_certificate(world().certificate)
    assert ends.not_valid_after_utc < seal.not_valid_after_utc
    longer = protection_of(signed(kind=ProfileKind.OFFICER).pdf)
    assert longer.certificate_until == ends.not_valid_after_utc
    assert protection_of(signed().pdf).certificate_until == seal.not_valid_after_utc
    archived = protection_of(signed(PadesLevel.B_LTA, ProfileKind.OFFICER).pdf)
    assert archived.certificate_until > seal.not_valid_after_utc
    assert protection_found(check(signed(kind=ProfileKind.OFFICER).pdf)) is None  # by more than one


def test_a_revocation_of_the_officers_certificate_afterwards_changes_nothing() -> None:
    """One before the timestamp undoes the signature, and leaves the seal as it is."""
    found, now = check(signed(kind=ProfileKind.OFFICER).pdf), world().ca.clock.now()
    link = certificates_of(found)[0]
    assert link.common_name == OFFICER.name
    for since, indication in ((DAY, "TOTAL-PASSED"), (-DAY, "TOTAL-FAILED")):
        revoked = {link.sha256: KnownRevocation(now + since, key_compromised=False)}
        person, seal = reports_of(found, revoked, now)
        assert (person.indication, seal.indication) == (indication, "TOTAL-PASSED")


# Witnesses.


def file(folder: Path, level: PadesLevel = PadesLevel.B_LT) -> Path:
    path = folder / f"{level}.pdf"
    path.write_bytes(signed(level).pdf)
    return path


def test_pdfsig_finds_both_valid_and_the_seal_over_the_whole(tmp_path: Path) -> None:
    said = run("pdfsig", "-nocert", file(tmp_path))
    by_name = {
        re.search(r"Field Name: (\w+)", part)[1]: part  # type: ignore[index]
        for part in said.split("Signature #")[1:]
    }
    assert set(by_name) == {"Seal", "Officer"}
    assert all("Signature is Valid" in part for part in by_name.values())
    assert "Total document signed" in by_name["Seal"]
    assert "Not total document signed" in by_name["Officer"]


def test_openssl_verifies_both(tmp_path: Path) -> None:
    root = pem(tmp_path / "root.pem", world().root)
    for index in (0, 1):
        covered, info = contents(signed().pdf, index)
        (tmp_path / "content").write_bytes(covered)
        (tmp_path / "cms").write_bytes(info.dump())
        said = openssl(
            "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms",
            "-content", tmp_path / "content", "-CAfile", root, "-cades", "-purpose", "any",
            "-out", "/dev/null",
        )  # fmt: skip
        assert "successful" in said


def test_qpdf_finds_nothing_wrong(tmp_path: Path) -> None:
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", file(tmp_path))


@pytest.mark.parametrize("level", LEVELS)
def test_pyhanko_finds_the_seal_over_all_and_the_officers_form_filled(level: PadesLevel) -> None:
    """Of a longer certificate: under `require` it asks for data of a short-lived one, too."""
    own, pdf = world(), signed(level, ProfileKind.OFFICER).pdf
    judge = Judge(own.root, own.ca.clock.now() + SECONDS)
    context = judge._context(pdf)
    person, seal = (
        validate_pdf_signature(one, context, context)
        for one in read(pdf).embedded_regular_signatures
    )
    assert person.bottom_line
    assert person.docmdp_ok
    assert person.modification_level is ModificationLevel.FORM_FILLING
    assert seal.bottom_line
    if level is PadesLevel.B_LT:
        assert seal.coverage is SignatureCoverageLevel.ENTIRE_FILE
        assert seal.modification_level is ModificationLevel.NONE


def test_dss_passes_both(dss: Dss, tmp_path: Path) -> None:
    """The store stands in a later revision than the officer's signature, and counts for it."""
    trust = Trust.make(tmp_path / "trust", world().root)
    at = world().ca.clock.now() + SECONDS
    for level, told in ((PadesLevel.B_LT, "LT"), (PadesLevel.B_LTA, "LTA")):
        found = dss.judge(file(tmp_path, level), trust, at, counted=True)
        assert [one.told for one in found.signatures] == [("TOTAL_PASSED", told)] * 2
    stock = dss.judge(file(tmp_path), trust, at)
    assert ("TOTAL_PASSED", "LT") in [one.told for one in stock.signatures]


# What the client signs.


def test_the_client_signs_the_page_that_it_digested_and_nothing_else() -> None:
    page = officer().prepare(request())
    octets = to_be_signed(page, officer().certificate)
    found = read_empty_page(page)
    digest = hashlib.sha256(page[: found.start] + page[found.stop :]).digest()
    assert digest in octets
    assert hashlib.sha256(officer().certificate).digest() in octets
    for place in (30, found.start - 200, found.stop + 200, len(page) - 30):
        other = page[:place] + bytes((page[place] ^ 1,)) + page[place + 1 :]
        try:
            assert to_be_signed(other, officer().certificate) != octets
        except UnsuitablePageError:
            continue


def _two_ranges(page: bytes) -> bytes:
    return page.replace(b"startxref\n", b"/ByteRange")


def _partial(page: bytes) -> bytes:
    (rest,) = re.findall(rb"/ByteRange \[0 \d+ \d+ (\d+)\]", page)
    return page.replace(rest + b"]", b"%0*d]" % (len(rest), int(rest) - 1))


def _from_elsewhere(page: bytes) -> bytes:
    return page.replace(b"/ByteRange [0 ", b"/ByteRange [1 ")


NO_PAGES = {
    "signed already": lambda _: officer().signed(request()),
    "sealed already": lambda _: sealed(PadesLevel.B_LT).pdf,
    "unsigned": lambda _: request().rendered.pdf,
    "no file": lambda _: b"to whom it may concern",
    "longer than covered": lambda page: page + b" ",
    "a revision after": lambda page: page + b"1 0 obj\n<<>>\nendobj\n%%EOF\n",
    "a revision before": lambda page: page.replace(b"\xc2\xa5\xc2\xb1\xc3\xab\n", b"%EOF%%\n"),
    "two ranges": _two_ranges,
    "covered in part": _partial,
    "not from its start": _from_elsewhere,
    "a document timestamp": lambda page: page.replace(b"/Type /Sig\n", b"/Type /DocTimeStamp\n"),
    "another field": lambda page: page.replace(b"/T (Officer)", b"/T (Nobody!)"),
}


@pytest.mark.parametrize("change", NO_PAGES.values(), ids=NO_PAGES)
def test_the_client_refuses_what_is_no_prepared_page(change: object) -> None:
    page = officer().prepare(request())
    with pytest.raises(UnsuitablePageError):
        to_be_signed(change(page), officer().certificate)  # type: ignore[operator]


@pytest.mark.parametrize("kind", [ProfileKind.SEAL, ProfileKind.TSA])
def test_nobody_signs_as_a_person_with_another_certificate(kind: ProfileKind) -> None:
    own = world()
    other = own.certificate
    if kind is ProfileKind.TSA:
        other = own.hierarchy.tsa.public_bytes(Encoding.DER)
    with pytest.raises(NoPersonError):
        to_be_signed(officer().prepare(request()), other)


# What the server refuses.


def test_a_signature_by_another_key() -> None:
    own, page = officer(), officer().prepare(request())
    other = generate_private_key(KeyAlgorithm.ECDSA_P256)
    with pytest.raises(PersonSignatureError):
        own.signing.embed(page, sign_with(other, to_be_signed(page, own.certificate)))


def test_a_signature_over_another_page() -> None:
    own, page = officer(), officer().prepare(request())
    other = own.prepare(replace(request(), title="另一份"))
    with pytest.raises(PersonSignatureError):
        own.signing.embed(page, own.value(other))


def test_a_signature_over_the_digest_alone() -> None:
    own, page = officer(), officer().prepare(request())
    with pytest.raises(PersonSignatureError):
        own.signing.embed(page, sign_with(own.key, read_page(page).digest("sha256")))


def test_a_value_of_another_form() -> None:
    with pytest.raises(PersonSignatureError):
        officer().signing.embed(officer().prepare(request()), b"\0" * 5000)


def test_the_certificate_has_ended() -> None:
    own = SealingWorld()
    person = Officer(own)
    page = person.prepare(request())
    value = person.value(page)
    own.ca.clock.advance(timedelta(hours=13))
    with pytest.raises(SignerRefusedError):
        person.signing.embed(page, value)


@pytest.mark.parametrize("kind", KINDS)
def test_the_certificate_is_revoked(kind: ProfileKind) -> None:
    """A short-lived one says that there is no word of it; the register's counts all the same."""
    own = SealingWorld()
    person = Officer(own, kind)
    page = person.signed(request())
    revoke(own, person)
    prepared = person.prepare(request())
    value = person.value(prepared)
    with pytest.raises(SignerRefusedError):
        person.signing.embed(prepared, value)
    with pytest.raises(SignerRefusedError):
        own.sealer.seal_signed(page, person.certificate, request(), person.signing.data)


def test_the_certificate_is_another_cas() -> None:
    elsewhere = Officer(SealingWorld())
    with pytest.raises(ForeignCertificateError):
        officer().world.hierarchy.person_services(elsewhere.certificate, Collector())


def test_the_certificate_is_a_bodys() -> None:
    services = world().hierarchy.person_services(world().certificate, Collector())
    with pytest.raises(NoPersonError):
        PersonalSigning(
            certificate=world().certificate,
            chain=services.chain,
            timestamper=services.timestamper,
            validation=services.validation,
        )


@pytest.mark.parametrize("level", [PadesLevel.B_B, PadesLevel.B_T])
def test_no_level_that_does_not_last(level: PadesLevel) -> None:
    with pytest.raises(UnsuitableLevelError):
        officer().document(level)


def test_a_page_without_its_signature_is_not_sealed() -> None:
    own = officer()
    for page in (own.prepare(request()), request().rendered.pdf, signed().pdf):
        with pytest.raises((PersonSignatureError, UnsuitablePageError)):
            world().sealer.seal_signed(page, own.certificate, request(), own.signing.data)


def test_a_page_that_somebody_else_signed_is_not_sealed() -> None:
    own, other = officer(), officer(ProfileKind.OFFICER)
    page = other.signed(request())
    with pytest.raises(PersonSignatureError):
        world().sealer.seal_signed(page, own.certificate, request(), own.signing.data)


# What a verifier says of files that somebody changed.


def test_the_officers_signature_of_another_licence() -> None:
    one, two = signed().pdf, officer().document(title="另一份").pdf
    first, second = (read_range(pdf) for pdf in (one, two))
    digits = two[second[0] + 1 : second[1] - 1].rstrip(b"0")
    room = first[1] - first[0] - 2
    swapped = one[: first[0] + 1] + digits.ljust(room, b"0") + one[first[1] - 1 :]
    person, seal = judged(swapped)
    assert (person.intact, seal.intact) == (False, False)
    assert check(swapped).holds is False


def test_the_officers_signature_taken_out() -> None:
    pdf = signed().pdf
    start, stop = read_range(pdf)
    emptied = pdf[: start + 1] + b"0" * (stop - start - 2) + pdf[stop - 1 :]
    assert check(emptied).holds is False
    assert any(one.intact is False for one in judged(emptied))


def test_the_seal_taken_off_leaves_a_persons_word_alone() -> None:
    pdf = signed().pdf
    page = pdf[: read_end(pdf)]
    verify_signed_page(page, officer().certificate)
    assert check(page).holds is False
    (person,) = judged(page)
    assert (person.kind, person.coverage) == (SignatureKind.SIGNATURE, Coverage.WHOLE_FILE)


def test_something_appended_is_not_ours() -> None:
    found = check(signed().pdf + b"\n% more\n%%EOF\n")
    assert found.holds is not True
    reports = judged(signed().pdf + b"\n% more\n%%EOF\n")
    assert all(one.coverage is not Coverage.WHOLE_FILE for one in reports)


def test_an_annotation_after_the_seal_breaks_the_certification() -> None:
    """Readers would let it pass after two approval signatures: hence P=2."""
    reports = judged(updated(signed().pdf, add_annotation))
    assert LaterChanges.CONTENT_CHANGED in {one.later_changes for one in reports}
    assert any("docmdp_violated" in one.notes for one in reports)


def sealed_over(page: SignaturePage, cms: bytes) -> bytes:
    """Seal a page with whatever CMS in the officer's place, as no sealer of ours would."""
    own, asked = officer(), request()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signing.sealing.pades.verify_signed_page", lambda *_: None)
        signed_page = page.with_contents(cms)
        return world().sealer.seal_signed(signed_page, own.certificate, asked, own.signing.data).pdf


def test_a_signature_before_the_seal_that_does_not_hold_leaves_the_check_open() -> None:
    """The seal is sound over these bytes; what stands before it is for the sandbox to judge."""
    own = officer()
    page = read_page(own.prepare(request()))
    other = generate_private_key(KeyAlgorithm.ECDSA_P256)
    form, digest = form_of(own.certificate, *own.chain), page.digest("sha256")
    broken = form.enclose(digest, sign_with(other, form.to_be_signed(digest)), None)
    with pytest.raises(PersonSignatureError):
        verify_signed_page(page.with_contents(broken), own.certificate)
    pdf = sealed_over(page, broken)
    found = check(pdf)
    assert (found.holds, found.complete) == (True, False)
    assert [one.kind for one in found.signatures] == [SignatureKind.SEAL]
    person, seal = judged(pdf)
    assert person.intact is False
    assert (seal.intact, seal.indication) == (True, Indication.TOTAL_PASSED)


def test_a_bodys_signature_in_the_place_of_a_persons_is_none() -> None:
    own, made = officer(), world()
    page = read_page(own.prepare(request()))
    chain = tuple(one.public_bytes(Encoding.DER) for one in made.chain)
    cms = SealCms(made.signer, made.certificate, chain, made.hierarchy.timestamps)
    octets = cms.sign_digest(page.digest("sha256"), timestamp=True)
    assert not signed_page_holds(page.with_contents(octets), (root_of(made),))
    assert not check(sealed_over(page, octets)).complete


def test_what_waits_for_the_seal_is_checked_whole() -> None:
    """Value, path and timestamp: a seal over less would be for good."""
    own, roots = officer(), (root_of(world()),)
    page = read_page(own.signed(request()))
    assert signed_page_holds(page.pdf, roots)
    assert not signed_page_holds(page.pdf, ())
    assert not signed_page_holds(page.pdf, (root_of(SealingWorld()),))
    assert not signed_page_holds(page.emptied(), roots)
    assert not signed_page_holds(signed().pdf, roots)
    form, digest = form_of(own.certificate, *own.chain), page.digest("sha256")
    value = sign_with(own.key, form.to_be_signed(digest))
    assert not signed_page_holds(page.with_contents(form.enclose(digest, value, None)), roots)


def test_a_certificate_of_the_same_key_is_another() -> None:
    own = officer()
    other = Officer(world(), key=own.key)
    page = own.signed(request())
    verify_signed_page(page, own.certificate)
    with pytest.raises(PersonSignatureError):
        verify_signed_page(page, other.certificate)


def test_no_timestamp_is_spent_on_what_does_not_hold() -> None:
    class Counting:
        asked = 0

        def token(self, imprint: bytes, hash_name: str) -> bytes:
            self.asked += 1
            return world().hierarchy.timestamps.token(imprint, hash_name)

    own, stamps = officer(), Counting()
    signing = PersonalSigning(
        certificate=own.certificate,
        chain=own.chain,
        timestamper=stamps,
        validation=world().hierarchy.validation,
    )
    page = own.prepare(request())
    for value in (b"", own.value(own.prepare(replace(request(), title="另一份")))):
        with pytest.raises(PersonSignatureError):
            signing.embed(page, value)
    assert stamps.asked == 0
    signing.embed(page, own.value(page))
    assert stamps.asked == 1


def revoke(own: SealingWorld, person: Officer) -> None:
    serial = x509.load_der_x509_certificate(person.certificate).serial_number
    own.ca.ledger.revoke(
        FIRST_ISSUING,
        serial,
        RevocationReason.KEY_COMPROMISE,
        own.ca.clock.now(),
        permit=CHANGE_CERTIFICATE,
    )


def read_range(pdf: bytes) -> tuple[int, int]:
    """Return where the officer's /Contents stand, with their brackets."""
    start, stop = re.findall(rb"/ByteRange \[0 (\d+) (\d+) ", pdf)[0]
    return int(start), int(stop)


def read_end(pdf: bytes) -> int:
    _, stop, rest = re.findall(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", pdf)[0]
    return int(stop) + int(rest)
