"""Registered files, recognised by their digests: no parser decides whether a file is ours.

1. The beginnings of the bytes that may be a revision are digested, and the record is asked, live.
2. The record is compared with the audit event that registered the revision.
3. The seal is checked over these very bytes, up to a root that is pinned as a file: who can write
   the database but holds no seal key makes nothing good. What this says of the bytes never changes
   and is kept in the process, by digest.
4. What was revoked, suspended or ended since is applied to what is said of the signatures.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy import Connection, select

from core.clock import Clock
from core.ids import Sha256
from registry.db.tables import revisions
from registry.journal.documents import DocumentJournal
from registry.ledger.known_revocations import find_revocations, revocations_by_digest
from registry.ledger.root_files import RootFiles
from registry.licences.licences import is_erased, list_revisions
from registry.model import Revision
from registry.revisions.beginnings import beginnings
from registry.revisions.judgements import Judgement
from registry.revisions.record import Recorded, find_one_recorded, find_recorded
from signing.report import (
    Coverage,
    LaterChanges,
    SignatureKind,
    SignatureReport,
    Structure,
    ValidationReport,
)
from signing.seal_check.check import Beginning, SealCheck, check_seal
from signing.seal_check.reports import certificates_of, reports_of, with_revocations
from signing.trust.anchors import TrustMaterial

REMEMBERED = 4096
"""Files whose seals were checked; each takes some 2 KiB."""
_HARMLESS = (LaterChanges.NONE, LaterChanges.VALIDATION_DATA)
_T = TypeVar("_T")

Validate = Callable[[bytes, TrustMaterial, datetime], ValidationReport]
"""Judges a file, as `signing.sandbox.Sandbox.validate` does."""


@dataclass(frozen=True, slots=True)
class Known:
    """A file that is, or begins with, a registered revision."""

    revision: Revision
    """The longest registered revision that the bytes are or begin with."""
    seal_holds: bool | None
    """True: the seal's signature holds over these very bytes up to a root given as a file. False:
    it does not, which is the operator's alarm. None: it could not be judged."""
    signatures: tuple[SignatureReport, ...]
    """What was judged of the revision's signatures, later revocations applied."""
    judged_at: datetime | None
    guarded: bool
    """The record agrees with the audit event that registered the revision."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """Sandbox's report on a file that the check here leaves open."""

    seal_holds: bool | None
    judgement: Judgement


class _Lru(Generic[_T]):
    """A bounded mapping that forgets what was not asked for longest; for several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: OrderedDict[Hashable, _T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> _T | None:
        with self._lock:
            found = self._items.get(key)
            if found is not None:
                self._items.move_to_end(key)
            return found

    def put(self, key: Hashable, value: _T) -> None:
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            if len(self._items) > self._most:
                self._items.popitem(last=False)


def _held_when_registered(kept: Judgement | None) -> bool | None:
    """Tell whether a seal held over bytes that are erased, by what was found when they were
    registered; the event that registered them has the digest of that.
    """
    if kept is None:
        return None
    seals = [one for one in kept.signatures if one.kind is SignatureKind.SEAL]
    return True if seals and all(one.intact for one in seals) else None


class KnownFiles:
    """Looks registered files up; one per process, usable from several threads."""

    def __init__(
        self,
        *,
        roots: Callable[[], tuple[bytes, ...]],
        clock: Clock,
        validate: Validate | None = None,
        trust: Callable[[], TrustMaterial] = lambda: TrustMaterial(()),
        stored: Callable[[Sha256], bytes | None] = lambda _: None,
        journal_directory: Path | None = None,
    ) -> None:
        """`roots` reads the pinned roots (DER); `validate`, the sandbox, judges what the check here
        leaves open, with these roots and what else `trust` knows; `stored` returns a stored
        document where this process has them.
        """
        self._roots = roots
        self._clock = clock
        self._validate = validate
        self._trust = trust
        self._stored = stored
        self._journal = None if journal_directory is None else DocumentJournal(journal_directory)
        self._checks: _Lru[SealCheck] = _Lru(REMEMBERED)
        self._judged: _Lru[_Judged] = _Lru(REMEMBERED)
        self._borne: _Lru[bool] = _Lru(REMEMBERED)
        """Whether a file, by digest, bears an identifier."""

    def find(self, connection: Connection, data: bytes, *, quick: bool = False) -> Known | None:
        """Return the longest registered revision that `data` is or begins with.

        `quick`: None also where the sandbox would have to be asked.
        """
        beginning = Beginning(data)
        recorded = find_one_recorded(connection, Sha256(beginning.whole()))
        if recorded is not None and recorded.revision.length == len(data):
            return self._known(connection, recorded, data, beginning, quick=quick)
        digests = {digest: length for length, digest in beginnings(data)}
        for recorded in find_recorded(connection, digests):
            length = recorded.revision.length
            if digests[recorded.revision.sha256] == length:
                return self._known(connection, recorded, data[:length], None, quick=quick)
        return None

    def find_digest(self, connection: Connection, sha256: Sha256) -> Known | None:
        """Return the registered revision of that digest."""
        recorded = find_one_recorded(connection, sha256)
        if recorded is None:
            return None
        data = self._document(connection, recorded.revision)
        if data is None:
            return self._unseen(connection, recorded)
        return self._known(connection, recorded, data, None, quick=False)

    def is_lost(self, *digests: Sha256) -> bool:
        """Tell whether the journal knows one of the digests: of a record that the register lacks.

        The caller has looked them up. False where this process has no journal.
        """
        return self._journal is not None and self._journal.names(*digests)

    def sealed_digest_known(self, connection: Connection, signed_digest: str) -> bool:
        """Tell whether a signed messageDigest is that of a revision that we sealed."""
        query = select(revisions.c.sequence).where(revisions.c.signed_digest == signed_digest)
        return connection.execute(query.limit(1)).first() is not None

    def _known(
        self,
        connection: Connection,
        recorded: Recorded,
        data: bytes,
        beginning: Beginning | None,
        *,
        quick: bool,
    ) -> Known | None:
        revision, roots = recorded.revision, self._roots()
        check = self._check(revision.sha256, data, roots, beginning)
        if not check.complete and check.holds is not False and roots:
            if quick and self._judged.get((revision.sha256, roots)) is None:
                return None
            return self._by_sandbox(connection, recorded, data, check, roots)
        holds = check.holds and self._bears(revision, data)
        signatures, judged_at = self._said(connection, recorded, check)
        return Known(revision, holds, signatures, judged_at, recorded.guarded)

    def _bears(self, revision: Revision, data: bytes) -> bool:
        """Tell whether a file says that it is the licence on whose record it stands."""
        borne = revision.identifier.encode() in data
        self._borne.put((revision.sha256, revision.identifier), borne)
        return borne

    def _check(
        self,
        sha256: Sha256,
        data: bytes,
        roots: tuple[bytes, ...],
        beginning: Beginning | None,
    ) -> SealCheck:
        found = self._checks.get((sha256, roots))
        if found is None:
            found = check_seal(data, roots, beginning)
            self._checks.put((sha256, roots), found)
        return found

    def _said(
        self, connection: Connection, recorded: Recorded, check: SealCheck
    ) -> tuple[tuple[SignatureReport, ...], datetime | None]:
        """Return the reports, and when they were made; what was checked here goes before."""
        now = self._clock.now()
        if not check.complete:
            kept = recorded.kept.read()
            return self._kept(connection, kept), None if kept is None else kept.judged_at
        revocations = find_revocations(
            connection, certificates_of(check), lambda: self._trust().crls
        )
        return reports_of(check, revocations, now), recorded.kept.judged_at or now

    def _kept(self, connection: Connection, kept: Judgement | None) -> tuple[SignatureReport, ...]:
        if kept is None:
            return ()
        digests = {one.certificate_sha256 for one in kept.signatures} - {None}
        revocations = revocations_by_digest(connection, [one for one in digests if one])
        return tuple(with_revocations(one, revocations) for one in kept.signatures)

    def _by_sandbox(
        self,
        connection: Connection,
        recorded: Recorded,
        data: bytes,
        check: SealCheck,
        roots: tuple[bytes, ...],
    ) -> Known:
        revision = recorded.revision
        judged = self._judge(revision.sha256, data, check, roots)
        if judged is None:
            kept = recorded.kept.read()
            reports = self._kept(connection, kept)
            at = None if kept is None else kept.judged_at
            return Known(revision, None, reports, at, recorded.guarded)
        holds = judged.seal_holds and self._bears(revision, data)
        # Of what was signed elsewhere and taken in, the pinned roots alone say less than was found.
        kept = recorded.kept.read() if holds and recorded.guarded else None
        judgement = kept or judged.judgement
        reports = self._kept(connection, judgement)
        return Known(revision, holds, reports, judgement.judged_at, recorded.guarded)

    def _judge(
        self, sha256: Sha256, data: bytes, check: SealCheck, roots: tuple[bytes, ...]
    ) -> _Judged | None:
        """Have the sandbox judge a file once; None where it could not."""
        judged = self._judged.get((sha256, roots))
        if judged is not None or self._validate is None:
            return judged
        now = self._clock.now()
        report = self._validate(data, replace(self._trust(), anchors=roots), now)
        if report.structure in (Structure.FAILED, Structure.LIMIT):
            return None
        judged = _Judged(_seal_holds(report, check, len(data)), Judgement(report.signatures, now))
        self._judged.put((sha256, roots), judged)
        return judged

    def _document(self, connection: Connection, revision: Revision) -> bytes | None:
        """Return a revision's bytes, which may be the beginning of a longer one's."""
        data = self._stored(revision.sha256)
        if data is None:
            longest = list_revisions(connection, revision.identifier)[-1]
            data = None if longest == revision else self._stored(longest.sha256)
        if data is None:
            return None
        data = data[: revision.length]
        return data if hashlib.sha256(data).hexdigest() == revision.sha256 else None

    def _unseen(self, connection: Connection, recorded: Recorded) -> Known:
        """Say what is known of a revision whose bytes are not here."""
        revision, roots = recorded.revision, self._roots()
        borne = self._borne.get((revision.sha256, revision.identifier))
        check = self._checks.get((revision.sha256, roots))
        if check is not None and check.complete:
            signatures, at = self._said(connection, recorded, check)
            return Known(revision, check.holds and borne, signatures, at, recorded.guarded)
        judged = self._judged.get((revision.sha256, roots))
        kept = recorded.kept.read() if judged is None else judged.judgement
        holds = None if judged is None else judged.seal_holds and borne
        if holds is None and is_erased(connection, revision.identifier):
            holds = _held_when_registered(kept)
        return Known(
            revision,
            holds,
            self._kept(connection, kept),
            None if kept is None else kept.judged_at,
            recorded.guarded,
        )


def open_known_files(
    home: Path,
    journal_directory: Path,
    *,
    stored: Callable[[Sha256], bytes | None],
    clock: Clock,
    validate: Validate,
    trust: Callable[[], TrustMaterial],
) -> KnownFiles:
    """Return the lookup of files in a home, with the journal that is there."""
    return KnownFiles(
        roots=RootFiles(home),
        clock=clock,
        validate=validate,
        trust=trust,
        stored=stored,
        journal_directory=journal_directory,
    )


def _seal_holds(report: ValidationReport, check: SealCheck, length: int) -> bool | None:
    """Read the sandbox's report: its only anchors were the pinned roots.

    What the seal does not cover must be archive revisions by their bytes. Were a parser to explain
    it, who writes the database could add to a sealed file what our parser and viewers read in
    different ways; a timestamp over it proves nothing, since anybody gets one.
    """
    seals = [one for one in report.signatures if one.kind is SignatureKind.SEAL]
    if not seals:
        return False
    seal = max(seals, key=lambda one: one.covered_length)  # it covers those before it
    if (
        any(one.intact is False for one in seals)
        or seal.later_changes is LaterChanges.CONTENT_CHANGED
    ):
        return False
    if seal.covered_length not in (check.sealed_length, length):
        return None
    holds = check.holds is True or (seal.intact is True and seal.coverage is not Coverage.PART)
    if not holds or seal.later_changes not in _HARMLESS:
        return None
    return check.holds is True or seal.trusted
