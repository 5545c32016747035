"""The photo of a licence in the form of its next version; by command: tests/cli/licences."""

import re
from collections.abc import Callable

from sqlalchemy import select

from registry.db.tables import licences
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import Officer, plain

SignedIn = Callable[[str], Officer]


def test_a_type_without_photos_has_none_to_keep(signed_in: SignedIn, site: RunningDesk) -> None:
    with site.home.database.reading() as connection:
        query = select(licences.c.identifier).where(
            licences.c.authority_id == site.authority, licences.c.state == "IN_FORCE"
        )
        identifier = connection.execute(query.limit(1)).scalar_one()
    li = signed_in("li")
    page = li.see(f"/issuing/licences/{identifier}")
    address = re.search(r'/issuing/requests/new/[^"]*why=CHANGED', page)
    assert address is not None
    form = li.see(address[0].replace("&amp;", "&"))
    assert "kept_photo" not in form
    assert "沿用原证照的照片" not in plain(form)
    body = {"reason": "CHANGED", "record": {}, "basis": "b", "keep_photo": True}
    path = f"/issuing/v1/licences/{identifier}/version-requests"
    answer = li.person.ask("POST", path, body, Idempotency_Key="keeps-none-1")
    assert answer.status_code == 422, answer.text
    assert "照片" in answer.text
