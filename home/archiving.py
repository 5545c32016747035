"""Puts archive renewal together: apart from the rest, since pyHanko takes a second to load."""

from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding

from ca.hierarchy.hierarchy import Hierarchy
from ca.recorder import Collector
from core.clock import Clock
from registry.archive.renewal import ArchiveRenewal
from registry.audit.recorder import GroupRecorder
from registry.db.database import Database
from registry.ledger.ledger import SqlLedger
from registry.ledger.trust import TrustReader
from registry.objects.store import ObjectStore
from signing.report import ValidationReport
from signing.seal_check.protection import Protection, offered_by
from signing.sealing.archive import RENEWAL_DIGEST, Archiver
from signing.sealing.steady import settle
from signing.validation import validate_pdf


def offers_of(hierarchy: Hierarchy) -> Protection:
    """Return the protection that a renewal would give; opens no key."""
    return offered_by(hierarchy.tsa.public_bytes(Encoding.DER), RENEWAL_DIGEST)


def open_archive_renewal(
    *,
    database: Database,
    hierarchy: Hierarchy,
    recorder: GroupRecorder,
    ledger: SqlLedger,
    store: ObjectStore,
    clock: Clock,
    within: timedelta,
) -> ArchiveRenewal:
    """Return the renewer of archived documents whose proof runs out within a time."""
    signed, trust = Collector(recorder), TrustReader(ledger, clock)
    archiver = Archiver(hierarchy.timestamps_recorded_by(signed), hierarchy.validation)

    def judge(pdf: bytes) -> ValidationReport:
        # In this process: the bytes are our own, their digest was checked.
        return validate_pdf(pdf, trust(), clock.now())

    settle()
    return ArchiveRenewal(
        database=database,
        store=store,
        archiver=archiver,
        signed=signed,
        judge=judge,
        clock=clock,
        within=within,
    )
