"""Roles from the groups that an issuer names at a sign-in.

They are worked out anew at every sign-in and never stored: who is in no mapped group has no role
from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.ids import AuthorityId
from core.permits import Role
from identity.people.model import Assignment, AssignmentSource, Identity


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Role that members of a group of one issuer have."""

    group: str
    role: Role
    authority_id: AuthorityId | None
    """None: in all authorities."""


GroupTable = Mapping[str, tuple[GroupRule, ...]]
"""By configured issuer: a group of the same name of another issuer's means nothing."""


def roles_from_groups(identity: Identity, table: GroupTable) -> tuple[Assignment, ...]:
    """Return the assignments of an identity by its groups; none until the register knows it."""
    rules: Iterable[GroupRule] = table.get(identity.pin.iss, ())
    if identity.identity_id is None:
        return ()
    return tuple(
        Assignment(identity.identity_id, rule.role, rule.authority_id, AssignmentSource.GROUP)
        for rule in rules
        if rule.group in identity.groups
    )
