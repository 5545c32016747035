"""Shapes of the issuing API that others are made of, and those of signing in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from core.permits import Role
from core.text import Text
from identity.people.model import Assignment, IdentityKind, SignInWay
from identity.tokens.algorithms import JwsAlgorithm
from issuing_api.ports import ProviderParts
from registry.desk.rights import CallerStanding


def _printable(value: str) -> str:
    """Refuse characters that hide or turn round: it stays on record for ever."""
    if not value.isprintable():
        raise ValueError("holds characters that do not print")
    return value


Line = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_printable)]


class AskedWire(BaseModel):
    """A body that is sent; a name that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ToldWire(BaseModel):
    """A body that is answered."""

    model_config = ConfigDict(frozen=True)


class BilingualWire(ToldWire):
    """Words in two languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> "BilingualWire":
        """Return the words of a text."""
        return cls(zh=text.zh, en=text.en)


class CommandLineWire(ToldWire):
    """An identity provider by which command lines sign in, as a public client."""

    alias: str
    label: str
    issuer: str
    client_id: str
    algorithm: JwsAlgorithm
    scopes: list[str]
    acr_values: list[str] = Field(description="Sign-ins that are strong, the best first.")


class SignInWire(ToldWire):
    """Ways for a command line to sign in; access tokens are for this service (RFC 8707)."""

    providers: list[CommandLineWire]

    @classmethod
    def of(cls, providers: Mapping[str, ProviderParts]) -> "SignInWire":
        """Describe the providers that have a client for command lines."""
        return cls(
            providers=[
                CommandLineWire(
                    alias=alias,
                    label=one.label,
                    issuer=one.client.provider.issuer,
                    client_id=one.command_line,
                    algorithm=one.client.provider.algorithm,
                    scopes=list(one.client.provider.scopes),
                    acr_values=list(one.strong_acrs),
                )
                for alias, one in providers.items()
                if one.command_line is not None
            ]
        )


class RoleWire(ToldWire):
    """A role in an authority; null: in all."""

    role: Role
    authority: str | None

    @classmethod
    def of(cls, one: Assignment) -> "RoleWire":
        """Return the role of an assignment."""
        return cls(role=one.role, authority=one.authority_id)


class MeWire(ToldWire):
    """The caller, with the roles and reach that they have now."""

    id: str | None
    name: str
    kind: IdentityKind
    issuer: str
    roles: list[RoleWire]
    authorities: list[str] | None = Field(description="Within reach; null: all.")
    auth_time: datetime | None
    acr: str | None
    way: SignInWay = Field(description="How they signed in; break_glass: say so on every page.")

    @classmethod
    def of(cls, standing: CallerStanding) -> "MeWire":
        """Describe the caller to themselves."""
        identity, reach = standing.identity, standing.reach.authorities
        return cls(
            id=identity.identity_id,
            name=identity.name,
            kind=identity.kind,
            issuer=identity.pin.iss,
            roles=[RoleWire.of(one) for one in standing.assignments],
            authorities=None if reach is None else sorted(reach),
            auth_time=identity.auth_time,
            acr=identity.acr,
            way=identity.way,
        )
