"""The one place where permits are made.

Whoever `init` made the operator of a home may do everything in it; a role of `serve` that runs
apart may do its own work, whoever started it; who signed in, what the table of rules says.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action, Actor, Permit
from identity.people import messages
from identity.people.model import (
    IDENTITY_PREFIX,
    TABLE_ALONE,
    Approval,
    Assignment,
    Identity,
    Terms,
    actor_name,
)
from identity.people.rights_check import AskedAct, RightsContext, check

ROLE_PREFIX = "role:"
PROVIDER_PREFIX = "provider:"
"""Of an identity provider's name as an actor; its alias in `identity.toml` follows."""
ROLE_RIGHTS: Mapping[str, frozenset[Action]] = {
    f"{ROLE_PREFIX}issuing": frozenset({Action.GRANT, Action.RENEW_ARCHIVE}),
    f"{ROLE_PREFIX}ca": frozenset(),
    f"{ROLE_PREFIX}trust": frozenset(),
}
"""Actions of roles in their own names; certificates of services are certified as `ca`."""
SERVICES = Actor("ca")
PUBLIC = Actor("public")
"""Actor of a licence's own link: nobody saw who has it."""
_CERTIFIED = (Action.ENROL_OWN, Action.MANAGE_SEAL, Action.HANDLE_COMPROMISE)


def decide(
    identity: Identity,
    assignments: Iterable[Assignment],
    action: Action,
    authority_id: AuthorityId | None,
    now: datetime,
    *,
    context: RightsContext,
    terms: Terms = TABLE_ALONE,
    digest: str | None = None,
    approval: Approval | None = None,
    count: int = 1,
) -> Permit:
    """Return the permit of who signed in.

    `terms`: of the licence type, for grants and changes of licences. `digest`: of what is to be
    done, which an `approval` must be of. `count`: licences that the call would seal.

    Raises `NotAllowedError`, `StepUpRequiredError`, `SecondPersonRequiredError`, `OwnRequestError`.
    """
    asked = AskedAct(action, authority_id, terms, digest, approval, count)
    allowed_for = check(identity, assignments, asked, now, context)
    assert identity.identity_id is not None
    return Permit(Actor(actor_name(identity.identity_id), authority_id), action, allowed_for)


def permit_for(actor: Actor, action: Action, authority_id: str | None = None) -> Permit:
    """Return the permit of an actor whose account was checked. Raises `NotAllowedError`.

    Who signed in gets none here: their roles have to be looked at.
    """
    is_role = actor.name.startswith((ROLE_PREFIX, PROVIDER_PREFIX))
    refused = is_role and action not in ROLE_RIGHTS.get(actor.name, frozenset())
    if refused or actor.name.startswith(IDENTITY_PREFIX):
        raise NotAllowedError(messages.role_not_permitted(actor.name), action=action)
    return Permit(actor, action, authority_id)


def revoking_permit(permit: Permit) -> Permit:
    """Return the permit to revoke the certificates of an officer who leaves.

    Who may end their roles may end what these let them sign; the caller sees to it that the
    certificates are theirs. Raises `NotAllowedError`.
    """
    actor = permit.require(
        Action.MANAGE_OFFICERS, Action.PROVISION, authority_id=permit.authority_id
    )
    return Permit(actor, Action.CHANGE_CERTIFICATE)


def provider_permit(alias: str) -> Permit:
    """Return the permit of an identity provider, for identities of its own.

    The caller has seen that the provider, or its client for provisioning, says so itself.
    """
    return Permit(Actor(f"{PROVIDER_PREFIX}{alias}"), Action.PROVISION)


def public_permit() -> Permit:
    """Return the permit of whoever has a licence's link, to ask for its correction."""
    return Permit(PUBLIC, Action.ASK_CORRECTION)


def finishing_permit() -> Permit:
    """Return the permit to revoke what was to be revoked, as who left: that was permitted then."""
    return Permit(SERVICES, Action.CHANGE_CERTIFICATE)


def certifying_permit(permit: Permit, authority_id: AuthorityId) -> Permit:
    """Return the permit by which the CA issues what somebody may have certified for an authority.

    The ledger does not know whose a certificate is; the caller sees to it that its subject names
    this authority. Raises `NotAllowedError`.
    """
    actor = permit.require(*_CERTIFIED, authority_id=authority_id)
    return Permit(actor, permit.action)


def service_permit() -> Permit:
    """Return the permit by which OCSP responders' and TSAs' certificates are renewed."""
    return Permit(SERVICES, Action.RUN_SERVICES)


def ceremony_permit(account: str) -> Permit:
    """Return the permit of a ceremony: an offline root has no home that names its operator."""
    return Permit(Actor(f"local:{account}"), Action.MANAGE_CA)
