"""The desk's rule of a licence type: who may request, whether a second person approves, who seals.

It narrows the table of rights (`identity.people.rules`) and never widens it. What the local
operator of a home does is not bound by it.
"""

from enum import StrEnum
from typing import Final, Self

from pydantic import model_validator

from core.permits import Role
from registry.types import messages
from registry.types.definition import Definition, Unsound, refuse

_MAY_REQUEST: Final = frozenset({Role.OPERATOR, Role.SEALER})
_MAY_SEAL: Final = frozenset({Role.OPERATOR, Role.SEALER})


class SignsInPerson(StrEnum):
    """Signing of a licence in person, by the officer who carries the request out."""

    NEVER = "never"
    """Nobody signs: the seal stands alone."""
    MAY = "may"
    """The officer may sign."""
    MUST = "must"
    """Without the officer's signature nothing is sealed."""


class DeskRule(Definition):
    """Roles that a licence of the type passes through."""

    requests: tuple[Role, ...] = (Role.OPERATOR,)
    """May ask for a grant, and for changes of what was granted."""
    second_person: bool = False
    """Somebody else must approve what was asked for before it is sealed."""
    seals: tuple[Role, ...] = (Role.SEALER,)
    """May use the seal."""
    signs: SignsInPerson = SignsInPerson.MAY
    """Whether who uses the seal signs with a key of their own, before the seal."""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        refuse(
            Unsound((key,), messages.DESK_ROLES)
            for key, roles, known in (
                ("requests", self.requests, _MAY_REQUEST),
                ("seals", self.seals, _MAY_SEAL),
            )
            if not roles or not set(roles) <= known
        )
        return self
