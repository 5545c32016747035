"""Public answers on documents, digests, codes and claims.

Registered bytes are recognised by their digest, without a parser; only what is not registered goes
to the sandbox. The order in which findings win is CONTRACT's: altered, not issued here, could not
check, not in force, in force.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.clock import Clock
from core.errors import UnreachableError
from core.ids import Sha256
from core.text import Text
from registry.accession import rows as accessions
from registry.answers import messages
from registry.answers.alarms import Alarms
from registry.answers.answering import Answering, AnswerSubject
from registry.answers.answers import VerificationAnswer
from registry.answers.claims import ClaimsDesk, ClaimsResult
from registry.answers.evidence import Anchors, EvidenceReader, seen_licence
from registry.answers.findings import (
    Evidence,
    Findings,
    errored,
    failed,
    judge_document,
    judge_registered,
    passed,
    skipped,
)
from registry.answers.judging import DocumentValidator, judge_guarded, refuse_unjudgeable
from registry.answers.known import Known, KnownFiles
from registry.answers.lookup import has_slip
from registry.answers.outages import Outages
from registry.answers.taken_over import TakenOverAnswers
from registry.bodies.authorities import our_seals
from registry.db.database import Database
from registry.facts.loss import check_loss
from registry.licences.asked import Asked, AskedKind, read_asked
from registry.licences.licences import find_by_link, find_by_number, get_licence
from registry.model import Licence, NotFoundError, RegistryError
from registry.objects.store import sha256_of
from registry.types.catalogue import Catalogue
from signing.report import Structure, ValidationReport
from signing.trust.anchors import TrustMaterial


class UnsearchableNumberError(RegistryError):
    """The number holds its holder's code, or leads to one: nobody may search by it."""

    code = "usage"


class RegisterVerifier:
    """Answers the public; reads only. One per process, usable from several threads."""

    def __init__(
        self,
        *,
        database: Database,
        catalogue: Catalogue,
        validator: DocumentValidator,
        known: KnownFiles,
        trust: Callable[[], TrustMaterial],
        clock: Clock,
        zone: ZoneInfo,
        public_url: str,
        anchors: Anchors = lambda _: None,
        on_alarm: Callable[[str], None] = lambda _: None,
        on_failure: Callable[[str], None] = lambda _: None,
        on_outage: Callable[[str], None] = lambda _: None,
        check_register: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        """Take the parts. `anchors` names trust anchors by fingerprint; `on_alarm`, `on_failure`
        and `on_outage` count what an operator must look into, files that we failed to judge, and
        times that the register could not be asked; `check_register` raises where it is not ours.
        """
        self._database = database
        self._check_register = check_register
        self._catalogue = catalogue
        self._validator = validator
        self._known = known
        self._trust = trust
        self._clock = clock
        self._public_url = public_url
        self._evidence = EvidenceReader(known, anchors)
        self._alarms = Alarms(on_alarm, on_failure)
        self._outages = Outages(on_outage)
        self._answering = Answering(catalogue, clock, zone)
        self._taken_over = TakenOverAnswers(self._answering, zone)
        self._claims = ClaimsDesk(catalogue, public_url)

    def by_known_file(self, data: bytes) -> VerificationAnswer | None:
        """Answer for exactly registered bytes, without the sandbox; None for all others."""
        try:
            with self._register() as connection:
                known = self._known.find(connection, data, quick=True)
                if known is None or known.revision.length != len(data):
                    return None
                return self._answer_registered(connection, known)
        except UnreachableError:
            return None

    def by_file(self, data: bytes, *, at: datetime | None = None) -> VerificationAnswer:
        """Judge the bytes of a PDF; signatures that are not registered as of `at`.

        Raises `NotAPdfError`, `EncryptedPdfError`, `UnreadablePdfError`: nothing to judge there.
        """
        try:
            with self._register() as connection:
                known = self._known.find(connection, data)
                if known is not None and known.revision.length == len(data):
                    return self._answer_registered(connection, known)
        except UnreachableError:
            return self._answer_without_register(data, at)
        report = self._judge(data, at)
        if known is None:
            refuse_unjudgeable(report)
        try:
            with self._register() as connection:
                return self._answer_file(connection, report, data, known)
        except UnreachableError:
            return self._answer_report(report, sha256_of(data))

    def registered_length(self, data: bytes) -> int | None:
        """Return how many bytes at the start of `data` are a registered licence, if any are.

        Raises `UnreachableError`.
        """
        with self._register() as connection:
            known = self._known.find(connection, data)
        return known.revision.length if known and judge_registered(known).ours else None

    def by_digest(self, sha256: Sha256) -> VerificationAnswer:
        """Judge a file by its SHA-256 (lower-case hex)."""
        return self._reading(
            lambda connection: self._answer_digest(connection, sha256), AnswerSubject(sha256=sha256)
        )

    def by_code(self, code: str) -> VerificationAnswer:
        """Look up a link, token, QR payload, identifier or number, as typed.

        Raises `UnsearchableNumberError`.
        """
        asked = read_asked(code, self._public_url)
        if asked.digest is not None:
            return self.by_digest(asked.digest)
        if asked.kind in (AskedKind.FOREIGN_LINK, AskedKind.MISTYPED):
            findings = Findings(skipped("no_document"), failed(asked.kind.value))
            return self._answering.without_record(findings, AnswerSubject())
        return self._reading(lambda connection: self._answer_code(connection, asked))

    def by_token(self, token: str) -> VerificationAnswer:
        """Look up a licence's own link; its public face fields are filled in."""
        return self._reading(
            lambda connection: self._answer_record(
                connection,
                find_by_link(connection, token),
                AnswerSubject(show_face=True, asked="link"),
            )
        )

    def by_claims(
        self,
        type: str,  # noqa: A002 - the wire's word (GB/T 36906)
        claims: Mapping[str, str],
        use_cause: str,
    ) -> ClaimsResult:
        """Say whether what the asker believes is so.

        Raises `InvalidClaimsError`, `NotFoundError` for the type, `UnreachableError`.
        """
        with self._register() as connection:
            return self._claims.judge(connection, type, claims, use_cause, self._answering.today())

    @property
    def outage(self) -> Text | None:
        """Reason why the register could not be reached the last time; None where it could."""
        return self._outages.why

    def is_ready(self) -> bool:
        """Tell whether the register can be reached."""
        try:
            with self._register() as connection:
                our_seals(connection, ())  # reads the tables
        except UnreachableError:
            return False
        return True

    @contextmanager
    def _register(self) -> Iterator[Connection]:
        """Read the register. Raises `UnreachableError`, also where it may lack something."""
        try:
            with self._database.reading() as connection:
                self._check_register(connection)
                check_loss(connection)
                yield connection
        except UnreachableError as error:
            self._outages.note(error)
            raise
        self._outages.over()

    def _judge(self, data: bytes, at: datetime | None) -> ValidationReport:
        trust = self._known_trust()
        return judge_guarded(self._validator, data, trust, at or self._clock.now())

    def _known_trust(self) -> TrustMaterial:
        """Without the register nobody is trusted, yet broken signatures are still seen."""
        try:
            with self._register():
                return self._trust()
        except UnreachableError:
            return TrustMaterial(())

    def _answer_registered(self, connection: Connection, known: Known) -> VerificationAnswer:
        """Answer for registered bytes (rule 1)."""
        findings, sha256 = judge_registered(known), known.revision.sha256
        self._sound(findings, sha256, sha256)
        subject = AnswerSubject(known.signatures, sha256, document_checked=True, show_face=True)
        licence = get_licence(connection, known.revision.identifier) if findings.ours else None
        if licence is None:
            return self._answering.without_record(findings, subject)
        return self._answering.with_record(findings, subject, connection, licence)

    def _answer_file(
        self, connection: Connection, report: ValidationReport, data: bytes, known: Known | None
    ) -> VerificationAnswer:
        sha256 = sha256_of(data)
        seen = self._evidence.read(connection, report, data, sha256, known)
        findings = judge_document(seen.evidence)
        self._sound(findings, seen.alarm_key, sha256)
        self._note_failure(report, sha256)
        genuine = known if known is not None and judge_registered(known).ours else None
        subject = AnswerSubject(
            report.signatures,
            sha256,
            document_checked=True,
            show_face=findings.ours,
            registered_length=None if genuine is None else genuine.revision.length,
        )
        licence = get_licence(connection, genuine.revision.identifier) if genuine else None
        taken_over = None if known else accessions.find_by_digest(connection, sha256)
        if taken_over is not None and not findings.alarms:
            return self._taken_over.of_file(taken_over, subject, findings.integrity)
        if licence is None:
            return self._answering.without_record(findings, subject)
        return self._answering.with_record(findings, subject, connection, licence)

    def _answer_without_register(self, data: bytes, at: datetime | None) -> VerificationAnswer:
        report = self._judge(data, at)
        refuse_unjudgeable(report)
        return self._answer_report(report, sha256_of(data))

    def _answer_report(self, report: ValidationReport, sha256: Sha256) -> VerificationAnswer:
        """Even without the register a file whose own signatures do not hold is altered."""
        self._note_failure(report, sha256)
        findings = judge_document(Evidence(report, registry_reached=False))
        subject = AnswerSubject(report.signatures, sha256, document_checked=True)
        unknown = errored("registry_unavailable")
        return self._answering.without_record(findings, subject, unknown)

    def _answer_digest(self, connection: Connection, sha256: Sha256) -> VerificationAnswer:
        known = self._known.find_digest(connection, sha256)
        if known is not None:
            return self._answer_registered(connection, known)
        taken_over = accessions.find_by_digest(connection, sha256)
        if taken_over is not None:
            subject = AnswerSubject(sha256=sha256)
            return self._taken_over.of_file(taken_over, subject, skipped("taken_over_file"))
        lost = self._known.is_lost(sha256)
        issuer = errored("record_lost") if lost else skipped("not_established")
        return self._answering.without_record(
            Findings(skipped("unknown_digest"), issuer), AnswerSubject(sha256=sha256)
        )

    def _answer_code(self, connection: Connection, asked: Asked) -> VerificationAnswer:
        if asked.identifier is not None:
            self._refuse_personal_identifier(connection, asked.identifier.type_code)
            licence = get_licence(connection, asked.identifier.identifier)
            if licence is None and (
                one := accessions.find_by_identifier(connection, asked.identifier.identifier)
            ):
                return self._taken_over.of_record(one, AnswerSubject(asked="identifier"))
            return self._answer_record(connection, licence, AnswerSubject(asked="identifier"))
        if asked.token:
            licence = seen_licence(find_by_link(connection, asked.token))
            if licence is not None or not asked.numbers:
                return self._answer_record(connection, licence, AnswerSubject(asked="link"))
        return self._answer_number(connection, asked.numbers)

    def _answer_number(
        self, connection: Connection, spellings: tuple[str, ...]
    ) -> VerificationAnswer:
        subject, types = AnswerSubject(asked="number"), self._catalogue.list_types(connection)
        for licence_type in types:
            searched = any(map(licence_type.matches_number, spellings))
            if searched and licence_type.number_holds_holder_code:
                raise _unsearchable()
        for number in spellings:
            found = [one for one in find_by_number(connection, number) if seen_licence(one)]
            if len({one.type_code for one in found}) > 1:
                ambiguous = Findings(skipped("no_document"), errored("ambiguous_number"))
                return self._answering.without_record(ambiguous, subject)
            if found:
                return self._answer_record(connection, found[0], subject)
        for number in spellings:
            others = accessions.find_by_number(connection, number)
            if len({(one.type_code, one.authority_uscc) for one in others}) > 1:
                ambiguous = Findings(skipped("no_document"), errored("ambiguous_number"))
                return self._answering.without_record(ambiguous, subject)
            if others:
                return self._taken_over.of_record(others[0], subject)
        code = "mistyped" if has_slip(types, spellings) else "no_record"
        findings = Findings(skipped("no_document"), failed(code))
        return self._answering.without_record(findings, subject)

    def _refuse_personal_identifier(self, connection: Connection, type_code: str) -> None:
        """Identifiers are serial: whoever counts them up must learn nothing of persons."""
        with suppress(NotFoundError):
            if self._catalogue.find(connection, type_code).number_holds_holder_code:
                raise _unsearchable()

    def _answer_record(
        self, connection: Connection, licence: Licence | None, subject: AnswerSubject
    ) -> VerificationAnswer:
        seen, document = seen_licence(licence), skipped("no_document")
        if seen is None:
            findings = Findings(document, failed("no_record"))
            return self._answering.without_record(findings, subject)
        findings = Findings(document, passed("registered_here"), ours=True)
        return self._answering.with_record(findings, subject, connection, seen)

    def _reading(
        self,
        answer: Callable[[Connection], VerificationAnswer],
        subject: AnswerSubject = AnswerSubject(),  # noqa: B008 - frozen
    ) -> VerificationAnswer:
        try:
            with self._register() as connection:
                return answer(connection)
        except UnreachableError:
            unknown = errored("registry_unavailable")
            findings = Findings(skipped("no_document"), unknown)
            return self._answering.without_record(findings, subject, unknown)

    def _sound(self, findings: Findings, key: str, sha256: Sha256) -> None:
        for alarm in findings.alarms:
            self._alarms.sound(alarm, key, sha256)

    def _note_failure(self, report: ValidationReport, sha256: Sha256) -> None:
        notes = {note for one in report.signatures for note in one.notes} | set(report.notes)
        if "exception" in notes:
            self._alarms.failed("exception", sha256)
        elif report.structure is Structure.FAILED:
            self._alarms.failed(min(notes, default="failed"), sha256)


def _unsearchable() -> UnsearchableNumberError:
    return UnsearchableNumberError(messages.NUMBER_LOOKUP_FORBIDDEN)
