"""Tokens without a browser: device code (RFC 8628), refresh, revocation (RFC 7009)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from core.clock import Clock
from identity.addresses import InsecureAddressError, check_address
from identity.oidc import messages
from identity.oidc.errors import (
    ProviderRefusedError,
    ProviderUnfitError,
    ProviderUnreachableError,
    SignInFailedError,
    SignInPendingError,
)
from identity.oidc.sign_in import SignedIn, SignInClient
from identity.oidc.token_endpoint import TokenSet
from identity.tokens.id_token import SignInRequest
from identity.tokens.jose import SigningKey

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
MAX_DEVICE_SECONDS: Final = 30 * 60
MAX_INTERVAL: Final = 60
SLOWER: Final = 5
"""Seconds that `slow_down` adds (RFC 8628 3.5)."""
_MAX_USER_CODE: Final = 40


@dataclass(slots=True)
class DeviceSignIn:
    """A sign-in that a person finishes on another device."""

    user_code: str
    """To be typed there."""
    address: str
    """Where."""
    whole_address: str | None
    """The same with the code in it, for a QR code."""
    ends_at: datetime
    interval: float
    """Seconds between two questions."""
    device_code: str = field(repr=False)


def begin_device(client: SignInClient, clock: Clock) -> DeviceSignIn:
    """Begin a sign-in on another device.

    Raises `ProviderUnfitError` where the provider offers none, and as `TokenEndpoint.post`.
    """
    provider, metadata = client.provider, client.metadata
    if metadata.device_endpoint is None:
        raise ProviderUnfitError(messages.NO_DEVICE_SIGN_IN)
    form = {"scope": " ".join(provider.scopes)}
    if provider.resource is not None:
        form["resource"] = provider.resource
    told = client.endpoint.post(metadata.device_endpoint, form)
    device_code, user_code = told.get("device_code"), told.get("user_code")
    seconds, interval = told.get("expires_in"), told.get("interval", SLOWER)
    address, whole = told.get("verification_uri"), told.get("verification_uri_complete")
    if (
        not isinstance(device_code, str)
        or not isinstance(user_code, str)
        or not 0 < len(user_code) <= _MAX_USER_CODE
        or not user_code.isprintable()
        or not isinstance(address, str)
        or not isinstance(seconds, int)
        or not isinstance(interval, int)
        or not 0 < interval <= MAX_DEVICE_SECONDS
    ):
        raise ProviderUnreachableError(messages.answer_unusable(provider.issuer))
    try:
        check_address(address, plain_loopback=provider.plain_loopback)
        if isinstance(whole, str):
            check_address(whole, plain_loopback=provider.plain_loopback)
    except InsecureAddressError as error:
        raise ProviderUnreachableError(messages.answer_unusable(provider.issuer)) from error
    return DeviceSignIn(
        user_code,
        address,
        whole if isinstance(whole, str) else None,
        clock.now() + timedelta(seconds=min(seconds, MAX_DEVICE_SECONDS)),
        interval,
        device_code,
    )


def ask_device(
    client: SignInClient, device: DeviceSignIn, clock: Clock, proof_key: SigningKey | None = None
) -> SignedIn:
    """Ask once whether the person has finished.

    Raises `SignInPendingError` until then (wait `device.interval` seconds, which may have grown),
    `SignInFailedError` when it was declined or is too late, and as `SignInClient.finish`. The
    ID token carries no nonce: it says who signed in, and serves no enrolment.
    """
    if clock.now() >= device.ends_at:
        raise SignInFailedError(messages.SIGN_IN_TOO_LATE)
    form = {"grant_type": DEVICE_GRANT, "device_code": device.device_code}
    try:
        tokens = client.endpoint.ask_tokens(client.metadata.token_endpoint, form, proof_key)
    except ProviderRefusedError as error:
        raise _device_error(device, error) from error
    except ProviderUnreachableError as error:
        device.interval = min(device.interval * 2, MAX_INTERVAL)  # RFC 8628 3.5, at the end
        raise SignInPendingError(messages.SIGN_IN_PENDING) from error
    request = SignInRequest(None, tokens.access_token)
    return SignedIn(client.provider.alias, client.verified(tokens, request), tokens)


def _device_error(
    device: DeviceSignIn, error: ProviderRefusedError
) -> SignInPendingError | SignInFailedError | ProviderRefusedError:
    match error.details["error"]:
        case "authorization_pending":
            return SignInPendingError(messages.SIGN_IN_PENDING)
        case "slow_down":
            device.interval += SLOWER
            return SignInPendingError(messages.SIGN_IN_PENDING)
        case "access_denied":
            return SignInFailedError(messages.SIGN_IN_DECLINED)
        case "expired_token":
            return SignInFailedError(messages.SIGN_IN_TOO_LATE)
        case _:
            return error


def refreshed(
    client: SignInClient, tokens: TokenSet, proof_key: SigningKey | None = None
) -> TokenSet:
    """Return new tokens for old ones; the refresh token may be another one now (RFC 9700 4.14).

    Raises `SignInFailedError` where nobody can be asked for but the person, and as
    `TokenEndpoint.ask_tokens`.
    """
    if tokens.refresh_token is None:
        raise SignInFailedError(messages.SIGN_IN_ENDED)
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    if client.provider.resource is not None:
        form["resource"] = client.provider.resource
    try:
        new = client.endpoint.ask_tokens(client.metadata.token_endpoint, form, proof_key)
    except ProviderRefusedError as error:
        if error.details["error"] == "invalid_grant":
            raise SignInFailedError(messages.SIGN_IN_ENDED) from error
        raise
    return TokenSet(
        new.access_token,
        new.expires_at,
        new.bound,
        new.refresh_token or tokens.refresh_token,
        new.id_token or tokens.id_token,
        new.scope,
    )


def revoke(client: SignInClient, tokens: TokenSet) -> bool:
    """Take tokens back at the provider (RFC 7009); False where it offers no such thing.

    Raises as `TokenEndpoint.post`.
    """
    address = client.metadata.revocation_endpoint
    if address is None:
        return False
    token = tokens.refresh_token or tokens.access_token
    kind = "refresh_token" if tokens.refresh_token else "access_token"
    client.endpoint.post(address, {"token": token, "token_type_hint": kind})
    return True
