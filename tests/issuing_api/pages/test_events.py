"""The page of events, for supervisors: found by authority, kind, person and days."""

from collections.abc import Callable

from tests.issuing_api.pages.browsing import Officer, plain

SignedIn = Callable[[str], Officer]
EVENTS = "/issuing/events"


def test_a_supervisor_filters_what_was_done(signed_in: SignedIn) -> None:
    qian, li = signed_in("qian"), signed_in("li")
    assert f'href="{EVENTS}"' in qian.see("/issuing/")
    assert f'href="{EVENTS}"' not in li.see("/issuing/"), "others come by their records"
    page = qian.see(f"{EVENTS}?kind=licence.")
    assert "签发" in plain(page)
    assert "record.read" not in page
    assert "监督人查看" not in plain(page).partition("查到的操作")[2]
    assert "监督人查看" in plain(qian.see(f"{EVENTS}?kind=record."))
    assert "没有" in plain(qian.see(f"{EVENTS}?last=2001-01-01"))
    since = plain(qian.see(f"{EVENTS}?first=2001-01-01&kind=licence."))
    assert "签发" in since.partition("查到的操作")[2]
    for wrong in ("authority=none", "person=none", "first=x&last=y&before=z&kind=z"):
        assert qian.get(f"{EVENTS}?{wrong}").status_code == 200
    within = plain(li.see(EVENTS))
    assert "监督人查看" not in within.partition("查到的操作")[2]


def test_the_api_lists_events(signed_in: SignedIn) -> None:
    qian, sun = signed_in("qian").person, signed_in("sun").person
    v1 = "/issuing/v1"
    answer = qian.ask("GET", f"{v1}/events?action=licence.&limit=1")
    assert answer.status_code == 200
    [event] = answer.json()["events"]
    assert event["action"].startswith("licence.")
    following = qian.ask("GET", answer.json()["next"]).json()["events"]
    assert following[0]["number"] < event["number"]
    assert sun.ask("GET", f"{v1}/licences/{event['subject']}").status_code == 404
    subjects = {one["subject"] for one in sun.ask("GET", f"{v1}/events?limit=500").json()["events"]}
    assert event["subject"] not in subjects
    for wrong, status in (
        ("authority=none", 404),
        ("person=none", 404),
        ("cursor=x", 422),
        ("since=yesterday", 422),
        ("since=2026-01-01T00:00:00", 422),
    ):
        assert qian.ask("GET", f"{v1}/events?{wrong}").status_code in (status, 400), wrong
