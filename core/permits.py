"""Permits: nothing that changes a licence, a certificate, a seal or a CA is written without one.

A permit says that an actor may do one kind of thing, for one authority or for all. It is made in
one place, where the right was checked (`home.permits`; `tests/test_architecture.py` sees to it),
and is never stored. Every write asks whether it fits, so that a right that was checked for one
thing cannot be used for another.
"""

from dataclasses import dataclass
from enum import StrEnum

from core import messages
from core.errors import NotAllowedError


@dataclass(frozen=True, slots=True)
class Actor:
    """Actor of a change: an account, and the authority acted for."""

    name: str
    """`local:<account>` for the operator whom `init` made; (iss, sub) once signed in."""
    authority_id: str | None = None


class Action(StrEnum):
    """Action that a permit allows."""

    GRANT = "licence.grant"
    """Grant, replace, finish or give up licences."""
    CHANGE_LICENCE = "licence.change"
    """Suspend, reinstate, cancel."""
    RENEW_ARCHIVE = "archive.renew"
    MANAGE_AUTHORITY = "authority.manage"
    """Record authorities, licence types and mandates."""
    MANAGE_SEAL = "seal.manage"
    """Make and renew seals."""
    CHANGE_CERTIFICATE = "certificate.change"
    """Revoke, hold, release."""
    ENROL = "certificate.enrol"
    """Certify officers' keys."""
    RUN_SERVICES = "service.run"
    """Certify keys of OCSP responders and time-stamping units."""
    MANAGE_CA = "ca.manage"
    """Found, certify, adopt and retire CAs."""
    MANAGE_TRUST = "trust.manage"
    """Change and sign the trust list."""
    MANAGE_KEY = "key.manage"
    """Retire and destroy keys."""
    HANDLE_COMPROMISE = "seal.compromise"
    """Revoke a stolen seal's certificate, take out of force what it sealed, and seal it anew."""


@dataclass(frozen=True, slots=True)
class Permit:
    """That an actor may do something."""

    actor: Actor
    action: Action
    authority_id: str | None = None
    """For this authority alone; None: for all."""

    def require(self, *actions: Action, authority_id: str | None = None) -> Actor:
        """Return the actor, if this is a permit for one of `actions`.

        `authority_id` is whom the write concerns; None where that is no authority, or unknown:
        a permit for one authority alone does not do then. Raises `NotAllowedError`.
        """
        concerned = self.authority_id is None or self.authority_id == authority_id
        if self.action not in actions or not concerned:
            raise NotAllowedError(messages.PERMISSION_MISSING, action=self.action)
        return self.actor
