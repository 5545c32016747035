"""Certificates for keys in the home's store: officers' and those of receipts."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca.profiles.profiles import ProfileKind
from core.errors import UsageError
from core.ids import AuthorityId, KeyId
from core.permits import Permit
from home.use_cases import messages
from home.wiring import Home
from keys.life import KeyState
from keys.model import KeyNotFoundError, KeyPurpose
from keys.words import PURPOSES

OWN_PURPOSES = {
    ProfileKind.OFFICER: KeyPurpose.OFFICER,
    ProfileKind.OFFICER_SHORT: KeyPurpose.OFFICER,
    ProfileKind.RECEIPT: KeyPurpose.RECEIPT,
}
"""Profiles that are certified at an operator's word, with what their keys are for."""


_ENDED = frozenset({KeyState.RETIRED, KeyState.DESTROYED})


def certify_own_key(  # noqa: PLR0917  # each of another type
    home: Home,
    kind: ProfileKind,
    subject: x509.Name,
    key_id: KeyId,
    owner: AuthorityId | None,
    permit: Permit,
) -> x509.Certificate:
    """Certify a key of the home, made now unless it is there; it is `owner`'s from then on.

    Raises `UsageError` for a key that is for something else, and what `Certifier.certify` raises.
    """
    purpose = OWN_PURPOSES[kind]
    home.hierarchy.authority  # noqa: B018  # opened first: a wrong passphrase must make no key
    try:
        info = home.keys.find(key_id)
    except KeyNotFoundError:
        info = home.keys.generate(key_id, purpose, home.profiles[kind].algorithm)
    if info.purpose is not purpose:
        raise UsageError(
            messages.key_purpose_mismatch(
                key_id=key_id, purpose_label=PURPOSES[info.purpose], purpose=info.purpose
            ),
        )
    record = home.key_register.find(key_id)
    if record is not None and record.state in _ENDED:
        raise UsageError(messages.key_left_use(key_id))
    key = load_der_public_key(info.spki)
    certificate = home.certifier.certify(kind, subject, key, permit)  # type: ignore[arg-type]
    if owner is not None:
        home.key_register.assign(key_id, owner, permit)
    return certificate
