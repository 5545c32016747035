"""Countersigns one document in a process of its own, and kills it at a step; or several do so at
once; see test_countersigning_processes.
"""

import os
import signal
import sys
import time
from pathlib import Path

from core.errors import XinyinError
from core.ids import AuthorityId, LicenceIdentifier
from core.permits import Action, Permit
from home.wiring import Home
from registry.granting.granting import GrantStep
from tests.clock import StoppedClock
from tests.permits import OPERATOR

NEVER = "never"
_PATIENCE = 60
"""Seconds that one process waits for another at the gate."""


def main(directory: str, at: str, identifier: str, authority: str, gate: str = "") -> None:
    """Countersign; with `gate`, only seal once as many files stand there as its name says."""

    def step(reached: GrantStep) -> None:
        if reached == at:
            os.kill(os.getpid(), signal.SIGKILL)
        if reached is GrantStep.RESERVED and gate:
            _meet(Path(gate), authority)

    home = Home(Path(directory), {}, clock=StoppedClock(), on_step=step)
    acting = AuthorityId(authority)
    permit = Permit(OPERATOR, Action.GRANT, acting)
    try:
        made = home.countersigning.countersign(LicenceIdentifier(identifier), permit)
    except XinyinError as error:
        sys.stdout.write(f"refused {error.code}\n")
    else:
        sys.stdout.write(f"{'again' if made.repeated else 'sealed'} {made.sha256}\n")


def _meet(gate: Path, name: str) -> None:
    (gate / f"{name}-{os.getpid()}").touch()
    deadline = time.monotonic() + _PATIENCE
    while len(list(gate.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
