"""Published documents: one thread fetches, the pause holds, and an issuer that is back is found."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from identity.published import KeepingTimes, PublishedDocument

TIMES = KeepingTimes(max_age=100, max_stale=1000, pause=10, max_wait=0.2)


class Issuer:
    """An issuer that may be away, and counts how often it is asked."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.document: str | None = "first"
        self.published = PublishedDocument(self.fetch, TIMES, lambda: self.now)

    def fetch(self) -> str | None:
        self.asked += 1
        return self.document


def test_it_is_fetched_when_needed_and_when_old() -> None:
    issuer = Issuer()
    assert issuer.asked == 0
    assert [issuer.published.get(), issuer.published.get()] == ["first", "first"]
    issuer.document, issuer.now = "second", TIMES.max_age
    assert (issuer.published.get(), issuer.asked) == ("first", 1)
    issuer.now += 1
    assert (issuer.published.get(), issuer.asked) == ("second", 2)


def test_one_that_is_asked_for_all_the_time_comes_back() -> None:
    """Each question put the next try off: those who ask more often than that asked for ever."""
    issuer = Issuer()
    issuer.document = None
    assert issuer.published.get() is None
    issuer.document = "back"
    found = []
    for _ in range(30):
        issuer.now += 1
        found.append(issuer.published.get())
    assert found == [None] * 9 + ["back"] * 21
    assert issuer.asked == 2


def test_a_stale_one_is_none() -> None:
    issuer = Issuer()
    assert issuer.published.get() == "first"
    issuer.document, issuer.now = None, TIMES.max_stale
    assert issuer.published.get() == "first"
    issuer.now += 1
    assert issuer.published.get() is None


def test_one_that_will_not_do_is_fetched_again_within_the_pause() -> None:
    issuer = Issuer()
    issuer.published.get()
    issuer.document = "second"
    issuer.now = TIMES.pause - 1
    assert (issuer.published.get(lambda one: one == "second"), issuer.asked) == ("first", 1)
    issuer.now = TIMES.pause
    assert (issuer.published.get(lambda one: one == "second"), issuer.asked) == ("second", 2)


def test_what_the_fetch_raises_ends_the_call_and_counts_as_a_try() -> None:
    issuer = Issuer()

    def refuse() -> str | None:
        issuer.asked += 1
        raise ValueError("unfit")

    published = PublishedDocument(refuse, TIMES, lambda: issuer.now)
    with pytest.raises(ValueError, match="unfit"):
        published.get()
    assert (published.get(), issuer.asked) == (None, 1)


def test_while_one_thread_fetches_others_wait_a_little_or_go_on() -> None:
    issuer, fetching, done = Issuer(), threading.Event(), threading.Event()
    issuer.published.get()

    def slow() -> str | None:
        fetching.set()
        assert done.wait(10)
        return "second"

    published = PublishedDocument(slow, TIMES, lambda: issuer.now)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(published.get)
        assert fetching.wait(10)
        assert published.get() is None, "nothing yet, and not for ever"
        done.set()
        assert first.result(10) == "second"


def test_who_needs_it_waits_for_the_fetch_under_way() -> None:
    issuer, fetching, done = Issuer(), threading.Event(), threading.Event()

    def slow() -> str | None:
        fetching.set()
        assert done.wait(10)
        return "first"

    patient = replace(TIMES, max_wait=10)
    published = PublishedDocument(slow, patient, lambda: issuer.now)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(published.get)
        assert fetching.wait(10)
        second = pool.submit(published.get)
        with pytest.raises(TimeoutError):
            second.result(0.2)
        done.set()
        assert [first.result(10), second.result(10)] == ["first", "first"]
