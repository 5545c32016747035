"""Puts granting together: apart from the rest, since fonts and pyHanko take a second to load."""

from typing import TYPE_CHECKING

from home.renewing import renew_before_use
from registry.granting.granting import Granting
from registry.granting.sealing import SealingRoom
from signing.render.renderer import LicenceRenderer
from signing.steady import settle

if TYPE_CHECKING:
    from home.wiring import Home


def open_granting(home: "Home") -> Granting:
    """Return what grants licences in a home."""
    renew_before_use(home)
    renderer = LicenceRenderer()
    settle()
    room = SealingRoom(
        database=home.database,
        keys=home.keys,
        hierarchy=home.hierarchy,
        renderer=renderer,
        clock=home.clock,
        recorder=home.audit.recorder,
    )
    return Granting(
        database=home.database,
        store=home.store,
        catalogue=home.catalogue,
        reservations=home.reservations,
        room=room,
        clock=home.clock,
        public_url=home.settings.service.public_url,
        roots=home.root_files,
        on_step=home.on_step,
    )
