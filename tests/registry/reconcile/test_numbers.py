"""What gives and holds numbers is looked at too: a counter or a series edited in SQL is told."""

from sqlalchemy import select, update

from registry.audit.findings import Fault
from registry.db.tables import counters, licences, series
from registry.licences.licences import LicenceChange
from registry.model import Reason
from tests.registry.reconcile.test_reconcile import edited, faults, move
from tests.world import World


def test_a_counter_set_back_is_told(world: World) -> None:
    granted = [world.grant(index).licence for index in range(2)]
    assert faults(world) == []
    code = granted[0].type_code
    with edited(world, counters, {"value": 1}, counters.c.scope.startswith(f"sequence:{code}:")):
        ((fault, said),) = faults(world)
        assert (fault, f"sequence:{code}:" in said, "2 was given" in said) == (
            Fault.EDITED, True, True,
        )  # fmt: skip
    assert faults(world) == []


def test_two_that_hold_one_number_are_told(world: World) -> None:
    """As after a number was given twice, with the series closed so that it could be."""
    first, second = (world.grant(index).licence for index in range(2))
    this = {"number": first.number}
    with world.home.database.writing() as connection:
        of = select(licences.c.series_id)
        one = of.where(licences.c.identifier == first.identifier).scalar_subquery()
        other = of.where(licences.c.identifier == second.identifier).scalar_subquery()
        connection.execute(update(series).where(series.c.series_id == one).values(open=False))
        connection.execute(update(series).where(series.c.series_id == other).values(this))
        connection.execute(
            update(licences).where(licences.c.identifier == second.identifier).values(this)
        )
    said = [text for _, text in faults(world)]
    assert any("both hold" in text and first.identifier in text for text in said)
    assert any("series.open" in text and first.identifier in text for text in said)


def test_a_series_is_open_while_a_version_holds_its_number(world: World) -> None:
    cancelled, plain = (world.grant(index).licence for index in range(2))
    move(world, cancelled.identifier, LicenceChange.CANCEL, Reason.FORFEITED)
    assert faults(world) == []
    for licence, wrong in ((cancelled, True), (plain, False)):
        with edited(world, series, {"open": wrong}, series.c.number == licence.number):
            ((fault, said),) = faults(world)
            assert fault is Fault.EDITED
            assert licence.identifier in said
            assert "series.open" in said
    assert faults(world) == []
