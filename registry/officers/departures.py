"""Leaving, as it is asked for and as it is reported; and what lives elsewhere and ends with it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from core.errors import XinyinError
from core.ids import AuthorityId, IdentityId


class LeavingKind(StrEnum):
    """Kind of leaving."""

    DISABLED = "disabled"
    LEFT_AUTHORITY = "left"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Departure:
    """An identity's leaving, as it is asked for."""

    identity_id: IdentityId
    kind: LeavingKind
    why: str
    authority_id: AuthorityId | None = None
    """With LEFT_AUTHORITY: which."""
    merged_into: IdentityId | None = None
    """With MERGED: whom."""
    issuer: str | None = None
    """With the permit of a provider: its own; anybody else's identity is not found."""


class EndsElsewhere(Protocol):
    """Something outside the register that ends with an identity; ending it again ends nothing."""

    @property
    def name(self) -> str:
        """Name in reports: `sessions`, `refresh tokens`."""
        ...

    def end(self, departure: Departure, identities_ended: Sequence[IdentityId]) -> int:
        """End what is theirs; return how much there was."""
        ...


@dataclass(slots=True)
class LeavingReport:
    """Report of what ended."""

    identities_ended: list[IdentityId] = field(default_factory=list)
    """The one that left and the systems that it owns, ended now or before."""
    roles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    reopened: list[str] = field(default_factory=list)
    """Requests that they had approved, and that wait for another's decision now."""
    jobs: list[str] = field(default_factory=list)
    """Batches that were stopped; another may go on with them."""
    revoked: list[str] = field(default_factory=list)
    """Certificates, as issuer/serial."""
    unrevoked: list[str] = field(default_factory=list)
    """Certificates that this process could not revoke; whoever has the CA's key does it later."""
    last_administrator: bool = False
    """Nobody else administers all authorities by a role on record now."""
    run_out: list[str] = field(default_factory=list)
    """Certificates that cannot be revoked and run out by themselves."""
    elsewhere: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """Things still to be ended, with the code of the error: call again."""

    @property
    def complete(self) -> bool:
        """True if nothing is left to be ended."""
        return not self.failed

    @property
    def complete_here(self) -> bool:
        """True if nothing is left but certificates to be revoked, which let nobody act."""
        return self.failed.keys() <= set(self.unrevoked)

    @contextmanager
    def noting(self, name: str) -> Iterator[None]:
        """Note an error under a name instead of raising it: the rest must end all the same."""
        try:
            yield
        except XinyinError as error:
            self.failed[name] = error.code
