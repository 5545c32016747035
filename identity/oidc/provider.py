"""Providers as the configuration names them, and what they publish of themselves.

OpenID Connect Discovery 1.0, RFC 8414. Published settings are kept for an hour; while the provider
is away, for a day.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.clock import Monotonic
from core.errors import UnreachableError
from core.web import client
from identity.addresses import InsecureAddressError, check_address
from identity.oidc import messages
from identity.oidc.errors import ProviderUnfitError, ProviderUnreachableError
from identity.published import KeepingTimes, PublishedDocument
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.jose import SigningKey
from identity.tokens.refusals import TokenRefusedError
from identity.tokens.strict import read_object

_TIMES: Final = KeepingTimes(max_age=60 * 60, max_stale=24 * 60 * 60, pause=10, max_wait=5)
MAX_BYTES: Final = 64 * 1024
_OK = 200


@dataclass(frozen=True, slots=True)
class ClientKey:
    """Key by which a client proves itself to the provider (`private_key_jwt`, RFC 7523)."""

    key: SigningKey
    key_id: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and our client there, as the configuration names them."""

    alias: str
    """Our short name; in redirect addresses, so that no two providers share one (RFC 9700 4.4)."""
    issuer: str
    """To the letter as in `iss`."""
    client_id: str
    algorithm: JwsAlgorithm
    """By which it signs tokens."""
    client_key: ClientKey | None = None
    """None: a public client (RFC 8252), as a command line is."""
    scopes: tuple[str, ...] = ("openid", "profile")
    resource: str | None = None
    """For which access tokens are asked (RFC 8707)."""
    plain_loopback: bool = False
    """It is on this machine, by http://."""


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """Published settings of a provider, checked."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    device_endpoint: str | None
    end_session_endpoint: str | None
    revocation_endpoint: str | None
    names_itself: bool
    """Its answers to the browser hold `iss` (RFC 9207)."""


def read_metadata(data: bytes, provider: Provider) -> ProviderMetadata:
    """Read published settings. Raises `ProviderUnfitError`."""
    try:
        told = read_object(data)
    except TokenRefusedError as error:
        raise ProviderUnfitError(messages.SETTINGS_MALFORMED) from error
    # 1. It is who we meant (Discovery 4.3): else another's keys would be believed.
    if told.get("issuer") != provider.issuer:
        raise ProviderUnfitError(messages.issuer_differs(provider.issuer))
    # 2. It can do what we rely on; what is not listed is taken as it is (RFC 8414 2).
    _need(told, "id_token_signing_alg_values_supported", provider.algorithm)
    _need(told, "code_challenge_methods_supported", "S256")
    _need(told, "response_types_supported", "code")
    if provider.client_key is not None:
        _need(told, "token_endpoint_auth_methods_supported", "private_key_jwt")
    return ProviderMetadata(
        _required(told, "authorization_endpoint", provider),
        _required(told, "token_endpoint", provider),
        _required(told, "jwks_uri", provider),
        _address(told, "device_authorization_endpoint", provider),
        _address(told, "end_session_endpoint", provider),
        _address(told, "revocation_endpoint", provider),
        told.get("authorization_response_iss_parameter_supported") is True,
    )


def _need(told: Mapping[str, object], name: str, value: str) -> None:
    listed = told.get(name)
    if listed is not None and not (isinstance(listed, list) and value in listed):
        raise ProviderUnfitError(messages.setting_lacks(name, value))


def _required(told: Mapping[str, object], name: str, provider: Provider) -> str:
    address = _address(told, name, provider)
    if address is None:
        raise ProviderUnfitError(messages.setting_missing(name))
    return address


def _address(told: Mapping[str, object], name: str, provider: Provider) -> str | None:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ProviderUnfitError(messages.setting_missing(name))
    try:
        return check_address(value, plain_loopback=provider.plain_loopback)
    except InsecureAddressError as error:
        raise ProviderUnfitError(messages.setting_insecure(name)) from error


class PublishedSettings:
    """Settings of one provider, for all threads of a process; fetched when first needed."""

    def __init__(self, provider: Provider, *, monotonic: Monotonic = time.monotonic) -> None:
        """Take the provider. Raises `InsecureAddressError`."""
        check_address(provider.issuer, plain_loopback=provider.plain_loopback)
        self._provider = provider
        self._published = PublishedDocument(self._fetch, _TIMES, monotonic)

    def get(self) -> ProviderMetadata:
        """Return the settings. Raises `ProviderUnreachableError`, `ProviderUnfitError`."""
        found = self._published.get()
        if found is None:
            raise ProviderUnreachableError(messages.provider_unreachable(self._provider.issuer))
        return found

    def _fetch(self) -> ProviderMetadata | None:
        address = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            answer = client.ask("GET", address, limit=MAX_BYTES)
        except UnreachableError:
            return None
        return read_metadata(answer.body, self._provider) if answer.status == _OK else None
