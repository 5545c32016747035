"""Works on chunks in a process of its own, as one machine of several; see test_engine.

`python -m … HOME STEP TIMES`: kills itself when the step was reached so many times; never for "".
Ends when nothing is left of any batch, and prints what it granted and its seconds of CPU.
"""

import os
import signal
import sys
import time
from pathlib import Path

from home.identity.sign_in import open_workers
from home.wiring import Home
from registry.granting.granting import GrantStep
from tests.clock import StoppedClock
from tests.registry.desk.batch.batch_world import BatchWorld
from tests.world import World


def main(directory: str, at: str, times: int) -> None:
    """Work until nothing is left."""
    reached = dict.fromkeys(GrantStep, 0)

    def kill(step: GrantStep) -> None:
        reached[step] += 1
        if step == at and reached[step] == times:
            os.kill(os.getpid(), signal.SIGKILL)

    environment = {name: value for name, value in os.environ.items() if "XINYIN_" in name}
    home = Home(Path(directory), environment)
    batches = BatchWorld(World(home, StoppedClock()), on_step=kill)
    workers = open_workers(home, batches.desk)
    home.granting  # noqa: B018  # opened before the clock of the figures begins
    began, used = time.monotonic(), time.process_time()
    workers.work(lambda: False)
    wall, cpu = time.monotonic() - began, time.process_time() - used
    sys.stdout.write(f"{reached[GrantStep.REGISTERED]} {wall:.2f} {cpu:.2f}\n")
    home.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
