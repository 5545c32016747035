"""`identity.toml` in the home: identity providers, and the roles that their groups give.

A file of its own: who administers identities need not be who runs the service, and its tables are
lists. Without it nobody signs in, and the local operator does everything.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import ConfigurationError
from core.files import read_secret_file, write_atomically
from core.os_errors import cause_zh
from core.permits import Role
from core.setting_faults import BrokenRuleError
from core.settings import HttpAddress, Proxies
from home.identity import messages
from home.identity.faults import no_toml, wrong_setting
from identity.accounts.model import BREAK_GLASS_ALIAS, LOCAL_ALIAS
from identity.addresses import InsecureAddressError, check_address, is_loopback, origin_of
from identity.tokens.algorithms import JwsAlgorithm
from issuing_api.ports import SubjectAttribute
from registry.desk.providers.reconciling import SHARE_PER_CENT

FILE_NAME: Final = "identity.toml"
MAX_FILE_BYTES: Final = 256 * 1024
_OWN_ALIASES: Final = frozenset({LOCAL_ALIAS, BREAK_GLASS_ALIAS})
_ALIAS: Final = r"^[a-z][a-z0-9-]{0,39}$"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScimTable(_Table):
    """The client by which a provider records and disables its people (SCIM 2.0)."""

    client: str = Field(min_length=1, max_length=255)
    """Its client id; no other client's token will do."""
    subject: SubjectAttribute = SubjectAttribute.EXTERNAL_ID
    """Attribute that is `sub` in the provider's tokens."""
    scope: str = Field(default="scim", min_length=1, max_length=100)
    """That its access tokens must have."""


class EventsTable(_Table):
    """Security event tokens of a provider."""

    audience: str | None = Field(default=None, min_length=1, max_length=255)
    """Ours in them; `client_id` if left out."""
    poll: str | None = None
    """Address at which they are fetched (RFC 8936); pushed ones (RFC 8935) are taken as well."""
    poll_scope: str | None = Field(default=None, min_length=1, max_length=255)
    """To be asked for the access token for that."""


class DirectoryTable(_Table):
    """SCIM service of a provider, for the reconcile."""

    address: str
    """Without `/Users`."""
    subject: Literal["id", "externalId", "userName"] = "id"
    """Attribute that is `sub` in the provider's tokens."""
    scope: str | None = Field(default=None, min_length=1, max_length=255)
    """To be asked for the access token for that."""
    filter: str | None = Field(default=None, min_length=1, max_length=1000)
    """SCIM filter for those who may work here; who does not fit is disabled."""
    most: int = Field(default=SHARE_PER_CENT, ge=1, le=100)
    """Per cent of those in use that reconciles may disable within a day (three always)."""


class ProviderTable(_Table):
    """One identity provider, and our client there."""

    alias: str = Field(pattern=_ALIAS)
    """Short name; its redirect address is PUBLIC_URL/issuing/signed-in/ALIAS."""
    label: str = Field(min_length=1, max_length=40)
    """Name on the sign-in page."""
    issuer: str
    """As in its tokens, to the letter."""
    client_id: str = Field(min_length=1, max_length=255)
    client_key: str | None = Field(default=None, pattern=r"^custody:[a-z0-9][a-z0-9-]{0,62}$")
    """Key in custody by which we prove ourselves (`private_key_jwt`): `custody:` and its name."""
    client_key_file: Path | None = None
    """PEM file with it, mode 0600, in the place of custody."""
    client_key_id: str | None = Field(default=None, min_length=1, max_length=255)
    """As registered with the provider (`kid`); of a key in custody, its name unless said here."""
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
    scim: ScimTable | None = None
    events: EventsTable | None = None
    directory: DirectoryTable | None = None

    @model_validator(mode="after")
    def _is_secure(self) -> Self:
        try:
            check_address(self.issuer, plain_loopback=self.plain_loopback)
        except InsecureAddressError as error:
            raise BrokenRuleError(messages.HTTPS_NEEDED, "issuer") from error
        if self.scim is not None and self.scim.client in {self.client_id, self.command_line_client}:
            raise BrokenRuleError(messages.CLIENT_OF_ITS_OWN, "scim", "client")
        more = {
            "events.poll": None if self.events is None else self.events.poll,
            "directory.address": None if self.directory is None else self.directory.address,
        }
        for name, address in more.items():
            try:
                check_address(address or self.issuer, plain_loopback=self.plain_loopback)
            except InsecureAddressError as error:
                raise BrokenRuleError(messages.HTTPS_NEEDED, *name.split(".")) from error
        if "openid" not in self.scopes:
            raise BrokenRuleError(messages.OPENID_NEEDED, "scopes")
        others = ("", self.client_id, self.command_line_client)
        if self.enrolment_client is not None and self.enrolment_client in others:
            raise BrokenRuleError(messages.CLIENT_OF_ITS_OWN, "enrolment_client")
        return self

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if (self.client_key is None) is (self.client_key_file is None):
            raise BrokenRuleError(messages.ONE_CLIENT_KEY, "client_key")
        if self.client_key is None and self.client_key_id is None:
            raise BrokenRuleError(messages.KEY_ID_NEEDED, "client_key_id")
        return self

    @property
    def custody_name(self) -> str | None:
        """Name of the key in custody."""
        return None if self.client_key is None else self.client_key.removeprefix("custody:")

    @property
    def key_id(self) -> str:
        """The `kid` by which the provider knows our key."""
        return self.client_key_id or self.custody_name or ""


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
            raise BrokenRuleError(messages.GROUP_SAYS_WHERE, "authority")
        return self


class LocalTable(_Table):
    """Accounts of this machine, for a home without a provider."""

    accounts: bool = True
    beyond_this_machine: bool = False
    """Also for people at other machines: nothing but this service then stands behind them."""


def _once(providers: tuple[ProviderTable, ...]) -> tuple[ProviderTable, ...]:
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(providers):
        if one.alias in _OWN_ALIASES:
            raise BrokenRuleError(messages.ALIAS_OF_OUR_OWN, number, "alias")
        for key, value in (("alias", one.alias), ("issuer", one.issuer)):
            if (key, value) in seen:
                raise BrokenRuleError(messages.TWO_PROVIDERS, number, key)
            seen.add((key, value))
    return providers


class IdentityFile(_Table):
    """The whole file."""

    public_url: Annotated[HttpAddress, AfterValidator(origin_of)]
    """Address of the issuing API as browsers and clients see it."""
    providers: Annotated[tuple[ProviderTable, ...], AfterValidator(_once)] = ()
    local: LocalTable | None = None
    groups: tuple[GroupTable, ...] = ()
    certificate_proxies: Proxies = ()
    """Addresses or networks of proxies that terminate TLS and say by `Client-Cert` (RFC 9440) which
    certificate their client showed; they must take that header from what clients send."""

    @model_validator(mode="after")
    def _address_is_an_origin(self) -> Self:
        parts = urlsplit(self.public_url)
        if parts.path or (parts.scheme != "https" and not is_loopback(parts.hostname or "")):
            raise BrokenRuleError(messages.NO_ORIGIN, "public_url")
        return self

    @model_validator(mode="after")
    def _somebody_can_sign_in(self) -> Self:
        if not self.providers and not self.has_accounts:
            raise BrokenRuleError(messages.NOBODY_CAN_SIGN_IN, "providers")
        return self

    @model_validator(mode="after")
    def _local_stays_local(self) -> Self:
        near = is_loopback(urlsplit(self.public_url).hostname or "")
        if self.has_accounts and not near and not self.accounts_beyond_this_machine:
            raise BrokenRuleError(messages.LOCAL_STAYS_LOCAL, "local", "beyond_this_machine")
        return self

    @property
    def has_accounts(self) -> bool:
        """Tell whether local accounts sign in."""
        return self.local is not None and self.local.accounts

    @property
    def accounts_beyond_this_machine(self) -> bool:
        """Tell whether people at other machines sign in by them."""
        return self.local is not None and self.local.beyond_this_machine

    @model_validator(mode="after")
    def _groups_are_of_providers(self) -> Self:
        known = {one.alias for one in self.providers}
        for number, one in enumerate(self.groups):
            if one.provider not in known:
                raise BrokenRuleError(messages.NO_SUCH_PROVIDER, "groups", number, "provider")
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
            raise ConfigurationError(messages.identity_file_too_large(str(path), MAX_FILE_BYTES))
        text = data.decode()
        content = tomllib.loads(text)
    except FileNotFoundError:
        return None
    except OSError as error:
        told = messages.identity_file_unreadable(
            path=str(path), cause_zh=cause_zh(error), strerror=error.strerror
        )
        raise ConfigurationError(told) from error
    except ValueError as error:
        raise no_toml(path, error) from error
    return _validated(path, content, text)


def _validated(path: Path, content: dict[str, Any], text: str) -> IdentityFile:
    try:
        return IdentityFile.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise wrong_setting(path, text, first) from error


def let_local_accounts_in(home: Path, public_url: str) -> IdentityFile:
    """Return the file; make one that lets local accounts in where there is none.

    Raises `ConfigurationError`, and leaves nothing behind then.
    """
    path = home / FILE_NAME
    if (found := read_identity_file(home)) is not None:
        return found
    made = _validated(path, {"public_url": public_url, "local": {"accounts": True}}, "")
    text = f'public_url = "{made.public_url}"\n\n[local]\naccounts = true\n'
    write_atomically(path, text.encode(), mode=0o600)
    return made


def read_client_key(home: Path, provider: ProviderTable) -> bytes:
    """Read a provider's client key (PEM). Raises `ConfigurationError`."""
    path = provider.client_key_file
    assert path is not None
    return read_secret_file(path if path.is_absolute() else home / path)
