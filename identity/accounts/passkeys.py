"""Passkeys (WebAuthn Level 3): what a browser is asked, and what its answers are worth.

Every answer is to a challenge of ours that serves once, from a page of ours, with the person
verified by the authenticator (PIN or biometrics): two factors in one step. Attestation is not asked
for: which make of authenticator somebody has is nothing that this service decides by.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from identity.accounts.errors import PasskeyRefusedError
from identity.accounts.model import Account, Passkey

TIME_TO_ANSWER: Final = timedelta(minutes=5)
MAX_ANSWER: Final = 32 * 1024
"""Octets; an answer with attestation has 1 to 4 KB."""
MOST: Final = 10
"""Passkeys of one account."""
_CHALLENGE_OCTETS: Final = 32
_MAX_CREDENTIAL_ID: Final = 1023
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_UNFIT = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""Errors of the library for answers that are none; it parses CBOR and JSON of strangers."""


@dataclass(frozen=True, slots=True)
class Site:
    """Our pages, as authenticators know them."""

    origin: str
    """Scheme, host and port."""
    name: str

    @property
    def rp_id(self) -> str:
        """Host, to which passkeys are bound."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class AuthenticatorQuestion:
    """Question to a browser's authenticator."""

    options: str
    """JSON for the page's script."""
    challenge: bytes


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def ask_for_new(site: Site, account: Account, existing: list[Passkey]) -> AuthenticatorQuestion:
    """Return the question by which a browser makes a passkey."""
    challenge = secrets.token_bytes(_CHALLENGE_OCTETS)
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_id=account.sub.encode(),
        user_name=account.login,
        user_display_name=account.name,
        challenge=challenge,
        timeout=_milliseconds(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(one.credential_id) for one in existing],
        supported_pub_key_algs=_ALGORITHMS,
    )
    return AuthenticatorQuestion(options_to_json(options), challenge)


def ask_for_proof(site: Site) -> AuthenticatorQuestion:
    """Return the question by which a browser signs somebody in; it names nobody."""
    challenge = secrets.token_bytes(_CHALLENGE_OCTETS)
    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge,
        timeout=_milliseconds(),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return AuthenticatorQuestion(options_to_json(options), challenge)


def check_made(site: Site, answer: dict[str, Any], challenge: bytes) -> NewPasskey:
    """Return the passkey that a browser made. Raises `PasskeyRefusedError`."""
    try:
        made = verify_registration_response(
            credential=json.dumps(answer),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
    except _UNFIT as error:
        raise PasskeyRefusedError(type(error).__name__) from error
    if not 1 <= len(made.credential_id) <= _MAX_CREDENTIAL_ID:  # WebAuthn 4, Credential ID
        raise PasskeyRefusedError("credential_id")
    return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count)


def named_credential(answer: dict[str, Any]) -> bytes:
    """Return the id of the passkey that an answer names. Raises `PasskeyRefusedError`."""
    named = answer.get("rawId")
    if not isinstance(named, str) or not named.isascii() or len(named) > 2 * _MAX_CREDENTIAL_ID:
        raise PasskeyRefusedError("rawId")
    try:
        return base64url_to_bytes(named)
    except ValueError as error:
        raise PasskeyRefusedError("rawId") from error


def check_proof(site: Site, answer: dict[str, Any], challenge: bytes, passkey: Passkey) -> int:
    """Return the counter of an answer that proves a passkey. Raises `PasskeyRefusedError`.

    Whether the counter may be so is for whoever keeps it: `may_follow`.
    """
    handle = answer.get("response", {})
    handle = handle.get("userHandle") if isinstance(handle, dict) else None
    try:
        if not isinstance(handle, str) or base64url_to_bytes(handle) != passkey.sub.encode():
            raise PasskeyRefusedError("userHandle")
        proof = verify_authentication_response(
            credential=json.dumps(answer),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _UNFIT as error:
        raise PasskeyRefusedError(type(error).__name__) from error
    return proof.new_sign_count


def may_follow(before: int, now: int) -> bool:
    """Tell whether a counter may follow the one before (WebAuthn 7.2 step 22).

    It grows with every use, or stays 0 for good where the authenticator has none; else there are
    two of the authenticator.
    """
    return now > before or (before == 0 and now == 0)


def _milliseconds() -> int:
    return int(TIME_TO_ANSWER.total_seconds() * 1000)
