"""An officer's key and what a server certifies it as: the part of `xinyin enrol` that asks."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from cli.remote import messages
from cli.remote.server import RemoteServer
from core.errors import UnreachableError, UsageError
from identity.oidc.loopback import LoopbackReceiver
from identity.oidc.provider import Provider
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.commitment import Commitment
from keys.model import Signer

SIGNED_IN_WITHIN = 120
"""Seconds: the provider asks anew, unless the person signed in just before."""
_PAUSE = 2.0
_PATIENCE = 90.0
"""Seconds to wait for a CA that is a process of its own."""


@dataclass(frozen=True, slots=True)
class AskedCertificate:
    """A certificate that is asked for."""

    authority_id: str
    profile: str


class EnrolmentRefusedError(UsageError):
    """The server took the enrolment, and did not certify the key."""


def enrol(
    remote: RemoteServer,
    signer: Signer,
    asked: AskedCertificate,
    alias: str | None,
    show: Callable[[str], None],
) -> dict[str, Any]:
    """Sign in for a key and have it certified; return the server's answer.

    `show` is given the address at which a browser signs in. Raises `UsageError` where the server
    has no provider for enrolments, `EnrolmentRefusedError`, and what signing in and asking raise.
    """
    offered = remote.ask_openly("POST", "/enrolment-challenges")
    provider, strong = _chosen(offered, remote, alias)
    commitment = Commitment(
        str(offered["server"]),
        str(offered["challenge"]),
        asked.profile,
        asked.authority_id,
        signer.info.spki,
    )
    if commitment.server != remote.address:
        raise UsageError(messages.server_has_another_name(commitment.server[:200]))
    client = remote.client_of(provider)
    with LoopbackReceiver() as receiver:
        address, pending = client.begin(
            receiver.redirect_uri,
            nonce=commitment.nonce,
            max_age=SIGNED_IN_WITHIN,
            acr_values=strong,
        )
        receiver.expect(pending.state)
        show(address)
        # Its access token is for nobody: bound to a key that is forgotten at once.
        throw_away = ec.generate_private_key(ec.SECP256R1())
        signed_in = client.finish(pending, receiver.wait(), throw_away)
    body = {
        "challenge": commitment.challenge,
        "profile": asked.profile,
        "authority": asked.authority_id,
        "public_key": base64.b64encode(commitment.spki).decode(),
        "possession": base64.b64encode(signer.sign(commitment.statement)).decode(),
        "id_token": signed_in.tokens.id_token,
    }
    return _outcome(remote, remote.ask_openly("POST", "/enrolments", body))


def certificate_of(told: dict[str, Any], spki: bytes) -> x509.Certificate:
    """Return the certificate that was issued, which must be for this key.

    Raises `UnreachableError` for an answer that cannot be used.
    """
    try:
        certificate = x509.load_pem_x509_certificate(str(told["certificate"]).encode())
        key = certificate.public_key()
        theirs = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (KeyError, ValueError) as error:
        raise UnreachableError(messages.CERTIFICATE_UNUSABLE) from error
    if theirs != spki or key != load_der_public_key(spki):
        raise UnreachableError(messages.CERTIFICATE_UNUSABLE)
    return certificate


def _chosen(
    offered: dict[str, Any], remote: RemoteServer, alias: str | None
) -> tuple[Provider, tuple[str, ...]]:
    """Return the provider to sign in at, and the sign-ins that are strong enough there."""
    try:
        found = {str(one["alias"]): one for one in offered["providers"]}
        if not found:
            raise UsageError(messages.NO_ENROLMENT)
        chosen = next(iter(found.values())) if alias is None else found.get(alias)
        if chosen is None:
            known = ", ".join(found)
            raise UsageError(messages.no_such_provider(alias=str(alias)[:40], known=known))
        provider = Provider(
            str(chosen["alias"]),
            str(chosen["issuer"]),
            str(chosen["client_id"]),
            JwsAlgorithm(chosen["algorithm"]),
            None,
            tuple(str(scope) for scope in chosen["scopes"]),
            None,
            remote.is_local,
        )
        return provider, tuple(str(one) for one in chosen["acr_values"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreachableError(messages.answer_unusable(remote.address)) from error


def _outcome(remote: RemoteServer, told: dict[str, Any]) -> dict[str, Any]:
    """Return the answer once it is final; where the CA is another process, after a while."""
    ends = time.monotonic() + _PATIENCE
    while told.get("state") == "REQUESTED" and time.monotonic() < ends:
        time.sleep(_PAUSE)
        told = remote.ask_openly("GET", f"/enrolments/{told['id']}")
    if told.get("state") == "REFUSED":
        raise EnrolmentRefusedError(messages.enrolment_refused(str(told.get("code"))[:64]))
    return told
