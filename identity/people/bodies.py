"""Authorities as far as rights need them: whose parent is who, and who followed whom.

A role in a body reaches what the body inherited: a reorganised body's successor administers what
its predecessor granted. It does not reach the bodies below it, which are legal persons of their own
with seals of their own; only an administrator's does, since somebody has to say who works in a body
that has nobody yet. A role in a body that is no more reaches nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from core.ids import AuthorityId
from core.permits import Role
from identity.people.model import Assignment


@dataclass(frozen=True, slots=True)
class KnownBody:
    """An authority on one civil day."""

    authority_id: AuthorityId
    parent: AuthorityId | None = None
    successor: AuthorityId | None = None
    in_being: bool = True


@dataclass(frozen=True, slots=True)
class Bodies:
    """All authorities, by id."""

    known: dict[AuthorityId, KnownBody] = field(default_factory=dict)

    @classmethod
    def of(cls, bodies: Iterable[KnownBody]) -> "Bodies":
        """Return them by id."""
        return cls({one.authority_id: one for one in bodies})

    def heirs(self, authority_id: AuthorityId) -> Iterator[AuthorityId]:
        """Yield a body and those that followed it, one after the other."""
        yield from self._walk(authority_id, lambda one: one.successor)

    def above(self, authority_id: AuthorityId) -> Iterator[AuthorityId]:
        """Yield the bodies above one, the nearest first."""
        walk = self._walk(authority_id, lambda one: one.parent)
        next(walk, None)
        yield from walk

    def reaches(self, assignment: Assignment, authority_id: AuthorityId | None) -> bool:
        """Tell whether a role reaches an authority; None: what concerns all of them."""
        at = assignment.authority_id
        if at is None:
            return True
        body = self.known.get(at)
        if authority_id is None or body is None or not body.in_being:
            return False
        heirs = list(self.heirs(authority_id))
        if at in heirs:
            return True
        administers = assignment.role is Role.ADMINISTRATOR
        return administers and any(at in self.above(one) for one in heirs)

    def _walk(
        self, start: AuthorityId, step: Callable[[KnownBody], AuthorityId | None]
    ) -> Iterator[AuthorityId]:
        """Yield `start` and all that follows, once each: other hands may have made a circle."""
        seen: set[AuthorityId] = set()
        here: AuthorityId | None = start
        while here is not None and here not in seen and here in self.known:
            seen.add(here)
            yield here
            here = step(self.known[here])
