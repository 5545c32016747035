"""Puts granting together: apart from the rest, since fonts and pyHanko take a second to load."""

from collections.abc import Callable

from ca.hierarchy.hierarchy import Hierarchy
from core.clock import Clock
from keys.ring import KeyRing
from registry.audit.recorder import GroupRecorder
from registry.db.database import Database
from registry.granting.granting import Granting, GrantStep
from registry.granting.groups.granting import GroupGranting
from registry.granting.groups.sealers import LicenceSealer, Sealers
from registry.granting.reservation import Reservations
from registry.granting.sealing import SealingRoom
from registry.ledger.root_files import RootFiles
from registry.objects.store import ObjectStore
from registry.types.catalogue import Catalogue
from signing.render.renderer import LicenceRenderer
from signing.sealing.steady import settle


def open_groups(
    *,
    database: Database,
    store: ObjectStore,
    catalogue: Catalogue,
    reservations: Reservations,
    granting: Granting,
    roots: RootFiles,
    clock: Clock,
    on_step: Callable[[GrantStep], None],
    sealers: Sealers | None,
) -> GroupGranting:
    """Return the granter of groups, sealed by other processes, or here."""
    return GroupGranting(
        database=database,
        store=store,
        catalogue=catalogue,
        reservations=reservations,
        granting=granting,
        sealers=sealers or LicenceSealer(granting.drawing, clock, roots, granting.turn, on_step),
        clock=clock,
        on_step=on_step,
    )


def open_granting(
    *,
    database: Database,
    keys: KeyRing,
    hierarchy: Hierarchy,
    recorder: GroupRecorder,
    store: ObjectStore,
    catalogue: Catalogue,
    reservations: Reservations,
    roots: RootFiles,
    clock: Clock,
    public_url: str,
    on_step: Callable[[GrantStep], None],
    renderer: LicenceRenderer,
) -> Granting:
    """Return the granter of licences; fonts are loaded and the heap is settled by then."""
    settle()
    room = SealingRoom(
        database=database,
        keys=keys,
        hierarchy=hierarchy,
        renderer=renderer,
        clock=clock,
        recorder=recorder,
    )
    return Granting(
        database=database,
        store=store,
        catalogue=catalogue,
        reservations=reservations,
        room=room,
        clock=clock,
        public_url=public_url,
        roots=roots,
        on_step=on_step,
    )
