"""What validation says of a PDF: frozen, JSON-able, decided nowhere else (ETSI EN 319 102-1)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Indication(StrEnum):
    """Main status of a signature's validation (EN 319 102-1 5.1.3, table 5)."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"


class SignatureKind(StrEnum):
    """What a signature field holds."""

    SEAL = "seal"
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"


class Coverage(StrEnum):
    """How much of the file a signature's /ByteRange covers."""

    WHOLE_FILE = "whole_file"
    REVISION = "revision"
    PART = "part"


class LaterChanges(StrEnum):
    """What was added after the bytes that a signature covers."""

    NONE = "none"
    VALIDATION_DATA = "validation_data"
    UNEXPLAINED = "unexplained"


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
    """The signed bytes are as they were signed and the signature value holds; None: not checked
    (an algorithm or format we do not support)."""
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
    later_changes: LaterChanges
    note: str | None = None
    """Machine code of what is special: `unsupported_algorithm`, `unparseable`, …"""


class Structure(StrEnum):
    """What the bytes are, before any signature is judged."""

    NOT_A_PDF = "not_a_pdf"
    ENCRYPTED = "encrypted"
    UNSIGNED = "unsigned"
    SIGNED = "signed"
    BROKEN = "broken"
    """Cannot be parsed, or bears traces of a signature and shows none."""
    LIMIT = "limit"
    """An explicit limit was reached (size, signatures, revisions, time, memory): not judged."""


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """A PDF as validation found it."""

    structure: Structure
    signatures: tuple[SignatureReport, ...]
    traces: bool
    """The bytes bear traces of a signature (/ByteRange, /Type /Sig, a PAdES subfilter)."""
    identifiers: tuple[str, ...]
    """Licence identifiers that stand in the raw bytes, as written, at most 16."""
    revision_ends: tuple[int, ...]
    """Lengths at which a registered revision may end: the ends of signatures' byte ranges and
    positions after %%EOF, ascending, at most 64."""
    notes: tuple[str, ...] = ()
    """Machine codes: `info_changed`, `garbage_after_eof`, `limit_signatures`, …"""
