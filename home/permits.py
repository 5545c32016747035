"""The one place where permits are made.

Whoever `init` made the operator of a home may do everything in it; a role of `serve` that runs
apart may do its own work, whoever started it.
"""

from collections.abc import Mapping

from core.errors import NotAllowedError
from core.permits import Action, Actor, Permit
from home import messages
from registry.audit.chain import CA

ROLE_PREFIX = "role:"
ROLE_RIGHTS: Mapping[str, frozenset[Action]] = {
    f"{ROLE_PREFIX}issuing": frozenset({Action.GRANT, Action.RENEW_ARCHIVE}),
    f"{ROLE_PREFIX}ca": frozenset(),
    f"{ROLE_PREFIX}trust": frozenset(),
}
"""Actions of roles in their own names; certificates of services are certified as `ca`."""


def permit_for(actor: Actor, action: Action, authority_id: str | None = None) -> Permit:
    """Return the permit of an actor whose account was checked. Raises `NotAllowedError`."""
    is_role = actor.name.startswith(ROLE_PREFIX)
    if is_role and action not in ROLE_RIGHTS.get(actor.name, frozenset()):
        raise NotAllowedError(messages.role_not_permitted(actor.name), action=action)
    return Permit(actor, action, authority_id)


def service_permit() -> Permit:
    """Return the permit by which OCSP responders' and TSAs' certificates are renewed."""
    return Permit(CA, Action.RUN_SERVICES)


def ceremony_permit(account: str) -> Permit:
    """Return the permit of a ceremony: an offline root has no home that names its operator."""
    return Permit(Actor(f"local:{account}"), Action.MANAGE_CA)
