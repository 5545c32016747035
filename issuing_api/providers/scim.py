"""SCIM 2.0 (RFC 7644) for the provisioning client of each provider, below `/issuing/scim/v2`.

Authenticated as every other caller: an access token bound to the client's key, with a proof for
each request. It sees and changes the people of its own issuer alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scim2_models import SCIMException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.web.access_log import note
from core.web.request_errors import TooLargeError
from identity.addresses import public_address
from identity.people.model import Pin
from issuing_api.callers import Callers
from issuing_api.ports import SignInParts, SubjectAttribute
from issuing_api.providers import messages
from issuing_api.providers.scim_bodies import MAX_BODY, without_unkept
from issuing_api.providers.scim_filters import refuse_monster
from issuing_api.providers.scim_model import PREFIX, offer
from issuing_api.providers.scim_storage import ProvisionedPeople
from registry.desk.providers.provisioning import Provisioning

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Scim:
    """The SCIM service of all providers that have a client for it."""

    parts: SignInParts
    callers: Callers
    open_people: Callable[[str, Pin, str], Provisioning]
    """People of a provider's alias and the issuer, for a client (`id:`)."""
    services: Mapping[SubjectAttribute, ScimService]

    def answer(self, request: Request, path: str, body: bytes) -> Response:
        """Answer a request; raises as `Callers.provisioner`, and `TooLargeError`."""
        alias, caller = self.callers.provisioner(request)
        client = self.parts.providers[alias].provisioning
        assert client is not None
        service = self.services[client.subject]
        who = caller.identity.actor_name or ""
        storage = ProvisionedPeople(
            self.open_people(alias, caller.identity.pin, who), client.subject
        )
        try:
            told = self._handled(request, path, body, ScimHandler(service, storage))
        except SCIMException as error:
            note(request.scope, f"scim_{error.status}")
            told = service.error_response(error)
        headers = {"Cache-Control": "no-store", **told.headers}
        if told.body is None:
            return Response(status_code=told.status, headers=headers)
        return JSONResponse(told.body, told.status, headers=headers)

    def _handled(
        self, request: Request, path: str, body: bytes, handler: ScimHandler
    ) -> ScimResponse:
        method, query = request.method, dict(request.query_params)
        headers = dict(request.headers.items())
        if len(body) > MAX_BODY:
            raise TooLargeError(messages.scim_too_large(MAX_BODY))
        refuse_monster(query.get("filter", ""))
        if method in _WITH_BODY:
            kept = without_unkept(method, path, body)
            if kept is None:  # nothing of it is kept here: they stay as they are
                method, body, headers = "GET", b"", {}
            else:
                body = kept
        asked = ScimRequest(
            method,
            public_address(self.parts.public_url, PREFIX),
            f"/{path}",
            query,
            headers,
            body,
        )
        return handler.handle(asked)


def services() -> Mapping[SubjectAttribute, ScimService]:
    """Return the protocol's part, which knows no provider."""
    return {one: ScimService(offer(one)) for one in SubjectAttribute}
