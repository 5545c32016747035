"""Exports at the desk: asked for from a search, followed without a script, the asker's alone."""

import re

from tests.issuing_api.desk import RunningDesk
from tests.issuing_api.pages.browsing import officer

EXPORTS = "/issuing/exports"


def test_an_export_is_begun_followed_fetched_and_deleted(site: RunningDesk) -> None:
    li, sun = officer(site, "li", "en"), officer(site, "sun", "en")
    found = li.see("/issuing/licences?type=11990000999000101N001")
    begun = li.post(EXPORTS, {"format": "csv"}, page=found)
    assert begun.status_code == 303, begun.text
    address = begun.headers["location"]
    assert li.post(EXPORTS, {"format": "odt"}, page=found).status_code == 404
    refreshes = '<meta http-equiv="refresh" content="5">'
    assert refreshes not in li.see(address), "only where it is asked for"
    page = li.see(f"{address}?follow=1")
    assert refreshes in page
    assert "waiting" in page
    site.duty("exports")
    page = li.see(f"{address}?follow=1")
    assert refreshes not in page
    (rows,) = re.findall(r"Licences written</dt>\s*<dd[^>]*>\s*([\d,]+)", page)
    content = li.get(f"{address}/file").content.decode("utf-8-sig")
    assert int(rows) == len(content.splitlines()) - 1 > 0
    assert {line.split(",")[2] for line in content.splitlines()[1:]} == {"11990000999000101N001"}
    for path in (address, f"{address}/file"):
        assert sun.get(path).status_code == 404
    assert address not in sun.see(EXPORTS)
    assert address in li.see(EXPORTS)
    assert li.post(address, {"do": "cancel"}).status_code == 303
    assert "cancelled" in li.see(address)
    assert li.get(f"{address}/file").status_code == 409


def test_unmasked_it_needs_an_authority(site: RunningDesk) -> None:
    li = officer(site, "li", "en")
    found = li.see("/issuing/licences")
    refused = li.post(EXPORTS, {"format": "csv", "personal": "1"}, page=found)
    assert refused.status_code == 422
    assert "name one authority" in refused.text
