"""The contract of the desk of certificate requests, in memory and in SQL on both engines."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ca.hierarchy.requests import CertificateRequest, RequestDesk, RequestState
from ca.profiles.profiles import ProfileKind
from core.ids import IssuerId, KeyId
from registry.db.database import Database
from registry.ledger.certificate_requests import SqlRequestDesk
from tests.ca.request_desk import MemoryRequestDesk
from tests.databases import KINDS, empty_database

AT = datetime(2026, 3, 1, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
REQUEST = CertificateRequest(
    request_id="b" * 64,
    issuer=IssuerId("issuing-1"),
    kind=ProfileKind.TSA,
    key_id=KeyId("tsa-2"),
    csr=b"csr",
    state=RequestState.REQUESTED,
    requested_at=AT,
)


@pytest.fixture(params=("memory", *KINDS))
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RequestDesk]:
    if request.param == "memory":
        yield MemoryRequestDesk()
        return
    with empty_database(request.param, request, tmp_path) as url:
        database = Database(url)
        yield SqlRequestDesk(database)
        database.close()


def test_what_is_open_is_listed_oldest_first(desk: RequestDesk) -> None:
    assert desk.list_open() == []
    late = replace(REQUEST, request_id="a" * 64, requested_at=LATER)
    for one in (late, REQUEST):
        desk.submit(one)
    assert desk.list_open() == [REQUEST, late]


def test_an_open_request_stays_as_it_is(desk: RequestDesk) -> None:
    desk.submit(REQUEST)
    desk.submit(replace(REQUEST, requested_at=LATER))
    assert desk.list_open() == [REQUEST]


def test_what_was_issued_is_not_asked_for_again(desk: RequestDesk) -> None:
    desk.submit(REQUEST)
    desk.settle(REQUEST.request_id, RequestState.ISSUED, "1a", LATER)
    desk.settle(REQUEST.request_id, RequestState.REFUSED, "lint", LATER)
    desk.submit(REQUEST)
    assert desk.list_open() == []


def test_what_was_refused_may_be_asked_for_again(desk: RequestDesk) -> None:
    desk.submit(REQUEST)
    desk.settle(REQUEST.request_id, RequestState.REFUSED, "lint", LATER)
    assert desk.list_open() == []
    again = replace(REQUEST, requested_at=LATER)
    desk.submit(again)
    assert desk.list_open() == [again]


def test_what_is_unknown_is_not_settled(desk: RequestDesk) -> None:
    desk.settle(REQUEST.request_id, RequestState.ISSUED, "1a", LATER)
    assert desk.list_open() == []
    desk.submit(REQUEST)
    assert desk.list_open() == [REQUEST]
