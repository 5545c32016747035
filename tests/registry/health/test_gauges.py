"""What /metrics says of things that end."""

from datetime import timedelta

from core.metrics import exposition
from registry.health.gauges import Expiry
from tests.world import World


def samples(expiry: Expiry) -> dict[str, float]:
    lines = exposition(expiry.gauges()).splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


def test_seconds_left(sqlite_world: World) -> None:
    home = sqlite_world.home
    expiry = Expiry(home.database, sqlite_world.clock)
    first = samples(expiry)
    kinds = ("issuing", "ocsp", "root", "seal", "tsa")
    named = {f'xinyin_certificate_expiry_seconds{{kind="{kind}"}}' for kind in kinds}
    assert first.keys() == named
    day = timedelta(days=1).total_seconds()
    assert 29 * day < first['xinyin_certificate_expiry_seconds{kind="ocsp"}'] <= 30 * day
    sqlite_world.grant()
    sqlite_world.clock.advance(timedelta(days=366))
    later = samples(expiry)
    assert later['xinyin_certificate_expiry_seconds{kind="ocsp"}'] < 0
    assert later["xinyin_archive_expiry_seconds"] > 700 * day


def test_a_database_out_of_reach_leaves_them_out(sqlite_world: World) -> None:
    home = sqlite_world.home
    expiry = Expiry(home.database, sqlite_world.clock)
    home.database.close()
    (home.directory / "registry.db").rename(home.directory / "gone.db")
    assert samples(expiry) == {}
