"""Grants one licence in a process of its own, and kills it at a step; see test_granting."""

import dataclasses
import os
import signal
import sys
from pathlib import Path

from core.errors import XinyinError
from core.ids import LicenceIdentifier
from home.wiring import Home
from registry.granting.granting import GrantStep
from registry.model import Reason
from tests.clock import StoppedClock
from tests.world import World

NEVER = "never"
"""Step at which nothing is killed: what became of it is printed."""


def main(directory: str, at: str, key: str, replaces: str = "") -> None:
    """Grant under a fixed request key; return only where it is not killed."""

    def kill(step: GrantStep) -> None:
        if step == at:
            os.kill(os.getpid(), signal.SIGKILL)

    environment = {k: v for k, v in os.environ.items() if k.startswith("XINYIN_OBJECTS_")}
    clock = StoppedClock()
    world = World(Home(Path(directory), environment, clock=clock, on_step=kill), clock)
    request = world.request(request_key=key)
    if replaces:
        old = LicenceIdentifier(replaces)
        request = dataclasses.replace(request, replaces=old, reason=Reason.CHANGED)
    try:
        granted = world.home.granting.grant(request)
    except XinyinError as error:
        sys.stdout.write(f"refused {error.details.get('identifier')}\n")
    else:
        sys.stdout.write(f"granted {granted.licence.identifier}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
