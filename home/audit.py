"""The parts of a home's audit, each made when it is first needed."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cached_property

from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca.ocsp.answer_counts import AnswerCounts
from ca.recorder import AuditUnavailableError
from core.clock import Clock
from core.processes import usable_cores
from core.settings import AuditSettings
from keys.model import KeyPurpose
from keys.ring import KeyRing
from registry.audit.anchors import FileAnchor, JournalAnchor
from registry.audit.heads import HeadAnchor
from registry.audit.recorder import GroupRecorder
from registry.audit.signing import HeadSigner
from registry.db.database import Database
from registry.journal.journal import Journal, JournalError
from registry.reconcile.outcome import AuditReport
from registry.reconcile.verification import AuditKeys, verify_audit

_log = logging.getLogger(__name__)


class HomeAudit:
    """Parts that record, sign and confirm the audit."""

    def __init__(
        self,
        *,
        database: Callable[[], Database],
        keys: Callable[[], KeyRing],
        journal: Callable[[], Journal],
        clock: Clock,
        settings: Callable[[], AuditSettings],
    ) -> None:
        self._database = database
        self._keys = keys
        self._journal = journal
        self._clock = clock
        self._settings = settings

    @cached_property
    def recorder(self) -> GroupRecorder:
        """Makes events of signing durable."""
        return GroupRecorder(self._database())

    @cached_property
    def sealing_recorder(self) -> GroupRecorder:
        """Makes those of our own sealing durable, which may wait longer than a client of the TSA:
        a batch beside it holds the database for seconds on a slow disk.
        """
        return GroupRecorder(self._database(), patience=None)

    @cached_property
    def answers(self) -> AnswerCounts:
        """Counts OCSP answers."""
        return AnswerCounts(self.recorder, self._clock)

    @cached_property
    def anchors(self) -> tuple[HeadAnchor, ...]:
        """Anchors of signed heads outside the database: the journal, and the file that was set."""
        file = self._settings().heads_file
        journal = JournalAnchor(self._journal)
        return (journal,) if file is None else (journal, FileAnchor(file))

    @cached_property
    def signer(self) -> HeadSigner:
        """Signs where the chain ends."""
        return HeadSigner(
            database=self._database(),
            keys=self._keys(),
            anchors=self.anchors,
            clock=self._clock,
            every=timedelta(minutes=self._settings().sign_every_minutes),
        )

    def public_keys(self) -> AuditKeys:
        """Return the keys that may have signed heads."""
        return {
            one.key_id: load_der_public_key(one.spki)
            for one in self._keys().list_keys()
            if one.purpose is KeyPurpose.AUDIT
        }

    def verify(
        self,
        keys: AuditKeys,
        more: Sequence[HeadAnchor] = (),
        *,
        since_head: bool = False,
        processes: int | None = None,
        on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> AuditReport:
        """Verify chain, tables, journal and heads, with further places of heads.

        With `since_head` only what came after the newest signed head; by as many processes as there
        are cores unless said otherwise. Raises what its parts raise.
        """
        journal = JournalAnchor(self._journal, recent=since_head)
        opened = None
        with suppress(JournalError):  # the anchor tells of it
            opened = self._journal()
        by_itself = opened is None or since_head  # else it is read once, for all
        return verify_audit(
            self._database(),
            keys,
            (*((journal,) if by_itself else ()), *self.anchors[1:], *more),
            restorations=journal.restorations() if by_itself else (),
            journal=opened,
            now=self._clock.now(),
            since_head=since_head,
            processes=processes or usable_cores(),
            on_progress=on_progress,
        )

    def record_answers(self) -> None:
        """Record how many OCSP answers this process has signed since it last did."""
        if "answers" not in self.__dict__:
            return
        try:
            self.answers.record()
        except AuditUnavailableError as error:
            _log.error(
                "numbers of OCSP answers are missing in the audit: %s",
                error.text.en,
                extra={"code": error.code},
            )
