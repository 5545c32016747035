"""Seals documents of jobs in a process of its own and kills it in the middle; see the test."""

import os
import signal
import sys
from pathlib import Path

from home.wiring import Home
from registry.granting.granting import GrantStep
from tests.clock import StoppedClock
from tests.registry.desk.documents.office import PaperOffice
from tests.world import World


def main(directory: str, at: str, times: int) -> None:
    """Work until a step was reached so many times; never return."""
    left = times

    def kill(step: GrantStep) -> None:
        nonlocal left
        left -= step == at
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = StoppedClock()
    office = PaperOffice(World(Home(Path(directory), {}, clock=clock), clock), furnish=False)
    office.on_step = kill
    office.desk.worker.work(lambda: False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
