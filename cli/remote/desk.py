"""Requests at a server, in the words of `xinyin request`."""

import base64
from urllib.parse import quote, urlencode

from cli.remote.server import RemoteServer

JsonObject = dict[str, object]


class RemoteDesk:
    """The desk of a server, for whoever is signed in there."""

    def __init__(self, server: RemoteServer) -> None:
        self._server = server

    def list_requests(self, state: str | None, limit: int) -> list[JsonObject]:
        """Return the requests within reach; raises as `RemoteServer.ask`."""
        query = urlencode({"limit": limit, **({} if state is None else {"state": state})})
        told = self._server.ask("GET", f"/requests?{query}")
        return [_named(one) for one in told["requests"]]

    def show(self, request_id: str) -> JsonObject:
        """Return a request; raises as `RemoteServer.ask`."""
        return _named(self._server.ask("GET", f"/requests/{quote(request_id, safe='')}"))

    def decide(self, request_id: str, what: str, reason: str) -> JsonObject:
        """Approve, reject or withdraw (`approval`, `rejection`, `withdrawal`); raises the same."""
        path = f"/requests/{quote(request_id, safe='')}/{what}"
        return _named(self._server.ask("POST", path, {"reason": reason}))

    def begin_signature(self, request_id: str, certificate: bytes) -> JsonObject:
        """Get what is to be signed; raises as `RemoteServer.ask`."""
        path = f"/requests/{quote(request_id, safe='')}/signature"
        body = {"certificate": base64.b64encode(certificate).decode()}
        told: JsonObject = self._server.ask("POST", path, body)
        return told

    def hand_in(self, request_id: str, value: bytes) -> None:
        """Hand a signature in; raises as `RemoteServer.ask`."""
        path = f"/requests/{quote(request_id, safe='')}/signature"
        self._server.ask("PUT", path, {"value": base64.b64encode(value).decode()})

    def carry_out(self, request_id: str) -> JsonObject:
        """Have a request carried out; return the licence. Raises as `RemoteServer.ask`."""
        path = f"/requests/{quote(request_id, safe='')}/licence"
        told: JsonObject = self._server.ask("POST", path)
        return told


def _named(one: JsonObject) -> JsonObject:
    """Return a request with the names that the command has for it."""
    return {"request": one["id"], **{key: value for key, value in one.items() if key != "id"}}
