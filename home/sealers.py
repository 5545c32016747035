"""Processes that seal for a home: each opens the home's keys for itself."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from home.keys import SEALING
from home.wiring import Home
from registry.granting.groups.pool import SealerPool
from registry.granting.groups.sealers import LicenceSealer


def open_pool(home: Home, jobs: int) -> SealerPool:
    """Return a pool of `jobs` processes. Passphrases are asked for now, once for all of them.

    To be called before this process opens a key, and while it has one thread.
    """
    domains = frozenset(one for one in SEALING if home.reaches(one))
    home.home_keys.unlock(domains)
    home.renderer  # noqa: B018  # fonts are loaded once for all
    own = home.confined_to(domains, None)
    own.home_keys, own.renderer = home.home_keys, home.renderer
    # No connection may be carried into a fork, not even to be closed there.
    home.database.close()

    @contextmanager
    def open_sealer() -> Iterator[LicenceSealer]:
        with closing(own):
            granting = own.granting
            yield LicenceSealer(granting.drawing, own.clock, own.root_files, granting.turn)

    return SealerPool(open_sealer, jobs)
