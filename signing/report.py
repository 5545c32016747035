"""Report of validation of a PDF: frozen, JSON-able, decided nowhere else (ETSI EN 319 102-1)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Indication(StrEnum):
    """Main status of a signature's validation (EN 319 102-1 5.1.3, table 5)."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"


class SignatureKind(StrEnum):
    """Kind of signature in a field."""

    SEAL = "seal"
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"


class Coverage(StrEnum):
    """Coverage of the file by a signature's /ByteRange."""

    WHOLE_FILE = "whole_file"
    REVISION = "revision"
    PART = "part"


class LaterChanges(StrEnum):
    """Class of the additions after the bytes that a signature covers, from harmless to proof of
    change.
    """

    NONE = "none"
    VALIDATION_DATA = "validation_data"
    """A document security store and document timestamps, read strictly."""
    SIGNATURES = "signatures"
    """Fields of further signatures or timestamps, and nothing else."""
    FORM_FILL = "form_fill"
    """Values of form fields that existed, as DocMDP and FieldMDP allow."""
    PERMITTED = "permitted"
    """Annotations or tags, permitted by DocMDP (P=3) or without a certification."""
    CONTENT_CHANGED = "content_changed"
    """Proof that what is shown was changed, or that the certification forbids what was added."""
    UNCLEAR = "unclear"
    """Not judged: the update cannot be read strictly, so nothing is concluded from it."""


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One filled signature field."""

    field: str
    kind: SignatureKind
    signer: str
    """Subject of the signing certificate in words (CN, else RFC 4514), or empty."""
    certificate_sha256: str | None
    """SHA-256 of the signing certificate's DER, lower-case hex."""
    level: str | None
    """B-B, B-T, B-LT, B-LTA, or None where it is not PAdES."""
    intact: bool | None
    """True: the signed bytes are as they were signed and the signature value holds. False: proof
    that they are not (a digest or signature value over existing bytes does not match). None: not
    judged (an algorithm, format, limit or fault of ours); `notes` says why."""
    trusted: bool
    """A path to one of the given trust anchors was found (revocation apart)."""
    indication: Indication
    sub_indication: str | None
    claimed_time: datetime | None
    best_time: datetime | None
    """Earliest instant at which a trusted timestamp proves the signature existed."""
    coverage: Coverage
    covered_length: int
    """Bytes from the start of the file to the end of the covered range."""
    later_changes: LaterChanges | None
    """None where nothing was judged."""
    notes: tuple[str, ...] = ()
    """Machine codes of what is special, sorted: `unsupported_algorithm`, `cms_ber`, …; each is
    documented in docs/verification.md."""
    signed_digest: str | None = None
    """The signed messageDigest (RFC 5652 11.2), lower-case hex, where the signature value verifies
    over the attributes that hold it; None otherwise."""
    anchor_sha256: str | None = None
    """SHA-256 of the trust anchor at which the signer's path ends, lower-case hex; None without a
    path."""
    organization: str = ""
    """The body for which the signer acts, as the certificate names it; empty where `trusted` is
    false, since anybody can write a name into a certificate of their own."""
    identity_issuer: str | None = None
    """Which identity service vouched for the person, where a trusted certificate says so."""


class Structure(StrEnum):
    """Form of the bytes, before any signature is judged."""

    NOT_A_PDF = "not_a_pdf"
    ENCRYPTED = "encrypted"
    UNSIGNED = "unsigned"
    SIGNED = "signed"
    BROKEN = "broken"
    """Cannot be parsed, or bears traces of a signature and shows none."""
    LIMIT = "limit"
    """An explicit limit on what is looked at was reached (size, signatures, revisions): not judged;
    it would be so again."""
    FAILED = "failed"
    """Judging itself failed (an unforeseen exception, time, memory, a worker that died): nothing is
    concluded from the bytes."""


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """A PDF as validation found it."""

    structure: Structure
    signatures: tuple[SignatureReport, ...]
    traces: bool
    """The bytes bear traces of a signature (/ByteRange, /Type /Sig, a PAdES subfilter)."""
    identifiers: tuple[str, ...]
    """Licence identifiers where our Sealer writes them (Info /Keywords, XMP), as written, at most
    16; what a text or an annotation cites is none."""
    revision_ends: tuple[int, ...]
    """Lengths at which a registered revision may end: the ends of signatures' byte ranges and
    positions after %%EOF, ascending, at most 64."""
    notes: tuple[str, ...] = ()
    """Machine codes: `never_signed`, `scan`, `read_leniently`, `exception`, `limit_fields`, …"""
