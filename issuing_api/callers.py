"""Authentication of callers: by a session's cookie, or by an access token with its proof.

A bearer token alone is worth nothing here: whoever saw it once could use it (RFC 9449 1). It is
bound to a key by DPoP, or to the client certificate of its connection (RFC 8705).
"""

from dataclasses import dataclass

from starlette.requests import Request

from core.clock import Clock
from core.errors import NotAllowedError
from core.web.peers import client_certificate
from identity.accounts.model import way_of
from identity.addresses import public_address
from identity.people.model import Identity, IdentityKind, Pin, SignInWay
from identity.people.told import MAX_NAME, groups_of, name_of
from identity.sessions.browser import SESSION_COOKIE, is_from_own_page, read_cookie
from identity.sessions.sessions import Session
from identity.tokens.access_token import AccessToken, Confirmation
from identity.tokens.algorithms import JwsAlgorithm
from identity.tokens.dpop import DpopProfile, ProvedRequest
from identity.tokens.jose import unverified_issuer
from issuing_api import messages
from issuing_api.errors import ForgedRequestError, NotSignedInError
from issuing_api.ports import ProviderParts, SignInParts

FORM_TOKEN = "form_token"  # noqa: S105  # name of a field
"""Field of every form of ours (CSRF)."""
PROOF_ALGORITHM = JwsAlgorithm.ES256
"""Of proofs: what every client has; RFC 9449 5.1 lets a server name it."""
CHALLENGE = 'DPoP algs="ES256"'
"""Of an answer to who is not signed in (RFC 9110 11.6.1)."""
_BY_PROOF, _BY_CERTIFICATE = "dpop", "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is signed in."""

    identity: Identity
    session: Session | None = None
    """None: by an access token."""


class Callers:
    """Authenticates callers."""

    def __init__(self, parts: SignInParts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock
        self._by_issuer = {one.client.provider.issuer: one for one in parts.providers.values()}

    def require(self, request: Request) -> Caller:
        """Return the caller. Raises `NotSignedInError`, `TokenRefusedError`, `NotAllowedError`.

        A change by a browser must come from a page of ours: raises `ForgedRequestError`.
        """
        caller = self.find(request)
        if caller is None:
            raise NotSignedInError(messages.NOT_SIGNED_IN)
        if caller.session is not None and not self.is_ours(request):
            raise ForgedRequestError(messages.forged_request(self._parts.public_url))
        return caller

    def is_ours(self, request: Request) -> bool:
        """Tell whether a page of ours sent a request, where it changes something."""
        return is_from_own_page(request.method, request.headers, [self._parts.public_url])

    def find(self, request: Request) -> Caller | None:
        """Return the caller; None where nobody is signed in. Raises as `require`."""
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return self._by_token(request, authorization)
        cookie = read_cookie(request.headers.get("cookie", ""), SESSION_COOKIE)
        session = None if cookie is None else self._parts.sessions.find(cookie)
        if session is None:
            return None
        return Caller(self._parts.people.recognise(identity_of_session(session)), session)

    def look(self, request: Request) -> None:
        """See from the headers alone that somebody is signed in, before their body is read.

        What a proof proves is left to `require`: it serves once. Raises `NotSignedInError`,
        `TokenRefusedError`.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            self._read_token(authorization.partition(" ")[2].strip())
            return
        cookie = read_cookie(request.headers.get("cookie", ""), SESSION_COOKIE)
        if cookie is None or self._parts.sessions.find(cookie) is None:
            raise NotSignedInError(messages.NOT_SIGNED_IN)

    def provisioner(self, request: Request) -> tuple[str, Caller]:
        """Return the client that provisions people, with its provider's alias.

        By its token alone, with a scope of its own: what it may do, no other client may, and it may
        do nothing else. Raises as `require`.
        """
        authorization = request.headers.get("authorization")
        if authorization is None:
            raise NotSignedInError(messages.PROOF_NEEDED)
        caller = self._by_token(request, authorization, provisions=True)
        return self._by_issuer[caller.identity.pin.iss].client.provider.alias, caller

    def _by_token(
        self, request: Request, authorization: str, *, provisions: bool = False
    ) -> Caller:
        scheme, _, rest = authorization.partition(" ")
        proofs, by_proof = request.headers.getlist("dpop"), scheme.lower() == _BY_PROOF
        if not (by_proof and len(proofs) == 1) and scheme.lower() != _BY_CERTIFICATE:
            raise NotSignedInError(messages.PROOF_NEEDED)
        token, now = rest.strip(), self._clock.now()
        # 1. The token, by the rules of the issuer that it names.
        provider, access = self._read_token(token)
        bound = access.confirmation or Confirmation()
        if (bound.thumbprint if by_proof else bound.certificate_digest) is None:
            raise NotSignedInError(messages.PROOF_NEEDED)
        scope = provider.scope
        if provisions:
            allowed = provider.provisioning
            if allowed is None or access.client_id != allowed.client_id:
                raise NotAllowedError(messages.NO_PROVISIONING)
            scope = allowed.scope
        if scope not in access.scopes:
            raise NotSignedInError(messages.scope_missing(scope))
        # 2. Every key that it is bound to: the certificate of the connection (RFC 8705 3) ...
        bound.check_certificate(client_certificate(request, self._parts.certificate_proxies))
        # ... and the proof: this request, this token, this key, now, once.
        if bound.thumbprint is not None:
            if len(proofs) != 1:
                raise NotSignedInError(messages.PROOF_NEEDED)
            profile = DpopProfile(PROOF_ALGORITHM, self._parts.replays)
            address = public_address(self._parts.public_url, request.url.path)
            proved = ProvedRequest(request.method, address, token, bound.thumbprint)
            profile.verify(proofs[0], proved, now)
        # 3. Whom it speaks for.
        identity = identity_of_token(access, provider)
        return Caller(self._parts.people.recognise(identity))

    def _read_token(self, token: str) -> tuple[ProviderParts, AccessToken]:
        """Return whose token it is, and what it says. Raises as `look`."""
        provider = self._by_issuer.get(unverified_issuer(token))
        if provider is None:
            raise NotSignedInError(messages.TOKEN_OF_UNKNOWN_ISSUER)
        verified = provider.access_profile(self._parts.public_url).verify(token, self._clock.now())
        return provider, verified


def identity_of_session(session: Session) -> Identity:
    """Return whom a session is of.

    The emergency's is fresh for the hour that it lasts: nobody can sign in by it a second time.
    """
    way = way_of(session.issuer)
    emergency = way is SignInWay.BREAK_GLASS
    return Identity(
        Pin(session.issuer, session.subject),
        IdentityKind.PERSON,
        session.name,
        way,
        groups=frozenset(session.groups),
        acr=session.acr,
        auth_time=session.seen_at if emergency else session.auth_time,
    )


def identity_of_token(access: AccessToken, provider: ProviderParts) -> Identity:
    """Return whom an access token speaks for: a person where our command line asked for it, else
    the system whose client did, which must be on record with its owner.

    By subject and client alone they cannot be told apart: some providers give a client's own
    account a subject of its own.
    """
    person = access.client_id == provider.command_line
    return Identity(
        Pin(access.issuer, access.subject),
        IdentityKind.PERSON if person else IdentityKind.SERVICE,
        name_of(access.claims.get("name")) or access.subject[:MAX_NAME],
        SignInWay.DEVICE if person else SignInWay.CLIENT,
        groups=frozenset(groups_of(access.claims.get(provider.groups_claim))),
        acr=access.acr,
        auth_time=access.auth_time,
        issued_at=access.issued_at,
    )
