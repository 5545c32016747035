"""Security events that providers push (RFC 8935) or keep for us (RFC 8936): judged, kept, done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from core.clock import Clock
from core.errors import XinyinError
from core.web.access_log import note
from identity.oidc.deliveries import Deliveries, DeliveryFault
from identity.tokens.happenings import happenings_of
from identity.tokens.jose import MAX_TOKEN
from identity.tokens.refusals import Refusal, TokenRefusedError
from identity.tokens.security_event import SecurityEvent
from issuing_api.ports import SignInParts
from registry.desk.providers.inbox import Inbox, UnnotedReplays

MEDIA_TYPE: Final = "application/secevent+jwt"
MAX_BODY: Final = MAX_TOKEN
_CODES: Final[Mapping[Refusal, str]] = {
    # RFC 8935 2.4; everything else is `invalid_request`.
    Refusal.WRONG_ISSUER: "invalid_issuer",
    Refusal.NO_AUDIENCE: "invalid_audience",
    Refusal.WRONG_AUDIENCE: "invalid_audience",
    Refusal.FOREIGN_AUDIENCE: "invalid_audience",
    Refusal.NO_KEY_ID: "invalid_key",
    Refusal.UNKNOWN_KEY: "invalid_key",
    Refusal.BAD_KEY: "invalid_key",
    Refusal.WEAK_KEY: "invalid_key",
    Refusal.WRONG_KEY_TYPE: "invalid_key",
    Refusal.WRONG_KEY_USE: "invalid_key",
    Refusal.WRONG_KEY_ALGORITHM: "invalid_key",
    Refusal.BAD_SIGNATURE: "authentication_failed",
}


@dataclass(frozen=True, slots=True)
class Events:
    """Receiver of the events of all providers."""

    parts: SignInParts
    inbox: Inbox
    clock: Clock

    def pushed(self, request_scope: Scope, alias: str, body: bytes) -> Response:
        """Answer a transmitter that pushes a token: 202 once it is on record.

        What it ends has ended by then, unless that failed: a duty does it then.
        """
        try:
            token = self._verified(alias, body.decode("ascii", "replace"))
        except TokenRefusedError as error:
            note(request_scope, error.reason)
            self.inbox.count("-", "refused")
            return _refused(fault_of(error))
        digest = self.inbox.keep(alias, token, happenings_of(token), self.clock.now())
        if digest is not None:
            self._carry_out(digest)
        return Response(status_code=202, headers={"Cache-Control": "no-store"})

    def poll(self, alias: str, deliveries: Deliveries) -> None:
        """Take what waits at a provider; raises as `Deliveries.take`."""

        def keep(token_id: str, text: str) -> DeliveryFault | None:
            try:
                token = self._verified(alias, text)
            except TokenRefusedError as error:
                self.inbox.count("-", "refused")
                return fault_of(error)
            if token.token_id != token_id:  # RFC 8936 2.4: it is named by its own id
                self.inbox.count("-", "refused")
                return DeliveryFault("invalid_request", "jti")
            digest = self.inbox.keep(alias, token, happenings_of(token), self.clock.now())
            if digest is not None:
                self._carry_out(digest)
            return None

        deliveries.take(keep)

    def _verified(self, alias: str, text: str) -> SecurityEvent:
        profile = self.parts.providers[alias].event_profile(UnnotedReplays())
        return profile.verify(text, self.clock.now())

    def _carry_out(self, digest: str) -> None:
        try:
            self.inbox.carry_out(digest)
        except XinyinError:
            return  # it is on record and was logged: a duty carries it out


def fault_of(error: TokenRefusedError) -> DeliveryFault:
    """Return the error to tell a transmitter (RFC 8935 2.4)."""
    return DeliveryFault(_CODES.get(error.reason, "invalid_request"), error.reason.clause.en)


def wrong_media_type() -> Response:
    """Return the answer to something that is declared to be no security event token."""
    return _refused(DeliveryFault("invalid_request", MEDIA_TYPE))


def too_large() -> Response:
    """Return the answer to something that is longer than any token."""
    return _refused(DeliveryFault("invalid_request", Refusal.TOO_LONG.clause.en))


def unknown_transmitter() -> Response:
    """Return the answer to a transmitter from which no events are taken."""
    return _refused(DeliveryFault("access_denied", "no events are taken from it"))


def _refused(fault: DeliveryFault) -> Response:
    body = {"err": fault.error, "description": fault.description}
    headers = {"Content-Language": "en", "Cache-Control": "no-store"}
    return JSONResponse(body, 400, headers=headers)
