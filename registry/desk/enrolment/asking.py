"""Officers have keys of their own certified: the side that they ask.

1. *offer*: a challenge, to sign in with.
2. *enrol*: the evidence is judged and the challenge used up. A certificate of a working day is then
   certified, here or where the CA's key is (`certifying`). One that lasts for
   years is first approved by a registrar, for this very key, whose token they have seen; after that
   the officer signs in and enrols once more.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from ca.ledger import CertificateState, Ledger, LedgerEntry
from core.permits import Action
from identity.people.model import Identity
from identity.people.rights_check import SecondPersonRequiredError
from registry.db.conflicts import insert_unless_there
from registry.db.tables import request_contents
from registry.desk.enrolment.certifying import EnrolmentIssuer
from registry.desk.enrolment.evidence import EnrolmentEvidence, EvidenceCheck
from registry.desk.enrolment.rights import (
    decide_enrolment,
    enrolment_digest,
    officers_key,
)
from registry.desk.enrolment.rows import (
    Enrolment,
    EnrolmentState,
    Offer,
    find_enrolment,
    offer,
    sweep,
    use_challenge,
)
from registry.desk.rights import CallerStanding, Rights
from registry.officers.certificates import OfficerCertificate, certificates_of
from registry.officers.model import DeskRequestState
from registry.officers.request_rows import open_requests_of
from registry.officers.requests import NewDeskRequest, make_request


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """A certificate of an officer's, as it stands."""

    owned: OfficerCertificate
    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class Enrolments:
    """Takes enrolments; one per process."""

    rights: Rights
    check: EvidenceCheck
    ledger: Ledger
    issuer: EnrolmentIssuer | None
    """None: the CA's key is another process's."""

    def offer(self) -> Offer:
        """Return a challenge, for whoever asks."""
        with self.rights.database.writing() as connection:
            return offer(connection, self.rights.random, self.rights.clock.now())

    def enrol(self, evidence: EnrolmentEvidence) -> Enrolment:
        """Take an enrolment, and certify the key if that can be done here.

        Raises as `EvidenceCheck.verify`, `decide_enrolment`, `use_challenge` and, here,
        `EnrolmentIssuer.issue`.
        """
        proven = self.check.verify(evidence)
        identity = self.rights.recognise(proven.identity, signs_in=True)
        assert identity.identity_id is not None
        with self.rights.database.writing() as connection:
            now, waits_for = self.rights.clock.now(), None
            try:
                decide_enrolment(self.rights, connection, identity, evidence)
            except SecondPersonRequiredError:
                waits_for = self._ask(connection, identity, evidence)
            taken = use_challenge(
                connection, evidence, identity.identity_id, now, waits_for=waits_for
            )
        if taken.state is EnrolmentState.REQUESTED and self.issuer is not None:
            return self.issuer.issue(taken.enrolment_id)
        return taken

    def find(self, enrolment_id: str) -> tuple[Enrolment, bytes | None]:
        """Return an enrolment with its certificate (DER), for who knows its id.

        Raises `NotFoundError`.
        """
        with self.rights.database.reading() as connection:
            found = find_enrolment(connection, enrolment_id)
        if found.state is not EnrolmentState.ISSUED or found.certificate is None:
            return found, None
        entry = self.ledger.find(*found.certificate)
        return found, None if entry is None else entry.certificate

    def own(self, standing: CallerStanding) -> list[OwnCertificate]:
        """Return the certificates of who asks, that are valid now or ended early."""
        assert standing.identity.identity_id is not None
        with self.rights.database.reading() as connection:
            owned = certificates_of(connection, standing.identity.identity_id)
        now = self.rights.clock.now()
        found = [(one, self.ledger.find(one.issuer, one.serial)) for one in owned]
        return [
            OwnCertificate(one, entry)
            for one, entry in found
            if entry is not None
            and entry.state is not CertificateState.INTENDED
            and entry.intent.not_after >= now
        ]

    def sweep(self) -> None:
        """Forget what is over."""
        with self.rights.database.writing() as connection:
            sweep(connection, self.rights.clock.now())

    def _ask(self, connection: Connection, identity: Identity, evidence: EnrolmentEvidence) -> str:
        """Return the request that a registrar is to approve, made now unless it is open."""
        assert identity.identity_id is not None
        standing = self.rights.standing_in(connection, identity)
        digest = enrolment_digest(identity.identity_id, evidence)
        action = Action.ENROL_OWN
        known = open_requests_of(connection, standing.actor.name, action, digest)
        for one in known:  # an approved one that does not count is no use any more
            if one.state is DeskRequestState.WAITING:
                return one.request_id
        permit = self.rights.permit(standing, action, evidence.authority_id)
        new = NewDeskRequest(action, evidence.authority_id, digest)
        now = self.rights.clock.now()
        made = make_request(connection, new, permit, now, self.rights.random)
        content = {**officers_key(identity.identity_id, evidence), "shown_as": identity.name}
        values = {"request_id": made.request_id, "content": content, "photo": None}
        insert_unless_there(connection, request_contents, values)
        return made.request_id
