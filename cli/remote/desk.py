"""Requests, batches, jobs and licences at a server, in the words of the commands."""

import base64
import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from cli.remote.rounds import RemoteRounds, pages
from cli.remote.server import V1, RemoteServer, ServerRefusedError
from registry.accession.container import MAX_PACKAGE
from registry.desk.exports.parts import MOST_SIZE

JsonObject = dict[str, Any]
_PAGE = 500
_VERSIONS = 50
"""Licences of one number that are looked at."""
_GONE = ("REPLACED", "CANCELLED", "VOID")
"""States in which a version no longer holds its number."""
_PAUSE = 2.0
_MOST_FILE = 64 * 1024 * 1024


class RemoteDesk:
    """The desk of a server, for whoever is signed in there; each call raises as
    `RemoteServer.ask`.
    """

    def __init__(self, server: RemoteServer) -> None:
        self._server = server

    def list_requests(self, state: str | None, limit: int) -> list[JsonObject]:
        """Return the requests within reach, the oldest first."""
        return [_named(one, "request") for one in self._listed("requests", limit, state=state)]

    def show(self, request_id: str, *, content: bool = False) -> JsonObject:
        """Return a request, with what it asks for if that is wanted."""
        path = f"/requests/{_quoted(request_id)}{'/content' if content else ''}"
        return _named(self._server.ask("GET", path), "request")

    def ask(self, body: JsonObject, key: str) -> JsonObject:
        """Ask for a licence."""
        headers = {"Idempotency-Key": key}
        return _named(self._server.ask("POST", "/requests", body, headers), "request")

    def decide(self, request_id: str, what: str, reason: str) -> JsonObject:
        """Approve, reject, withdraw or close (`approval`, `rejection`, `withdrawal`, `closing`)."""
        path = f"/requests/{_quoted(request_id)}/{what}"
        return _named(self._server.ask("POST", path, {"reason": reason}), "request")

    def carry_out(self, request_id: str) -> JsonObject:
        """Grant or change what a request asks for; return the licence."""
        told: JsonObject = self._server.ask("POST", f"/requests/{_quoted(request_id)}/licence")
        return told

    def begin_signature(self, request_id: str, certificate: bytes) -> JsonObject:
        """Get what is to be signed; raises as `RemoteServer.ask`."""
        path = f"/requests/{_quoted(request_id)}/signature"
        body = {"certificate": base64.b64encode(certificate).decode()}
        told: JsonObject = self._server.ask("POST", path, body)
        return told

    def hand_in(self, request_id: str, value: bytes) -> None:
        """Hand a signature in; raises as `RemoteServer.ask`."""
        path = f"/requests/{_quoted(request_id)}/signature"
        self._server.ask("PUT", path, {"value": base64.b64encode(value).decode()})

    def begin_job(self, request_id: str) -> JsonObject:
        """Begin the job of a batch."""
        path = f"/requests/{_quoted(request_id)}/job"
        return _named(self._server.ask("POST", path), "job")

    def check_batch(self, body: JsonObject) -> JsonObject:
        """Return the counts of a sheet's rows, by their kind."""
        told: JsonObject = self._server.ask("POST", "/batches/check", body)
        return told

    def ask_batch(self, body: JsonObject, key: str) -> JsonObject:
        """Ask for the rows of a sheet."""
        headers = {"Idempotency-Key": key}
        return _named(self._server.ask("POST", "/batches", body, headers), "request")

    def list_jobs(self, state: str | None, limit: int) -> list[JsonObject]:
        """Return the jobs within reach, the oldest first."""
        return [_named(one, "job") for one in self._listed("jobs", limit, state=state)]

    def job(self, job_id: str) -> tuple[JsonObject, float]:
        """Return a job, and the seconds until it is worth asking again."""
        told, headers = self._server.ask_whole("GET", f"/jobs/{_quoted(job_id)}")
        after = headers.get("retry-after", "")[:6]
        return _named(told, "job"), float(after) if after.isdecimal() else _PAUSE

    def cancel_job(self, job_id: str, reason: str) -> JsonObject:
        """Cancel what is left of a job."""
        path = f"/jobs/{_quoted(job_id)}/cancellation"
        return _named(self._server.ask("POST", path, {"reason": reason}), "job")

    def pause_job(self, job_id: str) -> JsonObject:
        """Let a job rest until somebody goes on with it."""
        return _named(self._server.ask("POST", f"/jobs/{_quoted(job_id)}/pause"), "job")

    def go_on(self, job_id: str) -> JsonObject:
        """Go on with a job that stopped, or with the rows that failed."""
        return _named(self._server.ask("POST", f"/jobs/{_quoted(job_id)}/resumption"), "job")

    def job_rows(self, job_id: str, state: str) -> Iterator[JsonObject]:
        """Yield the rows of a job that are in a state."""
        path = f"/jobs/{_quoted(job_id)}/rows?{urlencode({'state': state, 'limit': _PAGE})}"
        yield from self._pages(path, "rows")

    def licences(self, filters: Mapping[str, str | None], limit: int) -> list[JsonObject]:
        """Return licences within reach, the oldest first."""
        return self._listed("licences", limit, **filters)

    def search(self, filters: Mapping[str, str], limit: int) -> list[JsonObject]:
        """Return the licences within reach that are searched for, the newest first."""
        return self._listed("search", limit, "licences", **filters)

    def ask_export(self, asked: JsonObject, key: str) -> JsonObject:
        """Ask for an export of all that a search finds."""
        headers = {"Idempotency-Key": key}
        return _named(self._server.ask("POST", "/exports", asked, headers), "export")

    def exports(self) -> list[JsonObject]:
        """Return the exports of whoever is signed in, the newest first."""
        return [_named(one, "export") for one in self._server.ask("GET", "/exports")["exports"]]

    def export(self, export_id: str) -> tuple[JsonObject, float]:
        """Return an export, and the seconds until it is worth asking again."""
        told, headers = self._server.ask_whole("GET", f"/exports/{_quoted(export_id)}")
        after = headers.get("retry-after", "")[:6]
        return _named(told, "export"), float(after) if after.isdecimal() else _PAUSE

    def cancel_export(self, export_id: str) -> JsonObject:
        """Cancel an export, or delete its file."""
        path = f"/exports/{_quoted(export_id)}/cancellation"
        return _named(self._server.ask("POST", path), "export")

    def fetch_export(self, export_id: str, out: BinaryIO) -> None:
        """Write the file of an export."""
        self._server.download(f"/exports/{_quoted(export_id)}/file", out, MOST_SIZE)

    def statistics(self, asked: Sequence[tuple[str, str]]) -> list[JsonObject]:
        """Return counts of the licences within reach, a row for each group; without names."""
        told = self._server.ask("GET", f"/statistics?{urlencode(asked)}")
        nameless = {"authority_name": None, "type_name": None}
        return [
            {**nameless, **{k: v for k, v in one.items() if k != "counts"}, **one["counts"]}
            for one in told["rows"]
        ]

    def seals(self) -> list[JsonObject]:
        """Return the seals within reach."""
        return list(self._pages("/seals?limit=500", "seals"))

    def seal(self, seal_id: str) -> JsonObject:
        """Return a seal."""
        told: JsonObject = self._server.ask("GET", f"/seals/{_quoted(seal_id)}")
        return told

    def seal_uses(self, seal_id: str, bounds: Mapping[str, str], limit: int) -> list[JsonObject]:
        """Return the uses of a seal, the newest first."""
        return self._listed(f"seals/{_quoted(seal_id)}/uses", limit, "uses", **bounds)

    def seal_status(self, seal_id: str | None, licence: str | None, at: str | None) -> JsonObject:
        """Return how a seal stood at a moment, or when a licence was sealed."""
        if licence is not None:
            identifier = _quoted(str(self.licence(licence)["identifier"]))
            path = f"/licences/{identifier}/seal-status"
        else:
            query = "" if at is None else f"?{urlencode({'at': at})}"
            path = f"/seals/{_quoted(str(seal_id))}/status{query}"
        told: JsonObject = self._server.ask("GET", path)
        return told

    def expiring(self, within: int, type_code: str | None, limit: int) -> list[JsonObject]:
        """Return licences within reach that are about to expire, the soonest first."""
        chosen = {} if type_code is None else {"type": type_code}
        query = urlencode({"limit": min(limit, _PAGE), "within": within, **chosen})
        pages = self._pages(f"/licences/expiring?{query}", "licences")
        return list(itertools.islice(pages, limit))

    def licence(self, named: str) -> JsonObject:
        """Return a licence by its identifier, or by its printed number: the version that holds it,
        or the only one that did.
        """
        if "." not in named:
            found = self.licences({"number": named}, _VERSIONS)
            holding = [one for one in found if one["state"] not in _GONE]
            for some in (holding, found):
                if len(some) == 1:
                    return some[0]
        told: JsonObject = self._server.ask("GET", f"/licences/{_quoted(named)}")
        return told

    def matters(self, after: str, limit: int) -> list[JsonObject]:
        """Return matters by code, those that follow `after`."""
        return self._listed("matters", limit, cursor=after or None)

    def matter(self, code: str, holder: str | None) -> JsonObject:
        """Return a matter; with `holder`, the licences alone that such a holder may have."""
        query = {"code": code} | ({} if holder is None else {"holder": holder})
        told: JsonObject = self._server.ask("GET", f"/matters?{urlencode(query)}")["matters"][0]
        return told

    def licence_at(self, identifier: str, at: str) -> JsonObject:
        """Return a licence as it stood at an instant."""
        path = f"/licences/{_quoted(identifier)}?{urlencode({'at': at})}"
        told: JsonObject = self._server.ask("GET", path)
        return told

    def change(self, identifier: str, body: JsonObject) -> JsonObject:
        """Change a licence's state at once."""
        path = f"/licences/{_quoted(identifier)}/changes"
        told: JsonObject = self._server.ask("POST", path, body)
        return told

    def ask_change(self, identifier: str, body: JsonObject, key: str) -> JsonObject:
        """Ask for a change that a second person decides."""
        path = f"/licences/{_quoted(identifier)}/change-requests"
        headers = {"Idempotency-Key": key}
        return _named(self._server.ask("POST", path, body, headers), "request")

    def grant_version(self, identifier: str, body: JsonObject, key: str) -> JsonObject:
        """Grant a new version of a licence at once."""
        path = f"/licences/{_quoted(identifier)}/versions"
        told: JsonObject = self._server.ask("POST", path, body, {"Idempotency-Key": key})
        return told

    def ask_version(self, identifier: str, body: JsonObject, key: str) -> JsonObject:
        """Ask for a new version that a second person decides."""
        path = f"/licences/{_quoted(identifier)}/version-requests"
        headers = {"Idempotency-Key": key}
        return _named(self._server.ask("POST", path, body, headers), "request")

    def document(self, identifier: str) -> bytes:
        """Return a licence's document."""
        return self._server.fetch(f"/licences/{_quoted(identifier)}/document")

    def ask_correction(self, body: JsonObject, key: str) -> JsonObject:
        """Ask for a correction of a licence that is named by identifier, number or link."""
        named = str(body["licence"])
        if "/" not in named and "." not in named:
            body = {**body, "licence": self.licence(named)["identifier"]}
        headers = {"Idempotency-Key": key}
        told: JsonObject = self._server.ask("POST", "/corrections", body, headers)
        return told

    def list_corrections(self, state: str | None, limit: int, *, overdue: bool) -> list[JsonObject]:
        """Return requests for corrections within reach, the oldest first."""
        late = "true" if overdue else None
        return self._listed("corrections", limit, state=state, overdue=late)

    def correction(self, correction_id: str) -> JsonObject:
        """Return a request for a correction."""
        told: JsonObject = self._server.ask("GET", f"/corrections/{_quoted(correction_id)}")
        return told

    def correction_evidence(self, correction_id: str, number: int) -> bytes:
        """Return an evidence file of a request for a correction."""
        return self._server.fetch(f"/corrections/{_quoted(correction_id)}/evidence/{number}")

    def decide_correction(self, correction_id: str, decision: str, reason: str) -> JsonObject:
        """Accept, refuse, withdraw or extend."""
        path = f"/corrections/{_quoted(correction_id)}/decision"
        body = {"decision": decision, "reason": reason}
        told: JsonObject = self._server.ask("POST", path, body)
        return told

    def archive_package(self, identifier: str) -> bytes:
        """Return a licence's package for an archive."""
        path = f"/licences/{_quoted(identifier)}/archive-package"
        return self._server.fetch(path, MAX_PACKAGE)

    def _listed(
        self, what: str, limit: int, named: str | None = None, **filters: str | None
    ) -> list[JsonObject]:
        chosen = {key: value for key, value in filters.items() if value is not None}
        query = urlencode({"limit": min(limit, _PAGE), **chosen})
        found: list[JsonObject] = []
        for one in self._pages(f"/{what}?{query}", named or what):
            found.append(one)
            if len(found) == limit:
                break
        return found

    def _pages(self, path: str, what: str) -> Iterator[JsonObject]:
        return pages(self._server, path, what)

    def begin_draft(self, type_name: str, authority: str | None) -> JsonObject:
        """Begin a draft of documents."""
        body = {"type": type_name, "authority": authority}
        return _named(self._server.ask("POST", "/documents/drafts", body), "draft")

    def give_up_draft(self, draft_id: str) -> None:
        """Delete a draft; one that is gone, or was asked for, is left alone."""
        with contextlib.suppress(ServerRefusedError):
            self._server.ask("DELETE", f"/documents/drafts/{_quoted(draft_id)}")

    def hand_in_document(self, draft_id: str, data: bytes, name: str, *, clean: bool) -> JsonObject:
        """Hand a file in; raises `ServerRefusedError` with what must not be sealed."""
        query = urlencode({"draft": draft_id, "clean": "true" if clean else "false"})
        said = {"Content-Disposition": f"attachment; filename*=UTF-8''{_quoted(name)}.pdf"}
        path = f"/documents/files?{query}"
        told: JsonObject = self._server.hand_in(path, data, "application/pdf", said)
        return told

    def choose_terms(self, draft_id: str, body: JsonObject) -> None:
        """Say how the files of a draft are sealed."""
        self._server.ask("PUT", f"/documents/drafts/{_quoted(draft_id)}/terms", body)

    def sample(self, draft_id: str) -> JsonObject:
        """Return a sample, with the code that is agreed to."""
        path = f"/documents/drafts/{_quoted(draft_id)}/sample"
        told: JsonObject = self._server.ask("GET", path)
        return told

    def picture(self, address: str) -> bytes:
        """Return a picture by the address that a sample names."""
        return self._server.fetch(address.removeprefix(V1))

    def ask_documents(self, draft_id: str, code: str, key: str) -> JsonObject:
        """Ask for what a sample showed."""
        path = f"/documents/drafts/{_quoted(draft_id)}/request"
        headers = {"Idempotency-Key": key}
        return _named(self._server.ask("POST", path, {"code": code}, headers), "request")

    def documents(self, filters: Mapping[str, str | None], limit: int) -> list[JsonObject]:
        """Return documents within reach, the newest first."""
        return self._listed("documents", limit, **filters)

    def document_record(self, identifier: str) -> JsonObject:
        """Return a document."""
        told: JsonObject = self._server.ask("GET", f"/documents/{_quoted(identifier)}")
        return told

    def document_file(self, identifier: str) -> bytes:
        """Return a document's sealed file."""
        return self._server.fetch(f"/documents/{_quoted(identifier)}/file", _MOST_FILE)

    def cancel_document(self, identifier: str, body: JsonObject) -> JsonObject:
        """Repeal, withdraw or annul a document."""
        path = f"/documents/{_quoted(identifier)}/cancellation"
        told: JsonObject = self._server.ask("POST", path, body)
        return told

    @property
    def rounds(self) -> RemoteRounds:
        """Documents that several seal."""
        return RemoteRounds(self._server)

    def make_seal(self, request_id: str) -> JsonObject:
        """Make the seal of an approved request; raises as `RemoteServer.ask`."""
        told: JsonObject = self._server.ask("POST", f"/requests/{quote(request_id, safe='')}/seal")
        return told


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _named(one: JsonObject, name: str) -> JsonObject:
    """Return a record with the name that the command has for its id."""
    return {name: one["id"], **{key: value for key, value in one.items() if key != "id"}}
