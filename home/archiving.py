"""Puts archive renewal together: apart from the rest, since pyHanko takes a second to load."""

from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from ca.recorder import Collector
from home.renewing import renew_before_use
from registry.archive.renewal import ArchiveRenewal
from registry.archive.schedule import count_due
from registry.ledger.trust import TrustReader
from signing.protection import Protection, offered_by
from signing.report import ValidationReport
from signing.sealing_archive import RENEWAL_DIGEST, Archiver
from signing.steady import settle
from signing.validation import validate_pdf

if TYPE_CHECKING:
    from home.wiring import Home


def offers_of(home: "Home") -> Protection:
    """Return what a renewal would rest on; opens no key."""
    return offered_by(home.hierarchy.tsa.public_bytes(Encoding.DER), RENEWAL_DIGEST)


def is_archive_due(home: "Home") -> bool:
    """Tell whether a renewal would find anything to do; opens no key and asks no service."""
    horizon = home.clock.now() + timedelta(days=home.settings.archive.due_within_days)
    with home.database.reading() as connection:
        return count_due(connection, horizon, offers_of(home)) > 0


def open_archive_renewal(home: "Home") -> ArchiveRenewal:
    """Return what renews a home's archived documents."""
    renew_before_use(home)
    signed, trust = Collector(home.audit.recorder), TrustReader(home.ledger, home.clock)
    archiver = Archiver(home.hierarchy.timestamps_recorded_by(signed), home.hierarchy.validation)

    def judge(pdf: bytes) -> ValidationReport:
        # In this process: the bytes are our own, their digest was checked.
        return validate_pdf(pdf, trust(), home.clock.now())

    settle()
    return ArchiveRenewal(
        database=home.database,
        store=home.store,
        archiver=archiver,
        signed=signed,
        judge=judge,
        clock=home.clock,
        actor=home.actor,
        within=timedelta(days=home.settings.archive.due_within_days),
    )
