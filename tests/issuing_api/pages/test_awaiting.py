"""The navigation counts what awaits who signed in: cheaply, and for screen readers too."""

import re
import secrets
from collections.abc import Callable

from sqlalchemy import event, func, insert, select

from registry.db.tables import grant_requests
from registry.officers.model import DeskRequestState
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import Officer, record, typed

SignedIn = Callable[[str], Officer]
_COUNT = re.compile(r'<span class="count" aria-hidden="true">([^<]+)</span>')
_TO_DECIDE = re.compile(r'<h2 id="(?:decide|carry)">[^<]*<span class="count">(\d+)</span>')


def awaiting(who: Officer, path: str = "/issuing/licences") -> str:
    """Return the number that the navigation shows."""
    found = _COUNT.findall(who.see(path))
    assert len(found) <= 1
    return found[0] if found else "0"


def test_the_navigation_counts_what_awaits_who_signed_in(
    site: RunningDesk, signed_in: SignedIn, form: str, columns: dict[str, str]
) -> None:
    li, wang, sun, qian = (signed_in(one) for one in ("li", "wang", "sun", "qian"))
    decided, asked = int(awaiting(wang)), int(awaiting(li))
    preview = li.post(form, typed(record(6), columns) | {"do": "preview"})
    address = li.post(form, {"do": "submit"}, page=preview.text).headers["location"]
    assert (int(awaiting(wang)), int(awaiting(li))) == (decided + 1, asked), "one's own counts not"
    for who in (wang, li, signed_in("zhao")):
        listed = sum(map(int, _TO_DECIDE.findall(who.see("/issuing/"))))
        assert int(awaiting(who, "/issuing/")) == listed
    assert awaiting(sun) == "0", "of another authority"
    assert awaiting(qian) == "0", "a supervisor does nothing"
    assert f"（{decided + 1} 件等您办理）</span>" in wang.see("/issuing/seals?lang=zh")
    assert f"({decided + 1} awaiting you)</span>" in wang.see("/issuing/seals?lang=en")
    wang.see("/issuing/?lang=zh")
    _copy(site, address.rpartition("/")[2], 300)
    assert awaiting(wang) == "99+"
    assert f"（{decided + 301} 件等您办理）" in wang.see("/issuing/seals")
    few = _statements(site, lambda: wang.see("/issuing/licences"))
    assert len([one for one in few if "GROUP BY grant_requests" in one]) == 1
    bound = [one for one in few if "FROM grant_requests" in one]
    assert len(bound) == 2, "one to count, one for what stands for each kind, however many wait"
    with site.home.database.writing() as connection:
        this = grant_requests.c.request_key.like("copy-%")
        connection.execute(grant_requests.delete().where(this))
        waits = grant_requests.c.state == DeskRequestState.WAITING
        assert connection.execute(select(func.count()).where(waits)).scalar_one() < 99


def _copy(site: RunningDesk, request_id: str, count: int) -> None:
    with site.home.database.writing() as connection:
        this = select(grant_requests).where(grant_requests.c.request_id == request_id)
        row = dict(connection.execute(this).mappings().one())
        rows = [
            row | {"request_id": secrets.token_hex(10), "request_key": f"copy-{number}"}
            for number in range(count)
        ]
        connection.execute(insert(grant_requests), rows)


def _statements(site: RunningDesk, work: Callable[[], object]) -> list[str]:
    told: list[str] = []

    def listen(*given: object) -> None:
        told.append(str(given[2]))

    engine = site.home.database.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return told
