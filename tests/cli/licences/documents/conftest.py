"""Intakes of the commands on documents: processes that the commands of a file of tests share."""

from collections import defaultdict
from collections.abc import Iterator

import pytest

import registry.granting.documents  # noqa: F401  # names the class in types: before it is replaced
from signing.intake import intake
from signing.intake.intake import Intake
from signing.workers.confinement import Confinement


@pytest.fixture(scope="module", autouse=True)
def kept_intakes() -> Iterator[None]:
    """Keep processes that are closed for the next command: each takes seconds to start."""
    free: defaultdict[Confinement, list[Intake]] = defaultdict(list)

    class Kept(Intake):
        confinement: Confinement

        def close(self) -> None:
            free[self.confinement].append(self)

    def make(*, confinement: Confinement) -> Intake:
        if free[confinement]:
            return free[confinement].pop()
        made = Kept(confinement=confinement)
        made.confinement = confinement
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "Intake", make)
        yield
    for some in free.values():
        for one in some:
            Intake.close(one)
