"""Licences that took the place of ones on paper are known as such after a restore."""

from dataclasses import replace
from pathlib import Path

import pytest

from registry.accession.rows import list_accessions
from registry.granting.reservation import NumberTakenError
from registry.model import ConflictError, LicenceState
from registry.reconcile.licences import check_licences
from tests.registry.accession.test_taking_over import Office
from tests.registry.backup.test_backup import Machine, back_up
from tests.world import World


def test_the_paper_whose_place_a_licence_took_is_known_after_a_restore(
    world: World, machine: Machine, tmp_path: Path
) -> None:
    Office(world).record(证照编号="P21")
    granted = world.home.granting.grant(world.request(0, from_paper="P21")).licence
    snapshot = back_up(world, tmp_path / "backups")
    machine.restore(snapshot, world.home.journal_directory)
    with machine.open(world.clock) as restored:
        with restored.home.database.reading() as connection:
            (paper,) = list_accessions(connection, number="P21")
            assert list(check_licences(connection)) == []
        assert paper.replaced_by == granted.identifier
        assert paper.effective_state(restored.home.today()) is LicenceState.REPLACED
        again = restored.request(0, from_paper="P21")
        with pytest.raises(ConflictError, match=granted.identifier):
            restored.home.granting.grant(again)
        given = replace(restored.applications()[1], number=granted.number)
        other = replace(restored.request(1), application=given)
        with pytest.raises(NumberTakenError):
            restored.home.granting.grant(other)
