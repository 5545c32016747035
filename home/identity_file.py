"""`identity.toml` in the home: identity providers, and the roles that their groups give.

A file of its own: who administers identities need not be who runs the service, and its tables are
lists. Without it nobody signs in, and the local operator does everything.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import ConfigurationError
from core.files import read_secret_file
from core.permits import Role
from core.settings import HttpAddress
from home import messages
from identity.addresses import InsecureAddressError, check_address, is_loopback
from identity.tokens.algorithms import JwsAlgorithm

FILE_NAME: Final = "identity.toml"
MAX_FILE_BYTES: Final = 256 * 1024
_ALIAS: Final = r"^[a-z][a-z0-9-]{0,39}$"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProviderTable(_Table):
    """One identity provider, and our client there."""

    alias: str = Field(pattern=_ALIAS)
    """Short name; its redirect address is PUBLIC_URL/issuing/signed-in/ALIAS."""
    label: str = Field(min_length=1, max_length=40)
    """Name on the sign-in page."""
    issuer: str
    """As in its tokens, to the letter."""
    client_id: str = Field(min_length=1, max_length=255)
    client_key_file: Path
    """PEM file with the private key by which we prove ourselves (`private_key_jwt`), mode 0600."""
    client_key_id: str = Field(min_length=1, max_length=255)
    algorithm: JwsAlgorithm
    """By which it signs tokens."""
    scopes: tuple[str, ...] = ("openid", "profile")
    scope: str = Field(default="issuing", min_length=1, max_length=100)
    """That access tokens must have."""
    groups_claim: str = "groups"
    strong_acrs: tuple[str, ...] = ()
    """Values of `acr` that are strong sign-ins, the best first."""
    command_line_client: str | None = None
    """Client id of command lines."""
    enrolment_client: str | None = None
    """Client id for enrolments of officers' keys, which serves nothing else; it has no secret."""
    plain_loopback: bool = False
    """It runs on this machine, by http://."""

    @model_validator(mode="after")
    def _is_secure(self) -> Self:
        try:
            check_address(self.issuer, plain_loopback=self.plain_loopback)
        except InsecureAddressError as error:
            raise ValueError("issuer is an https address") from error
        if "openid" not in self.scopes:
            raise ValueError("scopes hold openid")
        others = ("", self.client_id, self.command_line_client)
        if self.enrolment_client is not None and self.enrolment_client in others:
            raise ValueError("enrolment_client is a client of its own")
        return self


class GroupTable(_Table):
    """A role that members of a group have."""

    provider: str
    """Its alias."""
    group: str = Field(min_length=1, max_length=255)
    role: Role
    authority: str | None = None
    everywhere: bool = False
    """In all authorities, in the place of `authority`."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.authority is None) is not self.everywhere:
            raise ValueError("a group names authority, or everywhere = true")
        return self


def _once(providers: tuple[ProviderTable, ...]) -> tuple[ProviderTable, ...]:
    for key in ("alias", "issuer"):
        values = [getattr(one, key) for one in providers]
        if len(set(values)) != len(values):
            raise ValueError(f"two providers have one {key}")
    return providers


class IdentityFile(_Table):
    """The whole file."""

    public_url: HttpAddress
    """Address of the issuing API as browsers and clients see it."""
    providers: Annotated[tuple[ProviderTable, ...], AfterValidator(_once)] = Field(min_length=1)
    groups: tuple[GroupTable, ...] = ()

    @model_validator(mode="after")
    def _address_is_an_origin(self) -> Self:
        parts = urlsplit(self.public_url)
        if parts.path or (parts.scheme != "https" and not is_loopback(parts.hostname or "")):
            raise ValueError("public_url is https:// and a host, without a path")
        return self

    @model_validator(mode="after")
    def _groups_are_of_providers(self) -> Self:
        known = {one.alias for one in self.providers}
        for one in self.groups:
            if one.provider not in known:
                raise ValueError(f"groups name the provider {one.provider}, which is none")
        return self


def read_identity_file(home: Path) -> IdentityFile | None:
    """Read the file; None where there is none. Raises `ConfigurationError`."""
    path = home / FILE_NAME
    try:
        with path.open("rb") as file:
            mode, data = os.fstat(file.fileno()).st_mode, file.read(MAX_FILE_BYTES + 1)
        if mode & 0o022:
            raise ConfigurationError(messages.identity_file_writable(str(path)))
        if len(data) > MAX_FILE_BYTES:
            raise ConfigurationError(messages.identity_file_malformed(str(path)))
        content = tomllib.loads(data.decode())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigurationError(messages.identity_file_malformed(str(path))) from error
    try:
        return IdentityFile.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(one) for one in first["loc"]) or "-"
        text = messages.identity_setting_wrong(path=str(path), key=where, what=first["msg"])
        raise ConfigurationError(text, key=where) from error


def read_client_key(home: Path, provider: ProviderTable) -> bytes:
    """Read a provider's client key (PEM). Raises `ConfigurationError`."""
    path = provider.client_key_file
    return read_secret_file(path if path.is_absolute() else home / path)
