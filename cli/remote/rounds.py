"""Calls of the issuing API for documents that several seal."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from cli.remote.server import V1, RemoteServer

JsonObject = dict[str, Any]
_MOST_FILE = 64 * 1024 * 1024


def quoted(part: str) -> str:
    """Return a part of an address."""
    return quote(part, safe="")


def pages(server: RemoteServer, path: str | None, what: str) -> Iterator[JsonObject]:
    """Yield the items of a server's list, page after page."""
    while path is not None:
        told = server.ask("GET", path)
        yield from told[what]
        following = told.get("next")
        path = None if following is None else str(following).removeprefix(V1)


class RemoteRounds:
    """Documents that several seal, at a server."""

    def __init__(self, server: RemoteServer) -> None:
        self._server = server

    def listed(self, of: str) -> list[JsonObject]:
        """Return documents that several seal: `awaiting`, `issued` or `settled`."""
        return list(pages(self._server, f"/countersigning?of={of}", "documents"))

    def find(self, identifier: str) -> JsonObject:
        """Return a document that several seal, with its round."""
        told: JsonObject = self._server.ask("GET", f"/countersigning/{quoted(identifier)}")
        return told

    def file(self, identifier: str) -> bytes:
        """Return its newest file."""
        return self._server.fetch(f"/countersigning/{quoted(identifier)}/file", _MOST_FILE)

    def ask(self, identifier: str, authority: str | None, key: str) -> JsonObject:
        """Ask for an authority's seal on it."""
        path = f"/countersigning/{quoted(identifier)}/request"
        headers = {"Idempotency-Key": key}
        made: JsonObject = self._server.ask("POST", path, {"authority": authority}, headers)
        return made

    def refuse(self, identifier: str, body: JsonObject) -> JsonObject:
        """Refuse to seal it."""
        path = f"/countersigning/{quoted(identifier)}/refusal"
        told: JsonObject = self._server.ask("POST", path, body)
        return told

    def move_day(self, identifier: str, day: str, reason: str) -> JsonObject:
        """Move its last day."""
        path = f"/countersigning/{quoted(identifier)}/deadline"
        told: JsonObject = self._server.ask("PUT", path, {"deadline": day, "reason": reason})
        return told

    def take_in(self, identifier: str, data: bytes) -> JsonObject:
        """Hand in what was signed elsewhere."""
        path = f"/documents/signed-files?{urlencode({'document': identifier})}"
        told: JsonObject = self._server.hand_in(path, data, "application/pdf", {})
        return told
