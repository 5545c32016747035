"""Certification requests of services (`ca.hierarchy.requests.RequestDesk`), in SQL."""

from datetime import datetime

from sqlalchemy import Row, select, update

from ca.hierarchy.requests import CertificateRequest, RequestState
from ca.profiles.profiles import ProfileKind
from core.ids import IssuerId, KeyId
from core.permits import Actor
from registry.audit import events as audit
from registry.db.conflicts import insert_unless_there
from registry.db.database import Database
from registry.db.tables import certificate_requests

_ACTOR = Actor("service")


class SqlRequestDesk:
    """Requests in the registry's database; each method is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, request: CertificateRequest) -> None:
        """Record a request, or ask again for what was refused; one that is open or issued stays."""
        column = certificate_requests.c
        with self._database.writing() as connection:
            state = connection.execute(
                select(column.state).where(column.request_id == request.request_id)
            ).scalar_one_or_none()
            if state in (RequestState.REQUESTED, RequestState.ISSUED):
                return
            values = {
                "request_id": request.request_id,
                "issuer": request.issuer,
                "profile": request.kind,
                "key_id": request.key_id,
                "csr": request.csr,
                "state": RequestState.REQUESTED,
                "requested_at": request.requested_at,
                "settled_at": None,
                "detail": None,
            }
            if state is None:
                asked = insert_unless_there(connection, certificate_requests, values)
            else:
                again = update(certificate_requests).where(
                    column.request_id == request.request_id, column.state == state
                )
                asked = connection.execute(again.values(values)).rowcount == 1
            if not asked:
                return  # another process has asked at the same moment
            audit.record(
                connection,
                at=request.requested_at,
                actor=_ACTOR,
                action="certificate.requested",
                subject=f"{request.issuer}/{request.kind}",
                after={"key": request.key_id, "spki_sha256": request.request_id},
            )

    def list_open(self) -> list[CertificateRequest]:
        """Return the requests to be decided, oldest first."""
        query = (
            select(certificate_requests)
            .where(certificate_requests.c.state == RequestState.REQUESTED)
            .order_by(certificate_requests.c.requested_at, certificate_requests.c.request_id)
        )
        with self._database.reading() as connection:
            return [_request(row) for row in connection.execute(query)]

    def settle(self, request_id: str, state: RequestState, detail: str, at: datetime) -> None:
        """Record what became of a request; what was issued was recorded by the ledger before."""
        column = certificate_requests.c
        with self._database.writing() as connection:
            row = connection.execute(
                update(certificate_requests)
                .where(column.request_id == request_id, column.state == RequestState.REQUESTED)
                .values(state=state, detail=detail, settled_at=at)
                .returning(column.issuer, column.profile)
            ).one_or_none()
            if row is None or state is not RequestState.REFUSED:
                return
            audit.record(
                connection,
                at=at,
                actor=_ACTOR,
                action="certificate.refused",
                subject=f"{row.issuer}/{row.profile}",
                after={"spki_sha256": request_id, "code": detail},
            )


def _request(row: Row[tuple[object, ...]]) -> CertificateRequest:
    column = row._mapping  # noqa: SLF001  # SQLAlchemy's public accessor, in spite of its name
    return CertificateRequest(
        request_id=column["request_id"],
        issuer=IssuerId(column["issuer"]),
        kind=ProfileKind(column["profile"]),
        key_id=KeyId(column["key_id"]),
        csr=column["csr"],
        state=RequestState(column["state"]),
        requested_at=column["requested_at"],
        settled_at=column["settled_at"],
        detail=column["detail"],
    )
