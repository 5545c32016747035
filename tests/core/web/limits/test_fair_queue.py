"""The fair line: clients in turn, however much any of them asks."""

import heapq
import threading
from dataclasses import replace

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.web.limits.fair_queue import FairQueue, QueueLimits, Ticket
from core.web.limits.throttling import TooManyRequestsError

ONE = QueueLimits(working=1, working_each=1, waiting=100, waiting_each=100)
TWO = replace(ONE, working=2, working_large=1)


def at_work(*tickets: Ticket) -> list[bool]:
    return [ticket.at_work for ticket in tickets]


def test_clients_take_turns_and_each_keeps_its_own_order() -> None:
    line = FairQueue(ONE)
    first, second, third = (line.join("a") for _ in range(3))
    other, later = line.join("b"), line.join("c")
    order = []
    waiting = {"a1": first, "a2": second, "a3": third, "b": other, "c": later}
    while waiting:
        name = next(name for name, ticket in waiting.items() if ticket.at_work)
        order.append(name)
        line.leave(waiting.pop(name))
    assert order == ["a1", "a2", "b", "c", "a3"]


def test_no_client_has_more_at_work_than_its_share_while_others_find_room() -> None:
    line = FairQueue(TWO)
    tickets = [line.join("a"), line.join("a"), line.join("b"), line.join("c")]
    assert at_work(*tickets) == [True, False, True, False]
    line.leave(tickets[0])
    assert at_work(*tickets[1:]) == [True, True, False]  # a's turn came before c's
    line.leave(tickets[2])
    assert at_work(tickets[3]) == [True]


def test_large_work_leaves_a_place_to_small() -> None:
    line = FairQueue(TWO)
    large, also_large, small = (
        line.join("a", large=True),
        line.join("b", large=True),
        line.join("c"),
    )
    assert at_work(large, also_large, small) == [True, False, True]
    line.leave(small)
    assert not also_large.at_work
    line.leave(large)
    assert also_large.at_work


def test_a_small_file_overtakes_its_own_client_s_large_one_that_cannot_start() -> None:
    line = FairQueue(TWO)
    line.join("a", large=True)
    large, small = line.join("b", large=True), line.join("b")
    assert at_work(large, small) == [False, True]


def test_who_gives_up_leaves_the_line() -> None:
    line = FairQueue(replace(ONE, waiting=1))
    working, waiting = line.join("a"), line.join("b")
    line.leave(waiting)
    successor = line.join("c")
    line.leave(waiting)  # again: nothing happens
    line.leave(working)
    assert successor.at_work


def test_a_client_has_no_more_places_than_its_share() -> None:
    line = FairQueue(replace(ONE, waiting_each=2))
    for _ in range(3):
        line.join("a")
    with pytest.raises(TooManyRequestsError):
        line.join("a")
    line.join("b")


def test_a_full_line_has_room_for_who_has_less() -> None:
    line = FairQueue(replace(ONE, waiting=3))
    line.join("a")
    kept, also_kept, given_up = (line.join("a") for _ in range(3))
    newcomer = line.join("b")
    assert given_up.settled.is_set()
    assert not given_up.at_work
    assert not any(one.settled.is_set() for one in (kept, also_kept, newcomer))
    with pytest.raises(TooManyRequestsError):  # two against one: nothing to take
        line.join("b")


def test_a_full_line_is_none_to_who_can_start_at_once() -> None:
    line = FairQueue(replace(TWO, waiting=1))
    line.join("a")
    waiting, other = line.join("a"), line.join("b")
    assert at_work(waiting, other) == [False, True]
    assert not waiting.settled.is_set()


def test_large_files_do_not_fill_the_line() -> None:
    line = FairQueue(replace(TWO, working=1, waiting=3, waiting_large=1))
    line.join("a")
    line.join("a", large=True)
    with pytest.raises(TooManyRequestsError):
        line.join("b", large=True)
    line.join("b")
    line.join("c")


def test_in_a_line_full_of_large_files_only_a_large_one_gives_way() -> None:
    line = FairQueue(replace(TWO, working=1, waiting=9, waiting_large=2))
    line.join("x")
    smalls = [line.join("a") for _ in range(4)]
    larges = [line.join("b", large=True) for _ in range(2)]
    newcomer = line.join("c", large=True)
    assert [one.settled.is_set() for one in (*smalls, *larges, newcomer)] == [False] * 5 + [
        True,
        False,
    ]


def test_it_runs_work_and_asks_again_at_the_turn() -> None:
    """What the first of a client's checks used up counts for the second, though it waited."""
    spent: list[str] = []

    def admit(client: str) -> None:
        if client in spent:
            raise TooManyRequestsError(7)

    async def scenario() -> list[object]:
        line, gate = FairQueue(ONE), threading.Event()
        results: list[object] = []

        async def ask() -> None:
            try:
                results.append(await line.run("a", lambda: gate.wait(10), admit=admit))
            except TooManyRequestsError as error:
                results.append(error.retry_after)

        async with anyio.create_task_group() as group:
            group.start_soon(ask)
            group.start_soon(ask)
            await anyio.sleep(0.05)
            spent.append("a")
            gate.set()
        results.append(await line.run("b", lambda: "free again"))
        return results

    assert anyio.run(scenario) == [True, 7, "free again"]


def test_nobody_waits_beyond_patience() -> None:
    async def scenario() -> None:
        line, gate = FairQueue(replace(ONE, patience_seconds=0.05)), threading.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(line.run, "a", lambda: gate.wait(10))
            await anyio.lowlevel.checkpoint()
            with pytest.raises(TooManyRequestsError):
                await line.run("b", lambda: None)
            gate.set()
        assert await line.run("b", lambda: "free again") == "free again"

    anyio.run(scenario)


def test_work_that_fails_gives_its_place_back() -> None:
    async def scenario() -> None:
        line = FairQueue(ONE)
        with pytest.raises(ZeroDivisionError):
            await line.run("a", lambda: 1 // 0)
        assert await line.run("a", lambda: "free again") == "free again"

    anyio.run(scenario)


LONGEST = 10
arrivals = st.lists(
    st.tuples(
        st.integers(0, 60),  # when
        st.sampled_from("abcde"),  # who: attackers
        st.integers(1, LONGEST),  # for how long it works
        st.booleans(),  # large
    ),
    max_size=120,
)


@given(arrivals, st.integers(0, 60), st.integers(1, 3))
def test_an_honest_client_s_wait_is_bounded_whatever_others_do(
    attack: list[tuple[int, str, int, bool]], when: int, workers: int
) -> None:
    """At most one turn of each of five others goes before it, after what is at work has ended."""
    limits = QueueLimits(
        working=workers,
        working_each=1,
        working_large=max(1, workers - 1),
        waiting=20,
        waiting_each=8,
        waiting_large=10,
    )
    line = FairQueue(limits)
    honest = (when, "honest", 1, False)
    started = _simulate(line, limits, sorted([*attack, honest]))
    assert started["honest"] - when <= LONGEST * (5 // workers + 2)


def _simulate(
    line: FairQueue, limits: QueueLimits, arriving: list[tuple[int, str, int, bool]]
) -> dict[str, int]:
    """Play arrivals through; return when each client's last work began."""
    waiting: list[tuple[Ticket, int]] = []
    ending: list[tuple[int, int, Ticket]] = []
    began: dict[str, int] = {}
    queue = list(arriving)
    while queue or ending:
        now = min([one[0] for one in queue[:1]] + [one[0] for one in ending[:1]])
        while ending and ending[0][0] == now:
            line.leave(heapq.heappop(ending)[2])
        while queue and queue[0][0] == now:
            _, client, seconds, large = queue.pop(0)
            try:
                waiting.append((line.join(client, large=large), seconds))
            except TooManyRequestsError:
                assert client != "honest"
        for ticket, seconds in waiting:
            if ticket.at_work:
                began[ticket.client] = now
                heapq.heappush(ending, (now + seconds, id(ticket), ticket))
        waiting = [one for one in waiting if not one[0].settled.is_set()]
        busy = [one[2].client for one in ending]
        assert len(busy) <= limits.working
        assert len(busy) == len(set(busy)), "one at work for each client"
        assert sum(one[2].large for one in ending) <= (limits.working_large or 0)
        assert len(waiting) <= limits.waiting
        idle = {one[0].client for one in waiting if not one[0].large} - set(busy)
        assert not idle or len(busy) == limits.working, "nobody waits where there is room"
    assert not waiting
    return began
