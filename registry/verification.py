"""What a document, a digest, a code or a claim is worth: the public answers.

The order in which findings win is CONTRACT's: altered, not issued here, could not check, not in
force, in force.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import Clock, civil_date
from core.errors import UnreachableError
from core.ids import Sha256
from registry import wording
from registry.answers import (
    Check,
    CheckResult,
    LicenceSummary,
    Outcome,
    PublicField,
    VerificationAnswer,
)
from registry.authorities import seal_fingerprints
from registry.catalogue import Catalogue
from registry.claims import (
    NOT_ENOUGH,
    ClaimsResult,
    check_use_cause,
    claims_suffice,
    judge_claims,
)
from registry.codes import IDENTIFIER_PATTERN
from registry.database import Database
from registry.findings import (
    Evidence,
    Findings,
    errored,
    failed,
    judge_document,
    names_our_seal,
    passed,
    sealed_here,
    skipped,
)
from registry.licences import find_by_link, find_by_number, find_revisions, get_licence
from registry.links import link_prefix
from registry.loss import check_loss
from registry.model import Licence, LicenceState, Reason, RegistryError, Revision
from registry.policy import POLICY
from signing.report import SignatureReport, Structure, ValidationReport
from signing.trust import TrustMaterial

_TOKEN = re.compile(r"[A-Za-z0-9_-]{27}")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_MAX_CODE_CHARACTERS = 512
_UNSEEN_STATES = (LicenceState.PENDING, LicenceState.VOID)
"""Stored states that nobody outside may see."""
_ALARMS = frozenset({"seal_without_record", "not_the_sealed_bytes"})
"""A seal of ours holds over bytes that we did not register: its key may be in other hands."""

_log = logging.getLogger(__name__)


class NotAPdfError(RegistryError):
    """What was handed in is not a PDF."""

    code = "not_a_pdf"


class EncryptedPdfError(RegistryError):
    """The PDF is encrypted and cannot be looked into."""

    code = "encrypted_pdf"


class UnreadablePdfError(RegistryError):
    """The PDF is damaged, and bears no trace of a signature or of ours."""

    code = "unreadable_input"


class UnsearchableNumberError(RegistryError):
    """The number holds its holder's code, so that nobody may search by it."""

    code = "usage"


class DocumentValidator(Protocol):
    """Judges a PDF's signatures; `signing.sandbox.Sandbox` outside tests."""

    def validate(self, data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        """Return what was found; never raises for what the bytes hold."""
        ...


class Verifier:
    """Answers the public; reads only. One per process, usable from several threads."""

    def __init__(
        self,
        *,
        database: Database,
        catalogue: Catalogue,
        validator: DocumentValidator,
        trust: Callable[[], TrustMaterial],
        clock: Clock,
        zone: ZoneInfo,
        public_url: str,
        on_alarm: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._validator = validator
        self._trust = trust
        self._clock = clock
        self._zone = zone
        self._public_url = public_url
        self._on_alarm = on_alarm

    def by_file(self, data: bytes) -> VerificationAnswer:
        """Judge the bytes of a PDF.

        Raises `NotAPdfError`, `EncryptedPdfError`, `UnreadablePdfError`: nothing to judge there.
        """
        report = self._validator.validate(data, self._known_trust(), self._clock.now())
        _refuse_unjudgeable(report)
        digests = _digests(data, report.revision_ends)
        try:
            with self._register() as connection:
                return self._answer_file(connection, report, digests)
        except UnreachableError:
            return self._answer_without_registry(report, digests[-1][1], len(data))

    def by_digest(self, sha256: Sha256) -> VerificationAnswer:
        """Judge a file by its SHA-256 (lower-case hex)."""

        def answer(connection: Connection) -> VerificationAnswer:
            found = find_revisions(connection, [sha256])
            licence = get_licence(connection, found[0].identifier) if found else None
            if licence is None:
                return self._answer(
                    Findings(skipped("unknown_digest"), failed("no_record")), sha256=sha256
                )
            return self._answer(
                Findings(passed("registered_document"), passed("registered_here")),
                connection=connection,
                licence=licence,
                sha256=sha256,
                by_document=True,
            )

        return self._reading(answer)

    def by_code(self, code: str) -> VerificationAnswer:
        """Look up a link, token, QR payload, identifier or number, as typed.

        Raises `UnsearchableNumberError`.
        """
        code = code.strip()[:_MAX_CODE_CHARACTERS]
        digest = _DIGEST.fullmatch(code.lower())
        if digest:
            return self.by_digest(Sha256(digest[1]))
        if "://" in code:
            prefix = link_prefix(self._public_url)
            if not code.startswith(prefix):
                return self._answer(Findings(skipped("no_document"), failed("foreign_link")))
            code = code[len(prefix) :].partition("?")[0].partition("#")[0]
        return self._reading(lambda connection: self._answer_code(connection, code))

    def by_token(self, token: str) -> VerificationAnswer:
        """Look up a licence's own link; its public face fields are filled in."""
        return self._reading(
            lambda connection: self._answer_record(
                connection, _seen(find_by_link(connection, token)), show_face=True
            )
        )

    def by_claims(
        self,
        type: str,  # noqa: A002 - the wire's word (GB/T 36906)
        claims: Mapping[str, str],
        use_cause: str,
    ) -> ClaimsResult:
        """Say whether what the asker believes is so. Raises `InvalidClaimsError`."""
        check_use_cause(use_cause)
        with self._register() as connection:
            licence_type = self._catalogue.find(connection, type)
            identifier, number = claims.get("ZZBS"), claims.get("ZZBH")
            found: list[Licence | None] = (
                [get_licence(connection, identifier)]
                if identifier
                else [*find_by_number(connection, number or "")]
            )
        holds_code = licence_type.number_holds_holder_code
        if not claims_suffice(claims, number_holds_holder_code=holds_code):
            return NOT_ENOUGH
        candidates = [
            licence
            for licence in map(_seen, found)
            if licence is not None and licence.type_code == licence_type.code
        ]
        return judge_claims(claims, candidates, self._today())

    def is_ready(self) -> bool:
        """Tell whether the register can be reached."""
        try:
            with self._register() as connection:
                seal_fingerprints(connection)
        except UnreachableError:
            return False
        return True

    @contextmanager
    def _register(self) -> Iterator[Connection]:
        """Read the register. Raises `UnreachableError`, also where it may lack something."""
        with self._database.reading() as connection:
            check_loss(connection)
            yield connection

    def _known_trust(self) -> TrustMaterial:
        """Without the register nobody is trusted, yet broken signatures are still seen."""
        try:
            with self._register():
                return self._trust()
        except UnreachableError:
            return TrustMaterial(())

    def _answer_file(
        self,
        connection: Connection,
        report: ValidationReport,
        digests: list[tuple[int, Sha256]],
    ) -> VerificationAnswer:
        length, whole = digests[-1]
        match = _longest_match(find_revisions(connection, [d for _, d in digests]), digests)
        seals = seal_fingerprints(connection)
        evidence = Evidence(
            report,
            length,
            match,
            sealed_here=sealed_here(report, seals),
            names_our_seal=names_our_seal(report, seals),
            identifier_on_record=any(
                _seen(get_licence(connection, one)) for one in report.identifiers
            ),
        )
        findings = judge_document(evidence)
        for alarm in {findings.integrity.code, findings.issuer.code} & _ALARMS:
            _log.critical("%s sha256=%s", alarm, whole)
            self._on_alarm(alarm)
        return self._answer(
            findings,
            connection=connection,
            licence=None if match is None else get_licence(connection, match.identifier),
            signatures=report.signatures,
            sha256=whole,
            by_document=True,
        )

    def _answer_without_registry(
        self, report: ValidationReport, sha256: Sha256, length: int
    ) -> VerificationAnswer:
        """Even then, a file whose own signatures do not hold is known to be altered."""
        evidence = Evidence(
            report,
            length,
            match=None,
            sealed_here=False,
            names_our_seal=False,
            identifier_on_record=False,
            registry_reached=False,
        )
        return self._answer(
            judge_document(evidence),
            status=errored("registry_unavailable"),
            signatures=report.signatures,
            sha256=sha256,
            by_document=True,
        )

    def _reading(self, answer: Callable[[Connection], VerificationAnswer]) -> VerificationAnswer:
        try:
            with self._register() as connection:
                return answer(connection)
        except UnreachableError:
            unknown = errored("registry_unavailable")
            return self._answer(Findings(skipped("no_document"), unknown), status=unknown)

    def _answer_code(self, connection: Connection, code: str) -> VerificationAnswer:
        if IDENTIFIER_PATTERN.fullmatch(code):
            return self._answer_record(connection, _seen(get_licence(connection, code)))
        licence = _seen(find_by_link(connection, code)) if _TOKEN.fullmatch(code) else None
        if licence is not None:
            return self._answer_record(connection, licence)
        self._refuse_personal_number(connection, code)
        found = [one for one in find_by_number(connection, code) if _seen(one)]
        if len({one.type_code for one in found}) > 1:
            return self._answer(Findings(skipped("no_document"), errored("ambiguous_number")))
        return self._answer_record(connection, found[0] if found else None)

    def _refuse_personal_number(self, connection: Connection, code: str) -> None:
        """Whether such a number is on record must not be told to who tries numbers."""
        for licence_type in self._catalogue.list_types(connection):
            if licence_type.number_holds_holder_code and licence_type.matches_number(code):
                raise UnsearchableNumberError(
                    "此类证照的编号含有个人信息，不能按编号查询。"
                    "请扫描证上的二维码或上传 PDF 文件。",
                    "Numbers of this kind hold personal data and cannot be searched. Scan the "
                    "licence's QR code or upload its PDF.",
                )

    def _answer_record(
        self, connection: Connection, licence: Licence | None, *, show_face: bool = False
    ) -> VerificationAnswer:
        if licence is None:
            return self._answer(Findings(skipped("no_document"), failed("no_record")))
        return self._answer(
            Findings(skipped("no_document"), passed("registered_here")),
            connection=connection,
            licence=licence,
            show_face=show_face,
        )

    def _answer(
        self,
        findings: Findings,
        *,
        connection: Connection | None = None,
        licence: Licence | None = None,
        status: Check | None = None,
        signatures: tuple[SignatureReport, ...] = (),
        sha256: Sha256 | None = None,
        by_document: bool = False,
        show_face: bool = False,
    ) -> VerificationAnswer:
        now = self._clock.now()
        state = None if licence is None else licence.effective_state(self._today())
        reason = None if licence is None else licence.reason
        status = status or _status(state, reason)
        outcome = decide(findings, status)
        summary: LicenceSummary | None = None
        fields: tuple[PublicField, ...] = ()
        if licence is not None and connection is not None:
            summary, fields = self._summarise(connection, licence, show_face=show_face)
        return VerificationAnswer(
            outcome=outcome,
            summary=wording.summarise(
                outcome,
                state=state,
                reason=reason,
                by_document=by_document,
                sample=licence is not None and licence.sample,
            ),
            integrity=findings.integrity,
            issuer=findings.issuer,
            status=status,
            licence=summary,
            signatures=signatures,
            policy=POLICY,
            checked_at=now,
            sha256=sha256,
            public_fields=fields,
            by_document=by_document,
        )

    def _summarise(
        self, connection: Connection, licence: Licence, *, show_face: bool
    ) -> tuple[LicenceSummary, tuple[PublicField, ...]]:
        licence_type = self._catalogue.find(connection, licence.type_code)
        summary = LicenceSummary(
            identifier=licence.identifier,
            number=licence_type.public_number(licence),
            type=licence.type_code,
            type_name=licence.type_name,
            authority=licence.authority_name,
            state=licence.effective_state(self._today()),
            reason=licence.reason,
            valid_from=licence.valid_from,
            valid_until=licence.valid_until,
            replaced_by=licence.replaced_by,
            sample=licence.sample,
        )
        return summary, licence_type.public_fields(licence) if show_face else ()

    def _today(self) -> date:
        return civil_date(self._clock.now(), self._zone)


def decide(findings: Findings, status: Check) -> Outcome:
    """Return the outcome of three checks, by CONTRACT's precedence."""
    checks = (findings.integrity, findings.issuer, status)
    if findings.integrity.result is CheckResult.FAILED:
        return Outcome.ALTERED
    if findings.issuer.result is CheckResult.FAILED or (
        findings.issuer.code == "seal_without_record"
    ):
        return Outcome.NOT_ISSUED_HERE
    if any(check.result is CheckResult.ERROR for check in checks):
        return Outcome.COULD_NOT_CHECK
    return Outcome.IN_FORCE if status.result is CheckResult.PASSED else Outcome.NOT_IN_FORCE


def _status(state: LicenceState | None, reason: Reason | None) -> Check:
    if state is None:
        return skipped("not_checked")
    result = CheckResult.PASSED if state is LicenceState.IN_FORCE else CheckResult.FAILED
    return Check(result, state.lower(), wording.state_message(state, reason))


def _seen(licence: Licence | None) -> Licence | None:
    return None if licence is None or licence.state in _UNSEEN_STATES else licence


def _digests(data: bytes, ends: tuple[int, ...]) -> list[tuple[int, Sha256]]:
    """Return the SHA-256 of each beginning of `data` that may be a revision, the whole last."""
    view, running, done = memoryview(data), hashlib.sha256(), 0
    found: list[tuple[int, Sha256]] = []
    for end in sorted({end for end in ends if 0 < end < len(data)} | {len(data)}):
        running.update(view[done:end])
        done = end
        found.append((end, Sha256(running.copy().hexdigest())))
    return found


def _longest_match(known: list[Revision], digests: list[tuple[int, Sha256]]) -> Revision | None:
    lengths = {digest: length for length, digest in digests}
    return next((r for r in known if lengths.get(r.sha256) == r.length), None)


def _refuse_unjudgeable(report: ValidationReport) -> None:
    if report.structure is Structure.NOT_A_PDF:
        raise NotAPdfError("这不是 PDF 文件。", "This is not a PDF file.")
    if report.structure is Structure.ENCRYPTED:
        raise EncryptedPdfError(
            "文件已加密，无法核验。请提供未加密的原件。",
            "The file is encrypted and cannot be checked. Provide the original, unencrypted.",
        )
    damaged = report.structure is Structure.BROKEN
    if damaged and not report.traces and not report.identifiers:
        raise UnreadablePdfError(
            "PDF 文件已损坏，无法读取。", "The PDF file is damaged and cannot be read."
        )
