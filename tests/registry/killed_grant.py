"""Grants one licence in a process of its own and kills it at a step; see test_granting."""

import os
import signal
import sys
from pathlib import Path

from home.wiring import Home
from registry.granting.granting import GrantStep
from tests.clock import StoppedClock
from tests.world import World


def main(directory: str, at: str) -> None:
    """Grant under a fixed request key; never return."""

    def kill(step: GrantStep) -> None:
        if step == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = StoppedClock()
    world = World(Home(Path(directory), {}, clock=clock, on_step=kill), clock)
    world.home.granting.grant(world.request(request_key="k" * 64))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
