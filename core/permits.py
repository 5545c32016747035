"""Permits: nothing that changes a licence, a certificate, a seal or a CA is written without one.

A permit says that an actor may do one kind of thing, for one authority or for all. It is made in
one place, where the right was checked (`identity.people.permits`; `tests/test_architecture.py` sees
to it), and is never stored. Every write asks whether it fits, so that a right that was checked for
one thing cannot be used for another.
"""

from dataclasses import dataclass
from enum import StrEnum

from core import messages
from core.errors import NotAllowedError
from core.ids import AuthorityId


@dataclass(frozen=True, slots=True)
class Actor:
    """Actor of a change: an account, and the authority acted for."""

    name: str
    """`local:<account>` for the operator whom `init` made, `id:<identity>` for who signed in,
    `role:<role>` for a role of `serve` that runs apart, `provider:<alias>` for what an identity
    provider tells of."""
    authority_id: str | None = None


class Action(StrEnum):
    """Action that a permit allows."""

    GRANT = "licence.grant"
    """Grant, replace, finish or give up licences."""
    CHANGE_LICENCE = "licence.change"
    """Suspend, reinstate, cancel."""
    RENEW_ARCHIVE = "archive.renew"
    ASK_CORRECTION = "correction.ask"
    """Ask for a correction of a licence, for a holder or for an office that found an error."""
    DECIDE_CORRECTION = "correction.decide"
    """Accept or refuse what was asked to be corrected, or give it more time."""
    EXPORT_ARCHIVE = "archive.export"
    """Write packages for an electronic archive, which hold all that is on record of a licence."""
    ERASE_LICENCE = "licence.erase"
    """Erase for good what licences that have ended say of their holders; keep one from that."""
    TAKE_OVER = "licence.take_over"
    """Record licences that were granted elsewhere, or on paper."""
    MANAGE_AUTHORITY = "authority.manage"
    """Record authorities, licence types and mandates."""
    MANAGE_SEAL = "seal.manage"
    """Make and renew seals."""
    CHANGE_CERTIFICATE = "certificate.change"
    """Revoke, hold, release."""
    ENROL = "certificate.enrol"
    """Certify officers' keys."""
    ENROL_OWN = "certificate.own"
    """Have a key of one's own certified."""
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
    REQUEST = "request.make"
    """Ask for what a second person decides; withdraw what one asked for."""
    DECIDE = "request.decide"
    """Approve or reject what somebody else asked for."""
    CONFIRM = "request.confirm"
    """Approve or reject a request for a seal, or for an officer's certificate."""
    MANAGE_OFFICERS = "officer.manage"
    """Record identities, give and end roles, end identities."""
    PROVISION = "officer.provision"
    """Record identities of one provider's, and end them as that provider says."""
    READ = "record.read"
    """See records of an authority; what else is there is not found."""


class Role(StrEnum):
    """Role of an identity in an authority, or in all; `identity.people.rules` says what it may."""

    OPERATOR = "operator"
    """Prepares: asks for grants and changes of licences."""
    APPROVER = "approver"
    """Decides on what others ask for."""
    SEALER = "sealer"
    """Uses the authority's seals: grants what was asked for."""
    REGISTRAR = "registrar"
    """Keeps officers' and seals' certificates."""
    AUDITOR = "auditor"
    """Reads and changes nothing; in all authorities, a supervisor."""
    ADMINISTRATOR = "administrator"
    """Says who has which role; in all authorities, keeps the CA and the trust list too."""


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


@dataclass(frozen=True, slots=True)
class Reach:
    """Authorities whose records a caller may see; everything else is not found."""

    authorities: frozenset[AuthorityId] | None = frozenset()
    """None: all."""
    supervises: bool = False
    """Sees them as a supervisor, or in an emergency: each reading is recorded."""

    def includes(self, authority_id: AuthorityId | None) -> bool:
        """Tell whether a record of an authority is in reach; of no authority: for all alone."""
        return self.authorities is None or authority_id in self.authorities


EVERYTHING = Reach(None)
"""Reach of the local operator and of what is no person."""
