"""Decision whether an identity may do something: pure, by the table of rules alone.

1. A role that the rule names, in force now, must reach the authority concerned.
2. The person must have proved who they are recently and strongly enough (RFC 9470).
3. Somebody else must have approved it, where the rule or the licence type's terms say so.

Nothing is remembered from one call to the next: a role that ended gives nothing from then on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from core.errors import NotAllowedError
from core.ids import AuthorityId
from core.permits import Action, Reach, Role
from identity.people import messages
from identity.people.bodies import Bodies
from identity.people.model import (
    TABLE_ALONE,
    Approval,
    Assignment,
    Identity,
    IdentityKind,
    SignInWay,
    StepUp,
    Terms,
)
from identity.people.rules import FOR_PEOPLE, NOT_IN_EMERGENCY, RULES, Rule

CLOCKS_APART = timedelta(seconds=60)
"""By how much an issuer's clock may be ahead of ours."""


class StepUpRequiredError(NotAllowedError):
    """The sign-in is too old or too weak for this; `details` say what is needed (RFC 9470)."""

    code: ClassVar[str] = "step_up_required"


class SecondPersonRequiredError(NotAllowedError):
    """Somebody else must approve this first."""

    code: ClassVar[str] = "second_person_required"


class OwnRequestError(NotAllowedError):
    """The same person asked for it."""

    code: ClassVar[str] = "own_request"


@dataclass(frozen=True, slots=True)
class RightsContext:
    """Context of a decision, beside the assignments."""

    bodies: Bodies = field(default_factory=Bodies)
    strong_acrs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By issuer: values of `acr` that are strong sign-ins, the best first. An issuer without any
    cannot step up."""


@dataclass(frozen=True, slots=True)
class AskedAct:
    """An act that somebody asks to do."""

    action: Action
    authority_id: AuthorityId | None = None
    """Whom it concerns; None: all authorities, or none."""
    terms: Terms = TABLE_ALONE
    digest: str | None = None
    """SHA-256 (hex) of what is to be done, where it was asked for before."""
    approval: Approval | None = None
    count: int = 1
    """Licences that one call would seal."""


def check(
    identity: Identity,
    assignments: Iterable[Assignment],
    asked: AskedAct,
    now: datetime,
    context: RightsContext,
) -> AuthorityId | None:
    """Return the authority that the permit is to be for; None: for all.

    Raises `NotAllowedError`, `StepUpRequiredError`, `SecondPersonRequiredError`, `OwnRequestError`.
    """
    rule = RULES[asked.action]
    if identity.identity_id is None:
        raise NotAllowedError(messages.UNKNOWN_IDENTITY)
    if not _has_role(identity, assignments, asked, now, context):
        raise NotAllowedError(messages.NOT_PERMITTED, action=asked.action)
    if rule.step_up is not None and asked.count > rule.step_up_above:
        check_step_up(identity, rule.step_up, now, context)
    if rule.second_person or asked.terms.second_person:
        check_approval(asked)
    return asked.authority_id if rule.own_authority else None


def may(
    identity: Identity,
    assignments: Iterable[Assignment],
    what: tuple[Action, AuthorityId | None],
    now: datetime,
    context: RightsContext,
) -> bool:
    """Tell whether the roles of an identity permit an action of an authority, signed in afresh."""
    asked = AskedAct(*what)
    return identity.identity_id is not None and _has_role(
        identity, assignments, asked, now, context
    )


def _has_role(
    identity: Identity,
    assignments: Iterable[Assignment],
    asked: AskedAct,
    now: datetime,
    context: RightsContext,
) -> bool:
    rule = RULES[asked.action]
    if identity.way is SignInWay.BREAK_GLASS and asked.action in NOT_IN_EMERGENCY:
        return False
    roles = rule.roles if asked.terms.roles is None else rule.roles & asked.terms.roles
    return any(
        one.role in roles and _reaches(one, rule, asked.authority_id, context.bodies)
        for one in held(identity, assignments, now)
    )


def held(
    identity: Identity, assignments: Iterable[Assignment], now: datetime
) -> Iterable[Assignment]:
    """Return those of the assignments that are the identity's, for its kind, and in force."""
    system = identity.kind is IdentityKind.SERVICE
    return [
        one
        for one in assignments
        if one.identity_id == identity.identity_id
        and one.holds(now)
        and not (system and one.role in FOR_PEOPLE)
    ]


def check_step_up(
    identity: Identity, needed: StepUp, now: datetime, context: RightsContext
) -> None:
    """See that the sign-in is recent and strong enough. Raises `StepUpRequiredError`."""
    if identity.kind is IdentityKind.SERVICE:
        raise NotAllowedError(messages.SERVICE_CANNOT_STEP_UP)
    strong = context.strong_acrs.get(identity.pin.iss, ())
    at = identity.auth_time
    fresh = at is not None and now - needed.max_age <= at <= now + CLOCKS_APART
    if fresh and (not needed.strong or identity.acr in strong):
        return
    details: dict[str, str | int] = {"max_age": int(needed.max_age.total_seconds())}
    if needed.strong and strong:
        details["acr_values"] = " ".join(strong)
    raise StepUpRequiredError(messages.STEP_UP_NEEDED, **details)


def check_approval(asked: AskedAct) -> None:
    """See that somebody else approved this very thing. Raises `SecondPersonRequiredError`."""
    approval = asked.approval
    very_thing = (asked.action, asked.authority_id, asked.digest)
    if approval is None or very_thing != (
        approval.action,
        approval.authority_id,
        approval.digest,
    ):
        raise SecondPersonRequiredError(messages.SECOND_PERSON_NEEDED)
    if not approval.by_another:
        raise OwnRequestError(messages.OWN_REQUEST)


def reach_of(
    identity: Identity, assignments: Iterable[Assignment], now: datetime, context: RightsContext
) -> Reach:
    """Return the authorities whose records an identity may see; none without a role.

    A supervisor's readings are recorded, and so are those of an emergency: it may be anybody's
    hand, and whoever acknowledges it has to see what was read.
    """
    found = list(held(identity, assignments, now)) if identity.identity_id is not None else []
    everywhere = [one for one in found if one.authority_id is None]
    seen = frozenset(
        one
        for one in context.bodies.known
        if any(role.role in RULES[Action.READ].roles for role in _reaching(found, one, context))
    )
    if not everywhere:
        return Reach(seen)
    emergency = identity.way is SignInWay.BREAK_GLASS
    supervises = emergency or all(one.role is Role.AUDITOR for one in everywhere)
    return Reach(None, supervises)


def _reaching(
    found: Iterable[Assignment], authority_id: AuthorityId, context: RightsContext
) -> Iterable[Assignment]:
    return [one for one in found if context.bodies.reaches(one, authority_id)]


def _reaches(one: Assignment, rule: Rule, authority_id: AuthorityId | None, bodies: Bodies) -> bool:
    if not rule.own_authority:
        return one.authority_id is None
    return bodies.reaches(one, authority_id)
