"""Which CRLs are read for those who ask, and how often."""

from collections.abc import Callable

import anyio
import anyio.lowlevel
import pytest

from ca.service import crl_published
from ca.service.crl_published import PublishedCrl, PublishedCrls
from tests.ca.crls import NOW, crl


class Reader:
    """Counts what is read; the clock is the test's."""

    def __init__(self) -> None:
        self.lists: dict[str, bytes | None] = {}
        self.read: list[str] = []
        self.at = 100.0
        self.meanwhile: Callable[[], None] = lambda: None
        self.published = PublishedCrls(self.fetch, lambda: self.at)

    async def fetch(self, name: str) -> bytes | None:
        self.read.append(name)
        await anyio.lowlevel.checkpoint()
        self.meanwhile()
        return self.lists.get(name)

    def get(self, name: str = "issuing-1") -> PublishedCrl | None:
        return anyio.run(self.published.get, name)


@pytest.fixture
def reader() -> Reader:
    made = Reader()
    made.lists["issuing-1"] = crl(1).crl
    return made


def test_a_list_is_read_once_a_second(reader: Reader) -> None:
    first = reader.get()
    assert first is not None
    assert first.der == crl_of(reader)
    assert first.last_modified == "Mon, 02 Mar 2026 00:00:00 GMT"
    assert (first.next_update - NOW).days == 7
    assert len(first.etag) == 34
    assert first.etag[0] == first.etag[-1] == '"'
    reader.lists["issuing-1"] = crl(2).crl
    reader.at += 0.99
    assert reader.get() is first
    assert len(reader.read) == 1
    reader.at += 0.01
    second = reader.get()
    assert second is not None
    assert second.der == crl_of(reader)
    assert second.etag != first.etag
    assert len(reader.read) == 2


def crl_of(reader: Reader) -> bytes | None:
    return reader.lists["issuing-1"]


def test_the_same_list_is_parsed_once(reader: Reader) -> None:
    first = reader.get()
    reader.at += 5
    assert reader.get() is first
    assert len(reader.read) == 2


def test_a_list_that_is_gone_is_not_told_any_more(reader: Reader) -> None:
    assert reader.get() is not None
    reader.lists.clear()
    reader.at += 1
    assert reader.get() is None
    reader.lists["issuing-1"] = crl(2).crl
    assert reader.get() is not None, "nothing is remembered of what is not there"


def test_unknown_names_fill_no_memory(reader: Reader) -> None:
    reader.get()
    for number in range(5):
        assert reader.get(f"x{number}") is None
    assert list(reader.published._held) == ["issuing-1"]


def test_of_more_names_than_are_kept_each_is_read_anew(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crl_published, "MOST_NAMES", 1)
    reader.lists["issuing-2"] = crl(7).crl
    for name in ("issuing-1", "issuing-2", "issuing-2", "issuing-1"):
        found = reader.get(name)
        assert found is not None
        assert found.der == reader.lists[name]
    assert reader.read == ["issuing-1", "issuing-2", "issuing-2"]


@pytest.mark.parametrize("there", [True, False])
def test_who_asks_meanwhile_takes_what_the_first_one_found(reader: Reader, *, there: bool) -> None:
    if not there:
        reader.lists.clear()
    found: list[PublishedCrl | None] = []

    async def ask() -> None:
        found.append(await reader.published.get("issuing-1"))

    async def all_at_once() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(ask)

    anyio.run(all_at_once)
    assert len(reader.read) == 1
    assert len(found) == 5
    assert {one is not None for one in found} == {there}
    assert bool(reader.published._held) is there


def test_a_failed_reading_is_told_and_tried_again(reader: Reader) -> None:
    def fail() -> None:
        raise OSError(5, "Input/output error")

    reader.meanwhile = fail
    with pytest.raises(OSError, match="Input"):
        reader.get()
    assert reader.published._held == {}
    reader.meanwhile = lambda: None
    assert reader.get() is not None
