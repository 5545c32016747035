"""The one table of rights: which roles may do an action, and under which conditions.

An action that is not in the table, and one without a role, is nobody's; a test sees that the table
has them all. Terms of a licence type narrow a rule, nothing widens it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from core.permits import Action, Role
from identity.people.model import StepUp

FOR_PEOPLE: Final = frozenset({Role.APPROVER, Role.REGISTRAR, Role.ADMINISTRATOR})
"""Roles whose acts need a person, a decision or a step-up: a system has none of them, whoever gives
it."""
FRESH: Final = StepUp(timedelta(minutes=10))
"""A strong sign-in of the last ten minutes."""
NOT_IN_EMERGENCY: Final = frozenset({Action.DECIDE, Action.CONFIRM})
"""Acts that who came in by the emergency's credential has no right to: it may be anybody's hand,
who asked for the very thing included."""
MANY_AT_ONCE: Final = 20
"""Licences sealed by one call without a fresh sign-in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Condition of an action."""

    roles: frozenset[Role]
    """Any of them will do; empty: no person may."""
    step_up: StepUp | None = None
    step_up_above: int = 0
    """The step-up is for more than so many at once."""
    second_person: bool = False
    """Somebody else must have approved it."""
    own_authority: bool = True
    """A role in the authority concerned will do, and the permit is for that one alone; else only a
    role in all authorities."""


def _rule(
    *roles: Role,
    step_up: StepUp | None = None,
    step_up_above: int = 0,
    second_person: bool = False,
    own_authority: bool = True,
) -> Rule:
    return Rule(frozenset(roles), step_up, step_up_above, second_person, own_authority)


RULES: Mapping[Action, Rule] = MappingProxyType(
    {
        Action.GRANT: _rule(Role.OPERATOR, Role.SEALER, step_up=FRESH, step_up_above=MANY_AT_ONCE),
        Action.CHANGE_LICENCE: _rule(Role.OPERATOR, Role.SEALER),
        # Who may see no licence but by its link may say that it is wrong.
        Action.ASK_CORRECTION: _rule(Role.OPERATOR, Role.APPROVER, Role.SEALER, Role.REGISTRAR),
        # It changes nothing yet: the corrected version has rules of its own.
        Action.DECIDE_CORRECTION: _rule(Role.OPERATOR, Role.APPROVER, Role.SEALER),
        Action.RENEW_ARCHIVE: _rule(Role.SEALER, Role.ADMINISTRATOR, own_authority=False),
        Action.EXPORT_ARCHIVE: _rule(Role.SEALER, Role.ADMINISTRATOR, step_up=FRESH),
        # What is recorded so is answered for by the authority, without a seal: nothing for one
        # who only prepares.
        Action.TAKE_OVER: _rule(Role.SEALER, Role.ADMINISTRATOR, step_up=FRESH),
        # Nothing brings it back, so nobody does it alone.
        Action.ERASE_LICENCE: _rule(Role.ADMINISTRATOR, step_up=FRESH, second_person=True),
        Action.MANAGE_AUTHORITY: _rule(Role.ADMINISTRATOR, step_up=FRESH),
        Action.MANAGE_SEAL: _rule(Role.REGISTRAR, step_up=FRESH, second_person=True),
        # The ledger does not know whose a certificate is, so a role in one authority will not do.
        Action.CHANGE_CERTIFICATE: _rule(
            Role.REGISTRAR, Role.ADMINISTRATOR, step_up=FRESH, own_authority=False
        ),
        Action.ENROL: _rule(Role.REGISTRAR, step_up=FRESH),
        # Whoever acts for the authority may have a key to sign with; who reads, or says who has
        # which role, needs none.
        Action.ENROL_OWN: _rule(
            Role.OPERATOR, Role.APPROVER, Role.SEALER, Role.REGISTRAR, step_up=FRESH
        ),
        Action.RUN_SERVICES: _rule(),
        Action.MANAGE_CA: _rule(Role.ADMINISTRATOR, step_up=FRESH, own_authority=False),
        Action.MANAGE_TRUST: _rule(Role.ADMINISTRATOR, step_up=FRESH, own_authority=False),
        Action.MANAGE_KEY: _rule(Role.ADMINISTRATOR, step_up=FRESH, own_authority=False),
        # No second person: a stolen key does not wait for one.
        Action.HANDLE_COMPROMISE: _rule(
            Role.REGISTRAR, Role.ADMINISTRATOR, step_up=FRESH, own_authority=False
        ),
        Action.REQUEST: _rule(Role.OPERATOR, Role.SEALER, Role.REGISTRAR),
        Action.DECIDE: _rule(Role.APPROVER),
        Action.CONFIRM: _rule(Role.REGISTRAR, Role.ADMINISTRATOR, step_up=FRESH),
        Action.MANAGE_OFFICERS: _rule(Role.ADMINISTRATOR, step_up=FRESH),
        Action.PROVISION: _rule(),
        Action.READ: _rule(*Role),
    }
)
