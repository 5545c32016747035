"""Rights to have a key of one's own certified, and what a registrar approves of it first."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from ca.profiles.profiles import ProfileKind
from core.ids import IdentityId
from core.permits import Action, Permit
from identity.people.model import TABLE_ALONE, Approval, Identity, Terms
from registry.desk.enrolment.evidence import EnrolmentEvidence
from registry.desk.key_requests import key_digest
from registry.desk.rights import Rights
from registry.officers.approval_use import ApprovalEndedError, approval_of
from registry.officers.identities import refuse_ended
from registry.officers.request_rows import open_requests_of

OFFICERS_KEY = "officers-key"
"""Kind of a request's content."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Grounds on which a key is certified."""

    permit: Permit
    approval: Approval | None


def enrolment_digest(identity_id: IdentityId, evidence: EnrolmentEvidence) -> str:
    """Return the digest (hex) of what is asked for where somebody else must approve it."""
    return key_digest(officers_key(identity_id, evidence))


def officers_key(identity_id: IdentityId, evidence: EnrolmentEvidence) -> dict[str, str]:
    """Return the content of a request for an officer's key, for who approves it."""
    return {
        "kind": OFFICERS_KEY,
        "officer": identity_id,
        "authority": evidence.authority_id,
        "profile": evidence.profile.value,
        "spki_sha256": hashlib.sha256(evidence.spki).hexdigest(),
    }


def needs_approval(kind: ProfileKind) -> bool:
    """Tell whether a registrar must have seen the key's token: what lasts for years."""
    return kind is not ProfileKind.OFFICER_SHORT


def decide_enrolment(
    rights: Rights, connection: Connection, identity: Identity, evidence: EnrolmentEvidence
) -> Decided:
    """Return the permit to have the key certified, by the rights of this moment.

    Raises `NotAllowedError`, `SecondPersonRequiredError`, `IdentityEndedError`.
    """
    assert identity.identity_id is not None
    standing = rights.standing_in(connection, identity)
    refuse_ended(connection, standing.actor)
    terms, digest, approval = TABLE_ALONE, None, None
    if needs_approval(evidence.profile):
        terms, digest = Terms(second_person=True), enrolment_digest(identity.identity_id, evidence)
        asked = open_requests_of(connection, standing.actor.name, Action.ENROL_OWN, digest)
        approval = _approval(rights, connection, [one.request_id for one in asked])
    permit = rights.permit(
        standing,
        Action.ENROL_OWN,
        evidence.authority_id,
        terms=terms,
        digest=digest,
        approval=approval,
    )
    return Decided(permit, approval)


def _approval(rights: Rights, connection: Connection, asked: list[str]) -> Approval | None:
    """Return the first approval that counts. Raises `ApprovalEndedError` where none does."""
    ended: ApprovalEndedError | None = None
    for request_id in asked:
        try:
            found = approval_of(connection, request_id, rights.clock.now(), rights.deciders)
        except ApprovalEndedError as error:
            ended = error
            continue
        if found is not None:
            return found
    if ended is not None:
        raise ended
    return None
