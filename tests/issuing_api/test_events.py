"""Security events that a provider pushes: sessions and tokens end, people leave, nothing is lost."""

import time
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from core.permits import Role
from home.wiring import Home
from identity.tokens.happenings import CAEP, RISC
from registry.audit.events import list_events
from registry.db.tables import identities, security_events
from registry.officers.model import IdentityState
from tests.cli.conftest import DemoHome
from tests.issuing_api.conftest import two_authorities
from tests.issuing_api.desk import RunningDesk, running_desk, words_of
from tests.issuing_api.leavers import (
    DISABLED,
    REVOKED,
    claims_of,
    counted,
    event,
    push,
)

V1 = "/issuing/v1"
EVENTS = "[providers.events]\n"


@pytest.fixture
def desk(own: DemoHome) -> Iterator[RunningDesk]:
    """A desk that takes events."""
    with running_desk(own.directory, *two_authorities(own), EVENTS) as running:
        yield running


def state_of(desk: RunningDesk, account: str) -> str | None:
    query = select(identities.c.state).where(identities.c.sub == account)
    with desk.home.database.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def test_a_revoked_session_is_over_within_a_minute(desk: RunningDesk) -> None:
    li, wang = desk.person("li"), desk.person("wang")
    began = time.monotonic()
    answer = push(desk, event(claims_of(desk, "li")))
    assert (answer.status_code, answer.content) == (202, b""), answer.text
    assert li.ask("GET", f"{V1}/me").status_code == 401
    assert time.monotonic() - began < 60, "the promise; it takes well under a second"
    assert wang.ask("GET", f"{V1}/me").status_code == 200
    assert counted(desk, "session-revoked", "signed_out") == 1
    assert desk.person("li").ask("GET", f"{V1}/me").status_code == 200, "who may, signs in anew"
    with desk.home.database.reading() as connection:
        told = [one for one in list_events(connection, limit=1000) if one.action == "session.ended"]
    assert [(one.actor, one.basis and one.basis.split(" (")[0]) for one in told] == [
        ("provider:main", "event session-revoked")
    ]
