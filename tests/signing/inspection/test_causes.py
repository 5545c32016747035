"""Each cause of a false alarm, judged in process and by a worker that has given up its rights."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

import pytest
from cryptography.x509.name import _ASN1Type
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.inspection.reader import SealedReader
from signing.report import Coverage, Indication, LaterChanges, SignatureReport, Structure
from signing.sandbox import Sandbox
from signing.structure import look
from signing.validation import validate_pdf
from tests.signing.inspection import causes
from tests.signing.material import IDENTIFIER, NOW, blank, pki
from tests.signing.scans import mixed_page, pillow_scan, scan_with_odd_xref

SOON = NOW + timedelta(minutes=1)
PASSED = (Indication.TOTAL_PASSED, None)


@dataclass(frozen=True)
class Expected:
    """What one signature is to be found."""

    intact: bool | None = True
    verdict: tuple[Indication, str | None] = PASSED
    notes: tuple[str, ...] = ()
    level: str | None = "B-B"
    later: LaterChanges | None = LaterChanges.NONE


def not_judged(sub_indication: str, *notes: str) -> Expected:
    verdict = (Indication.INDETERMINATE, sub_indication)
    return Expected(None, verdict, notes, level=None, later=None)


def weak_trust(sub_indication: str, *notes: str, level: str | None = "B-B") -> Expected:
    return Expected(True, (Indication.INDETERMINATE, sub_indication), notes, level)


SOUND = Expected()
STAMPED = Expected(later=LaterChanges.VALIDATION_DATA)
CASES: dict[str, tuple[Callable[[], bytes], list[Expected]]] = {
    "plain": (causes.plain, [SOUND]),
    "teletex": (lambda: causes.with_name(_ASN1Type.T61String, "Muller GmbH"), [SOUND]),
    "bmp": (lambda: causes.with_name(_ASN1Type.BMPString, "某某 GmbH"), [SOUND]),
    "universal": (lambda: causes.with_name(_ASN1Type.UniversalString, "Muller"), [SOUND]),
    "e-mail": (causes.e_mail_name, [SOUND]),
    "reason": (causes.chinese_reason, [Expected(level=None)]),
    "indefinite": (causes.indefinite, [Expected(notes=("cms_ber",), level=None)]),
    "overlong": (causes.overlong, [Expected(notes=("cms_ber",), level=None)]),
    "token in pieces": (
        causes.token_in_pieces,
        [STAMPED, Expected(notes=("cms_ber",), level=None)],
    ),
    "rest": (causes.rest_in_contents, [Expected(notes=("contents_rest",))]),
    "unsorted": (
        causes.unsorted_attributes,
        [not_judged("FORMAT_FAILURE", "malformed_signature")],
    ),
    "sm2": (causes.sm2_with_sm3, [not_judged("GENERIC", "sm2_sm3", "unsupported_algorithm")]),
    "gost": (causes.gost, [not_judged("GENERIC", "unsupported_algorithm")]),
    "plain ecdsa": (causes.plain_ecdsa, [SOUND]),
    "rsa with sha-3": (causes.rsa_with_sha3, [SOUND]),
    "sha-1": (
        causes.sha1_digest,
        [weak_trust("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "weak_hash")],
    ),
    "md5": (causes.md5_digest, [not_judged("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "weak_hash")]),
    "sha-1 certificate": (
        causes.sha1_certificate,
        [weak_trust("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "weak_hash")],
    ),
    "pathLen without cA": (causes.path_length_without_ca, [SOUND]),
    "VisibleString": (
        causes.visible_string,
        [weak_trust("CERTIFICATE_CHAIN_GENERAL_FAILURE", level=None)],
    ),
    "negative modulus": (
        causes.negative_modulus,
        [weak_trust("GENERIC", "certificate_unreadable", level=None)],
    ),
    "sha-1 root": (causes.self_signed_root_with_sha1, [SOUND]),
    "bare stamp": (
        causes.bare_stamp,
        [
            STAMPED,
            not_judged(
                "NO_SIGNING_CERTIFICATE_FOUND", "certificate_missing", "timestamp_not_trusted"
            ),
        ],
    ),
    "bare stamp, DSS": (causes.bare_stamp_with_dss, [STAMPED, Expected(level=None)]),
    "bare token": (causes.bare_token, [Expected(notes=("timestamp_not_trusted",))]),
    "by hand": (causes.by_hand, [SOUND]),
    "direct": (lambda: causes.by_hand(direct=True), [SOUND]),
    "brackets": (
        lambda: causes.by_hand(brackets=True),
        [Expected(notes=("contents_brackets",))],
    ),
    "spaced": (lambda: causes.by_hand(spaced=True), [Expected(notes=("contents_spaced",))]),
    "empty password": (lambda: causes.encrypted(""), [Expected(level=None)]),
    "/Encrypt null": (causes.encrypt_that_is_null, [SOUND]),
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(workers=1) as running:
        yield running


def seen(signature: SignatureReport) -> Expected:
    return Expected(
        signature.intact,
        (signature.indication, signature.sub_indication),
        signature.notes,
        signature.level,
        signature.later_changes,
    )


@pytest.mark.parametrize("case", CASES)
def test_an_honest_file_is_not_accused(case: str, box: Sandbox) -> None:
    build, expected = CASES[case]
    data, trust = build(), pki().trust()
    report = validate_pdf(data, trust, SOON)
    assert report.structure is Structure.SIGNED
    assert "exception" not in report.notes
    assert [seen(signature) for signature in report.signatures] == expected
    assert report.signatures[-1].coverage is Coverage.WHOLE_FILE
    assert box.validate(data, trust, SOON) == report


@pytest.mark.parametrize(
    ("build", "structure", "notes"),
    [
        (causes.prepared, Structure.UNSIGNED, ("never_signed",)),
        (causes.usage_rights, Structure.UNSIGNED, ()),
        (lambda: causes.encrypted("secret"), Structure.ENCRYPTED, ()),
        (blank, Structure.UNSIGNED, ()),
        (pillow_scan, Structure.UNSIGNED, ("scan",)),
        (scan_with_odd_xref, Structure.UNSIGNED, ("scan",)),
        (mixed_page, Structure.UNSIGNED, ()),
    ],
)
def test_what_bears_no_signature(
    build: Callable[[], bytes], structure: Structure, notes: tuple[str, ...], box: Sandbox
) -> None:
    data = build()
    report = validate_pdf(data, pki().trust(), SOON)
    assert (report.structure, report.notes, report.signatures) == (structure, notes, ())
    assert box.validate(data, pki().trust(), SOON) == report


@pytest.fixture
def strict_reader_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(self: SealedReader, stream: BytesIO, limits: DecodeLimits, *, strict: bool) -> None:
        if strict:
            raise PdfStrictReadError("refused")
        PdfFileReader.__init__(self, stream, strict=False, decode_limits=limits)

    monkeypatch.setattr(SealedReader, "_open", opened)


@pytest.mark.usefixtures("strict_reader_refuses")
def test_a_file_that_must_be_read_leniently_is_judged() -> None:
    """The signature covers all of it, whatever else a reader makes of it."""
    data = causes.signed_scan()
    report = validate_pdf(data, pki().trust(), SOON)
    (signature,) = report.signatures
    assert report.notes == ("read_leniently",)
    assert (signature.intact, signature.later_changes) == (True, LaterChanges.NONE)


@pytest.mark.usefixtures("strict_reader_refuses")
def test_an_update_that_must_be_read_leniently_is_unclear() -> None:
    report = validate_pdf(causes.signed_scan_with_an_update(), pki().trust(), SOON)
    (signature,) = report.signatures
    assert (signature.intact, signature.later_changes) == (True, LaterChanges.UNCLEAR)
    assert "structure_unclear" in signature.notes


@pytest.mark.parametrize("place", ["/Info", "/Metadata"])
def test_an_identifier_that_another_tool_wrote_anew(place: str) -> None:
    """In UTF-16, or in XMP that was deflated: the raw bytes show nothing of it."""
    data = causes.rewritten_identifier(place)
    assert look(data).identifiers == ()
    assert validate_pdf(data, pki().trust(), SOON).identifiers == (IDENTIFIER,)


def test_a_signature_written_again_is_one() -> None:
    report = validate_pdf(causes.signature_written_again(), pki().trust(), SOON)
    (signature,) = report.signatures
    assert signature.intact is True


def test_an_emptied_signature_object_is_a_removed_signature() -> None:
    report = validate_pdf(causes.signature_cleared(), pki().trust(), SOON)
    (removed,) = (one for one in report.signatures if "signature_removed" in one.notes)
    assert removed.later_changes is LaterChanges.CONTENT_CHANGED


def test_the_signed_digest_and_the_anchor_are_told() -> None:
    import hashlib  # noqa: PLC0415

    data = causes.plain()
    start, end = causes.gap_of(data)
    (signature,) = validate_pdf(data, pki().trust(), SOON).signatures
    assert signature.signed_digest == hashlib.sha256(data[:start] + data[end:]).hexdigest()
    assert signature.anchor_sha256 == hashlib.sha256(pki().root.der).hexdigest()


def test_sixty_cas_of_one_name_build_no_path(box: Sandbox) -> None:
    """They took 11 seconds; none of them leads to an anchor."""
    data = causes.same_named_cas(60)
    report = box.validate(data, pki().trust(), SOON)
    (signature,) = report.signatures
    assert (signature.intact, signature.trusted) == (True, False)
    assert signature.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_maze_with_a_way_out_is_left_at_the_bound() -> None:
    data, trust = causes.maze_with_a_way_out(40)
    (signature,) = validate_pdf(data, trust, SOON).signatures
    assert signature.intact is True
    assert "limit_path" in signature.notes


def test_twenty_five_signatures_are_judged() -> None:
    report = validate_pdf(causes.many_signatures(25), pki().trust(), SOON)
    assert [signature.intact for signature in report.signatures] == [True] * 25


def test_nothing_is_opened_after_the_warm_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An audit hook sees every open and import, whether it fails or not."""
    import subprocess  # noqa: PLC0415

    zoo = tmp_path_factory.mktemp("zoo")
    for number, (build, _) in enumerate(CASES.values()):
        (zoo / f"{number}.pdf").write_bytes(build())
    for number, build in enumerate(
        (causes.prepared, causes.usage_rights, pillow_scan, scan_with_odd_xref, mixed_page)
    ):
        (zoo / f"x{number}.pdf").write_bytes(build())
    data = causes.plain()
    (zoo / "cut.pdf").write_bytes(data[:-300])
    (zoo / "noise.pdf").write_bytes(b"%PDF-1.7 /ByteRange" + bytes(range(256)) * 9)
    (zoo / "password.pdf").write_bytes(causes.encrypted("secret"))
    (zoo / "root.cer").write_bytes(pki().root.der)
    done = subprocess.run(
        [sys.executable, "-c", _WATCH, str(zoo)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


_WATCH = """
import logging, pathlib, sys, warnings
from datetime import UTC, datetime
from signing.inspection import worker
from signing.limits import Limits
from signing.trust.anchors import TrustMaterial
from signing.validation import validate_and_tell
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
zoo = pathlib.Path(sys.argv[1])
files = [path.read_bytes() for path in sorted(zoo.glob("*.pdf"))]
trust = TrustMaterial(anchors=((zoo / "root.cer").read_bytes(),))
worker.warm_up(Limits())
told = []
def watch(event, arguments):
    if event in ("open", "import", "os.listdir", "os.scandir", "ctypes.dlopen"):
        told.append((event, arguments[0]))
sys.addaudithook(watch)
for data in files:
    report, failures = validate_and_tell(data, trust, datetime(2026, 3, 2, 9, tzinfo=UTC), Limits())
    told.extend(failures)
print(told)
"""
