"""Certifying officers' keys: the side that holds the CA's key, in one process with the desk or not.

1. What was issued for this very sign-in before is found again: one sign-in, one certificate.
2. The evidence is judged anew, and who it is, what they may and what the certificate names are
   looked up now: nothing that the desk wrote is believed but the evidence.
3. The certificate is prepared: profile, key and its past, linting.
4. In one transaction: the rights once more, the intended serial, whose it will be, the approval
   used up. So it ends with its officer whatever happens afterwards.
5. The CA signs; what became of it is noted, the evidence forgotten.

Cut off anywhere, it is begun again by the duty that looks for what is asked for.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from sqlalchemy import Connection

from ca.errors import (
    BadRequestError,
    BadSubjectError,
    LintError,
    UsedKeyError,
    WeakKeyError,
)
from ca.issuing.issue import CertificateAuthority
from ca.ledger import CertificateState, Ledger
from ca.profiles.profiles import ProfileKind, Profiles
from ca.profiles.public_keys import spki_fingerprint
from core.errors import NotAllowedError, XinyinError
from core.ids import AuthorityId, IssuerId
from identity.people.model import Identity
from identity.people.permits import certifying_permit
from identity.tokens.refusals import Refusal, TokenRefusedError
from registry.audit import events as audit
from registry.bodies.authorities import find_authority
from registry.desk.enrolment import messages
from registry.desk.enrolment.evidence import EnrolmentEvidence, EvidenceCheck, Proven
from registry.desk.enrolment.rights import Decided, decide_enrolment
from registry.desk.enrolment.rows import (
    CLAIM_HOLDS,
    DECIDED_WITHIN,
    Enrolment,
    EnrolmentState,
    claim,
    find_enrolment,
    id_of,
    list_requested,
    settle,
)
from registry.desk.rights import Rights
from registry.model import ConflictError, NotFoundError
from registry.officers.approval_use import carry_out
from registry.officers.certificates import bind_certificate, find_certificate
from registry.officers.identities import (
    IdentityEndedError,
    find_identity,
    lock_identity,
)
from registry.officers.subjects import officer_subject

_FINAL = (
    BadRequestError,
    BadSubjectError,
    ConflictError,
    LintError,
    NotAllowedError,
    NotFoundError,
    TokenRefusedError,
    UsedKeyError,
    WeakKeyError,
)
"""Errors that the next attempt would meet again; after any other it is tried until it lapses."""
_log = logging.getLogger(__name__)


class EnrolmentLapsedError(NotAllowedError):
    """The sign-in is too long ago by now."""

    code = "enrolment_lapsed"


def _may_pass(error: XinyinError) -> bool:
    """Tell whether the provider's new key is merely not known here yet."""
    return isinstance(error, TokenRefusedError) and error.reason is Refusal.UNKNOWN_KEY


class EnrolmentIssuer:
    """Certifies what officers asked for; may run in several processes."""

    def __init__(  # noqa: PLR0917  # each of another type
        self,
        check: EvidenceCheck,
        rights: Rights,
        ledger: Ledger,
        profiles: Profiles,
        authority: Callable[[], CertificateAuthority],
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`authority` opens the CA's key when it is first needed."""
        self._check = check
        self._rights = rights
        self._ledger = ledger
        self._profiles = profiles
        self._authority = authority
        self._on_step = on_step

    def issue_due(self) -> None:
        """Certify what is asked for; what is refused, or has to wait, stops nothing else."""
        with self._rights.database.reading() as connection:
            due = list_requested(connection)
        for one in due:
            try:
                self.issue(one.enrolment_id)
            except XinyinError as error:
                _log.error("an enrolment: %s", error.text.en, extra={"code": error.code})

    def issue(self, enrolment_id: str) -> Enrolment:
        """Certify one, or refuse it for good; return it as it stands then.

        Raises why it was refused, and what keeps it from being decided now.
        """
        with self._rights.database.reading() as connection:
            found = find_enrolment(connection, enrolment_id)
        if found.state is not EnrolmentState.REQUESTED:
            return found
        try:
            self._issue(found)
        except _FINAL as error:
            if not _may_pass(error):
                self._settle(enrolment_id, error.code)
            raise
        with self._rights.database.reading() as connection:
            return find_enrolment(connection, enrolment_id)

    def _issue(self, found: Enrolment) -> None:
        now = self._rights.clock.now()
        if found.requested_at is None or found.evidence is None:
            raise EnrolmentLapsedError(messages.ENROLMENT_LAPSED)
        # 1. Issued before?
        if found.certificate is not None and self._is_issued(*found.certificate):
            self._deliver(found.enrolment_id, found.certificate)
            return
        if found.claimed_at is not None and now < found.claimed_at + CLAIM_HOLDS:
            return  # another process is at it
        if not now - DECIDED_WITHIN <= found.requested_at:
            raise EnrolmentLapsedError(messages.ENROLMENT_LAPSED)
        # 2. The evidence, not the row.
        evidence = EnrolmentEvidence.of(found.evidence)
        if id_of(evidence.challenge) != found.enrolment_id:
            raise EnrolmentLapsedError(messages.CHALLENGE_NOT_GOOD)
        proven = self._check.verify(evidence)
        identity = self._rights.recognise(proven.identity, signs_in=True)
        with self._rights.database.reading() as connection:
            decided = decide_enrolment(self._rights, connection, identity, evidence)
            subject = self._subject(connection, identity, proven, evidence.authority_id)
        known = self._issued_for(proven, evidence.profile, subject.rfc4514_string())
        if known is not None:
            self._deliver(found.enrolment_id, known)
            return
        # 3. Linted, before anything is on record.
        authority = self._authority()
        profile = self._profiles[evidence.profile]
        permit = certifying_permit(decided.permit, evidence.authority_id)
        # Who vouched for them stands in it: what they sign says so for as long as it is kept.
        issuer = identity.pin.iss
        token = authority.prepare(profile, subject, proven.key, permit, identity_issuer=issuer)
        certificate = token.intent.issuer, token.intent.serial
        self._on_step("prepared")
        # 4. Whose it is to be.
        with self._rights.database.writing() as connection:
            lock_identity(connection, str(identity.identity_id))  # first, as whoever ends it does
            again = decide_enrolment(self._rights, connection, identity, evidence)
            if not claim(connection, found, certificate, now):
                return  # another process is at it
            self._bind(connection, identity, (evidence, certificate), again, now)
        self._on_step("bound")
        # 5. The CA's key.
        authority.issue(token)
        self._on_step("issued")
        self._deliver(found.enrolment_id, certificate)

    def _subject(
        self,
        connection: Connection,
        identity: Identity,
        proven: Proven,
        authority_id: AuthorityId,
    ) -> x509.Name:
        """Return the name, from the records; the person's must be as the provider tells it."""
        assert identity.identity_id is not None
        person = find_identity(connection, identity.identity_id)
        if (person.pin, person.name) != (proven.identity.pin, proven.identity.name):
            raise NotAllowedError(messages.NAME_DIFFERS)
        owner = find_authority(connection, authority_id)
        return officer_subject(person, owner, proven.parts).to_name()

    def _bind(
        self,
        connection: Connection,
        identity: Identity,
        intended: tuple[EnrolmentEvidence, tuple[IssuerId, int]],
        decided: Decided,
        at: datetime,
    ) -> None:
        """Record whose the certificate is to be, and that it was approved."""
        assert identity.identity_id is not None
        evidence, (issuer, serial) = intended
        permit, approval = decided.permit, decided.approval
        if approval is not None:
            carry_out(
                connection,
                approval.request_id,
                approval.digest,
                permit,
                at,
                deciders=self._rights.deciders,
            )
        bind_certificate(
            connection, identity.identity_id, (issuer, serial), evidence.authority_id, permit, at
        )
        audit.record(
            connection,
            at=at,
            actor=permit.actor,
            action="certificate.approved",
            subject=f"{issuer}/{serial:x}",
            after={
                "profile": evidence.profile,
                "spki_sha256": hashlib.sha256(evidence.spki).hexdigest(),
            },
        )

    def _is_issued(self, issuer: IssuerId, serial: int) -> bool:
        entry = self._ledger.find(issuer, serial)
        return entry is not None and entry.state is not CertificateState.INTENDED

    def _issued_for(
        self, proven: Proven, kind: ProfileKind, subject: str
    ) -> tuple[IssuerId, int] | None:
        """Return the certificate that this sign-in has led to already, whatever the row says."""
        for entry in self._ledger.find_by_key(spki_fingerprint(proven.key)):
            same = (entry.intent.profile, entry.intent.subject) == (kind, subject)
            later = entry.intent.not_before >= proven.issued_at
            if same and later and entry.state is not CertificateState.INTENDED:
                return entry.intent.issuer, entry.intent.serial
        return None

    def _deliver(self, enrolment_id: str, certificate: tuple[IssuerId, int]) -> None:
        """Hand the certificate out, unless whoever it is of has left meanwhile."""
        with self._rights.database.writing() as connection:
            owned = find_certificate(connection, certificate)
            ended = owned is None or owned.ended_at is not None
            outcome = IdentityEndedError.code if ended else certificate
            settle(connection, enrolment_id, outcome, self._rights.clock.now())
        if ended:
            raise IdentityEndedError(messages.LEFT_MEANWHILE)

    def _settle(self, enrolment_id: str, code: str) -> None:
        with self._rights.database.writing() as connection:
            settle(connection, enrolment_id, code, self._rights.clock.now())
