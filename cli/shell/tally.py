"""Count of what a command does one by one, said wherever it ends before the last one."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from cli.shell import messages
from cli.shell.output import Output
from core.errors import XinyinError
from core.text import Text
from core.web.problems import is_of_surroundings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Words:
    """Wording of the counts."""

    things: Text
    """What is counted: 行, rows."""
    done: Text
    """What became of those that are done: 已颁发, granted."""
    go_on: Text
    """What to do where it was stopped or cut off."""
    mend: Text | None = None
    """What to do where single ones failed; None where the command says that itself."""
    others: Text | None = None
    """What to do besides where some were not tried."""
    meanwhile: Text | None = None
    """What to do where all that failed had become another's since they were checked."""
    counts: bool = True
    """False: the command says the counts itself; what to do is said, and what was cut off."""


FINISHED = Words(
    things=Text("份", "licences"),
    done=Text("办完", "finished"),
    go_on=Text(
        "再执行一次同样的命令即可接着办完，不会重复办理。",
        "Run the same command again: it goes on from here and does nothing twice.",
    ),
)
"""Words for counts of licences that a command goes through one by one."""


class Tally:
    """Counts of items done, failed, and not tried."""

    def __init__(self, words: Words, total: int, *, bad: int = 0) -> None:
        """`bad` of `total` failed before the first was tried."""
        self._words = words
        self._total = total
        self._done = 0
        self._in_hand: Text | None = None
        self._stopped: Text | None = None
        self._all_meanwhile = not bad
        self._cut_off = False
        self.failed = bad
        self.surroundings: XinyinError | None = None
        """The fault of the surroundings that stopped it."""

    def taking(self, items: Iterable[T], name: Callable[[T], Text]) -> Iterator[T]:
        """Yield the items, and know which one is in hand."""
        for item in items:
            self._in_hand = name(item)
            yield item

    def note(self, fault: XinyinError | None, *, done: bool = False) -> None:
        """Count the one in hand; `done` is one that was done before the fault."""
        self._in_hand = None
        if done or fault is None:
            self._done += 1
            self.surroundings = fault or self.surroundings
            return
        self.failed += 1
        self._all_meanwhile &= fault.code == "conflict"
        if is_of_surroundings(fault):
            self.surroundings = fault

    def stop(self, then: Text) -> None:
        """Note that somebody ended it, the one in hand untried; say what follows."""
        self._in_hand, self._stopped = None, then

    @property
    def untried(self) -> int:
        """Number of those not tried; the one in hand when it ended is one of them."""
        return self._total - self._done - self.failed

    @contextmanager
    def told_at_the_end(self, output: Output) -> Iterator[None]:
        """Say the counts unless all are done, also when it is interrupted or an error ends it."""
        try:
            yield
        except BaseException:
            self._cut_off = True
            raise
        finally:
            stopped = self._done + self.failed < self._total or self.surroundings
            if stopped or (self.failed and self._words.mend):
                self._tell(output)

    def _tell(self, output: Output) -> None:
        words, in_hand = self._words, self._in_hand
        untried = self._total - self._done - self.failed - (in_hand is not None)
        if output.as_json:
            output.data(
                {
                    "total": self._total,
                    "done": self._done,
                    "failed": self.failed,
                    "cut_off": None if in_hand is None else in_hand.en,
                    "not_tried": untried,
                }
            )
            return
        stopped = in_hand is not None or self._cut_off or self.surroundings is not None
        of_one = not stopped and words.mend is not None
        advice = (words.mend, words.others if untried else None) if of_one else (words.go_on,)
        if of_one and self._all_meanwhile and self.failed and words.meanwhile is not None:
            advice = (words.meanwhile, None)
        if self._stopped is not None:
            advice = (self._stopped,)
        then = [one for one in advice if one is not None]
        if not words.counts:
            if in_hand is not None:
                then.insert(0, messages.cut_off(in_hand))
            output.say(Text("".join(one.zh for one in then), " ".join(one.en for one in then)))
            return
        unit, done = words.things, words.done
        zh = f"共 {self._total} {unit.zh}：{done.zh} {self._done} {unit.zh}，未成 {self.failed} "
        en = f"{self._total} {unit.en}: {self._done} {done.en}, {self.failed} failed"
        if in_hand is not None:
            zh, en = f"{zh}{unit.zh}，{in_hand.zh}办到一半", f"{en}, {in_hand.en} cut off"
        else:
            zh = f"{zh}{unit.zh}"
        zh += f"，未办 {untried} {unit.zh}。" + "".join(one.zh for one in then)
        en += f", {untried} not tried. " + " ".join(one.en for one in then)
        output.say(Text(zh, en))
