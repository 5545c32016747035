"""Parts that the issuing API is given: providers, sessions, people on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from identity.accounts.break_glass import BreakGlass
from identity.accounts.sign_in import LocalSignIn
from identity.oidc.sign_in import SignInClient
from identity.people.model import Identity
from identity.sessions.sessions import Sessions
from identity.tokens.access_token import AccessTokenProfile
from identity.tokens.logout_token import LogoutTokenProfile
from identity.tokens.replay import ReplayMemory
from identity.tokens.security_event import SecurityEventProfile


@dataclass(frozen=True, slots=True)
class ProviderParts:
    """One provider: whom it vouches for, and by which tokens."""

    client: SignInClient
    label: str
    """How the sign-in page calls it."""
    command_line: str | None
    """Client id of command lines; None: they cannot sign in by it. Its tokens alone speak for
    people: those of any other client are a system's, whatever their subject."""
    scope: str = "issuing"
    """That access tokens must have."""
    groups_claim: str = "groups"
    strong_acrs: tuple[str, ...] = ()
    """Sign-ins that are strong, the best first (RFC 9470)."""
    event_audience: str | None = None
    """Ours in its security event tokens; None: none are taken from it."""
    provisioning: "ProvisioningClient | None" = None
    """Who records and ends its people by SCIM; None: nobody."""

    def access_profile(self, audience: str) -> AccessTokenProfile:
        """Rules for its access tokens to us; raises as `SignInClient.metadata`."""
        return AccessTokenProfile(self.client.profile.issuer, audience)

    def logout_profile(self, replays: ReplayMemory) -> LogoutTokenProfile:
        """Rules for its logout tokens; raises as `SignInClient.metadata`."""
        profile = self.client.profile
        return LogoutTokenProfile(profile.issuer, profile.client_id, replays)

    def event_profile(self, replays: ReplayMemory) -> SecurityEventProfile:
        """Rules for its security event tokens to us; raises as `SignInClient.metadata`."""
        assert self.event_audience is not None
        return SecurityEventProfile(self.client.profile.issuer, self.event_audience, replays)


@dataclass(frozen=True, slots=True)
class ProvisioningClient:
    """The client of a provider that records and ends its people by SCIM."""

    client_id: str
    scope: str
    subject: "SubjectAttribute"


class SubjectAttribute(StrEnum):
    """Attribute of a SCIM user that is `sub` in the provider's tokens."""

    EXTERNAL_ID = "externalId"
    USER_NAME = "userName"


class People(Protocol):
    """People and systems that the register knows."""

    def recognise(self, identity: Identity, *, signs_in: bool = False) -> Identity:
        """Return the identity with its id in the register.

        Raises `NotAllowedError` for one that was disabled, or that nobody knows.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalParts:
    """Accounts of this machine."""

    sign_in: LocalSignIn
    beyond_this_machine: bool = False
    """Also for people at other machines."""


@dataclass(frozen=True, slots=True)
class SignInParts:
    """All that sign-in needs."""

    public_url: str
    """Of this service, without a slash at the end."""
    providers: Mapping[str, ProviderParts]
    """By alias."""
    sessions: Sessions
    people: People
    replays: ReplayMemory
    """Of proofs and logout tokens, for all workers."""
    local: LocalParts | None = None
    """None: without local accounts."""
    break_glass: BreakGlass | None = None
    """The way in for an emergency."""
    certificate_proxies: tuple[str, ...] = ()
    """Those whose `Client-Cert` (RFC 9440) counts as their client's certificate."""
