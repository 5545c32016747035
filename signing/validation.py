"""Judges a PDF: what it is, each of its signatures, and what was added after them.

Pure: no network, no system trust store, no clock. Hostile input never raises. The steps:
(0) the raw bytes are looked at and counted; what exceeds a limit goes no further.
(1) The file is parsed strictly, else leniently; what cannot be parsed is BROKEN, which proves
    nothing. An empty user password is tried.
(2) Every signature is found: in fields, in old formats, in orphaned dictionaries.
(3) Each one's frame (/ByteRange, /Contents) and its bytes are judged: digest, signed attributes,
    signature value. False needs proof, True needs all of it; the rest is not judged.
(4) Where the bytes are sound, ETSI EN 319 102-1 is followed for trust, revocation, time and level.
(5) What follows the covered bytes must be explained, object by object and byte by byte.
What the caller must still do: say whether the signer is entitled to seal such a licence, and
compare the digests of registered revisions.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime

from signing.inspection import faults
from signing.inspection.document import Document
from signing.inspection.engine.knowledge import LoadedTrust, load_trust
from signing.inspection.engine.loop import ComputingLoop
from signing.inspection.engine.shared import trust_encodings
from signing.inspection.fields import LimitReachedError
from signing.inspection.names import remember_prepared_names
from signing.inspection.objects import READ_ERRORS
from signing.inspection.properties import identifiers_written
from signing.inspection.scan import is_scan
from signing.limits import DEFAULT_LIMITS, Limits
from signing.report import SignatureReport, Structure, ValidationReport
from signing.structure import RawFacts, look
from signing.trust.anchors import TrustMaterial

__all__ = ["DEFAULT_LIMITS", "Limits", "TrustMaterial", "validate_pdf"]

_log = logging.getLogger(__name__)


def validate_pdf(
    data: bytes, trust: TrustMaterial, at: datetime, limits: Limits = DEFAULT_LIMITS
) -> ValidationReport:
    """Judge `data` as of `at` (aware), trusting only the anchors in `trust`.

    Not to be called from a running event loop. Raises `ValueError` if the caller's own trust
    material cannot be parsed or `at` is naive; nothing in `data` makes it raise.
    """
    report, failures = validate_and_tell(data, trust, at, limits)
    for failure in failures:
        _log.error("unforeseen while judging a document: %s", failure)
    return report


def validate_and_tell(
    data: bytes, trust: TrustMaterial, at: datetime, limits: Limits
) -> tuple[ValidationReport, tuple[str, ...]]:
    """Judge as `validate_pdf` does; also return the type names of unforeseen exceptions.

    Where there are any, the report has the note `exception`.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    remember_prepared_names()
    trust_encodings()
    loaded = load_trust(trust)
    with faults.collected() as failures:
        report = _validate(data, loaded, at, limits)
    if failures:
        report = replace(report, notes=tuple(sorted({*report.notes, "exception"})))
    return report, tuple(failures)


def _validate(data: bytes, trust: LoadedTrust, at: datetime, limits: Limits) -> ValidationReport:
    facts = look(data, limits)
    if facts.exceeded is not None:
        return _report(facts, Structure.LIMIT, notes=(facts.exceeded,))
    if not facts.has_header and not facts.any_traces:
        return _report(facts, Structure.NOT_A_PDF)
    try:
        return _judge(data, facts, trust, at.astimezone(UTC), limits)
    except LimitReachedError as error:
        return _report(facts, Structure.LIMIT, notes=(error.code,))
    except MemoryError:
        return _report(facts, Structure.FAILED, notes=("limit_memory",))
    except Exception as error:  # noqa: BLE001 — the boundary: what nobody foresaw is our failure
        faults.record(error)
        return _report(facts, Structure.FAILED)


def _judge(
    data: bytes, facts: RawFacts, trust: LoadedTrust, at: datetime, limits: Limits
) -> ValidationReport:
    """Parse strictly, else leniently, and judge."""
    for strict in (True, False):
        try:
            return _judge_parsed(data, facts, trust, at, limits, strict=strict)
        except READ_ERRORS:
            continue
    if facts.encrypt_reference and not facts.strong_traces:
        return _report(facts, Structure.ENCRYPTED)
    return _report(facts, Structure.BROKEN)


def _judge_parsed(
    data: bytes,
    facts: RawFacts,
    trust: LoadedTrust,
    at: datetime,
    limits: Limits,
    *,
    strict: bool,
) -> ValidationReport:
    document = Document(data, facts, limits, strict=strict)
    if document.needs_password:
        return _report(facts, Structure.ENCRYPTED)
    with asyncio.Runner(loop_factory=ComputingLoop) as runner:
        signatures = runner.run(document.judge(trust, at))
    if signatures:
        structure = Structure.SIGNED
    elif document.unexplained and facts.strong_traces:
        structure = Structure.BROKEN
    else:
        structure = Structure.UNSIGNED
        if is_scan(document.reader):
            document.notes.add("scan")
    written = identifiers_written(document.reader, facts.identifiers, limits.identifiers)
    found = replace(facts, identifiers=written)
    return _report(found, structure, signatures, notes=tuple(sorted(document.notes)))


def _report(
    facts: RawFacts,
    structure: Structure,
    signatures: tuple[SignatureReport, ...] = (),
    notes: tuple[str, ...] = (),
) -> ValidationReport:
    return ValidationReport(
        structure=structure,
        signatures=signatures,
        traces=facts.traces,
        identifiers=facts.identifiers,
        revision_ends=facts.revision_ends,
        notes=notes,
    )
