"""Requests that cannot be granted any more: told beforehand, and closed with a reason."""

from collections.abc import Callable

import pytest

from registry.audit.events import EventFilter, list_events
from registry.reconcile.officers import check_officers
from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import Officer, plain, record, typed


@pytest.mark.parametrize("closer", ["wang", "zhao"])
def test_a_second_licence_is_told_in_the_preview_and_closed_with_a_reason(
    site: RunningDesk,
    form: str,
    columns: dict[str, str],
    signed_in: Callable[[str], Officer],
    closer: str,
) -> None:
    li, wang, zhao = (signed_in(one) for one in ("li", "wang", "zhao"))
    row = typed(record({"wang": -8, "zhao": -7}[closer]), columns) | {"do": "preview"}
    preview = li.post(form, row)
    assert "按目前情况不能签发" not in plain(preview.text)
    first, address = (
        li.post(
            form, {"do": "submit", "request_key": f"{closer}-{one}-key"}, page=preview.text
        ).headers["location"]
        for one in ("first", "second")
    )
    assert wang.post(address, {"do": "close", "reason": "先批后关"}).status_code == 409
    for one in (first, address):
        assert wang.post(one, {"do": "approve", "reason": "齐全"}).status_code == 303
    assert zhao.post(first, {"do": "carry_out"}).status_code == 303
    assert "按目前情况不能签发" in plain(li.post(form, row).text)
    assert "按目前情况不能签发" in plain(zhao.see(address))
    refused = zhao.post(address, {"do": "carry_out"})
    assert (refused.status_code, "xinyin" in plain(refused.text)) == (409, False)
    assert "xinyin" not in plain(zhao.see(address))
    who = signed_in(closer)
    assert 'value="close"' in who.see(address)
    assert 'value="close"' not in li.see(address), "who asked withdraws"
    assert li.post(address, {"do": "close", "reason": "x"}).status_code == 403
    bare = who.post(address, {"do": "close", "reason": ""})
    assert (bare.status_code, 'id="reason-error"' in bare.text) == (422, True)
    assert who.post(address, {"do": "close", "reason": "持证人已有证照"}).status_code == 303
    words = plain(li.see(address))
    assert "已驳回" in words
    assert "持证人已有证照" in words
    with site.home.database.reading() as connection:
        chosen = EventFilter(subject=f"request:{address.rpartition('/')[2]}")
        acts = [one.action for one in list_events(connection, chosen=chosen, limit=50)]
        assert sorted(acts) == ["request.added", "request.approved", "request.rejected"]
        assert list(check_officers(connection)) == []
