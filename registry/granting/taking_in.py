"""Taking in of a document that a countersigner signed with software of its own.

What was signed is judged in the sandbox (`registry.granting.foreign_signature`). Then the issuer,
who answers for the round, seals over it in a field of its own that shows nothing: so every revision
on record ends with a seal of ours that covers all of it, and no parser decides what is good. Both
are registered, or none.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from core.errors import UsageError
from core.ids import LicenceIdentifier
from core.permits import Action, Permit
from registry.bodies.authorities import find_seal
from registry.granting import messages
from registry.granting.countersigning import (
    Attempt,
    Countersigned,
    Countersigning,
    SuperfluousAttemptError,
)
from registry.granting.document_terms import terms_of
from registry.granting.foreign_signature import (
    ForeignSignature,
    RefusedSignatureError,
    judge_foreign,
)
from registry.granting.rounds import round_of
from registry.granting.sealing import Countersealing
from registry.licences.countersignatures import RoundProgress, lock_open
from registry.licences.licences import list_revisions, read_licence
from registry.model import Licence, Revision, Seal
from registry.objects.documents import holders_copy
from registry.objects.store import sha256_of
from registry.revisions.beginnings import beginnings
from registry.revisions.judgements import Judgement
from registry.revisions.record import NewRevision, find_recorded
from registry.revisions.registering import further_revisions
from registry.revisions.tokens import record_kept
from registry.types.document_type import taken_field
from signing.levels import PadesLevel
from signing.report import SignatureKind, ValidationReport
from signing.seal_check.protection import protection_of
from signing.trust.anchors import TrustMaterial

_LARGEST = 64 * 1024 * 1024


class Validator(Protocol):
    """Judges a PDF's signatures; `signing.sandbox.Sandbox` outside tests."""

    def validate(self, data: bytes, trust: TrustMaterial, at: datetime) -> ValidationReport:
        """Return the report; never raises for what the bytes hold."""
        ...


class TakingIn:
    """Takes in what was signed elsewhere; one per process."""

    def __init__(
        self,
        *,
        countersigning: Countersigning,
        validator: Validator,
        trust: Callable[[], TrustMaterial],
        roots: Callable[[], tuple[bytes, ...]],
    ) -> None:
        """`trust`: the anchors under which the signature of a body outside may stand."""
        self._round = countersigning
        self._validator = validator
        self._trust = trust
        self._roots = roots

    def take_in(
        self, data: bytes, permit: Permit, named: LicenceIdentifier | None = None
    ) -> Countersigned:
        """Take in a file; `named` is the document of which it has to be.

        Raises `RefusedSignatureError`, `NotAllowedError`, and as `Countersigning.countersign`.
        """
        granting = self._round.granting()
        with granting.turn:
            licence, progress, known, base = self._found(data, permit, named)
            if base.length == len(data):
                return self._taken_before(licence, progress, known, base)
            if base.sequence != known[-1].sequence:
                raise RefusedSignatureError(messages.FOREIGN_BASE)
            report = self._judged(data)
            found = judge_foreign(data, base.length, report, progress)
            self._refuse_unreadable(data)
            record_kept(self._round.database, granting.room.signed)
            with self._round.database.reading() as connection:
                row = read_licence(connection, licence.identifier)[1]
                seal = find_seal(connection, row["seal_id"])
            granting.room.prepare(seal.seal_id, PadesLevel.B_LT)
            attempt = self._begin(licence, found, permit, seal)
            try:
                return self._finish(attempt, permit, (data, report), base.sequence, found)
            except SuperfluousAttemptError as error:
                raise RefusedSignatureError(messages.FOREIGN_BASE) from error
            finally:
                granting.settle_tokens()

    def _found(
        self, data: bytes, permit: Permit, named: LicenceIdentifier | None
    ) -> tuple[Licence, RoundProgress, list[Revision], Revision]:
        """Return the document with which a file begins, and its longest revision that it does."""
        if len(data) > _LARGEST:
            raise UsageError(messages.FOREIGN_UNREADABLE)
        digests = {digest: length for length, digest in beginnings(data)}
        digests[sha256_of(data)] = len(data)
        with self._round.database.reading() as connection:
            recorded = [
                one.revision
                for one in find_recorded(connection, digests)
                if digests[one.revision.sha256] == one.revision.length and one.guarded
            ]
            if not recorded:
                raise RefusedSignatureError(messages.FOREIGN_UNKNOWN)
            base = recorded[0]
            licence, progress = round_of(connection, base.identifier)
            permit.require(Action.GRANT, authority_id=licence.authority_id)
            if named is not None and base.identifier != named:
                raise RefusedSignatureError(messages.FOREIGN_OTHER)
            known = list_revisions(connection, base.identifier)
            return licence, progress, known, known[base.sequence]

    def _judged(self, data: bytes) -> ValidationReport:
        return self._validator.validate(data, self._trust(), self._round.clock.now())

    @staticmethod
    def _refuse_unreadable(data: bytes) -> None:
        try:
            protection_of(data)
        except (ValueError, TypeError, KeyError) as error:
            raise RefusedSignatureError(messages.FOREIGN_UNREADABLE) from error

    def _begin(
        self, licence: Licence, found: ForeignSignature, permit: Permit, seal: Seal
    ) -> Attempt:
        with self._round.database.writing() as connection:
            lock_open(connection, licence.identifier)
            licence, progress = round_of(connection, licence.identifier)
            step = progress.steps[found.step.position - 1]
            if not step.awaited:
                raise RefusedSignatureError(messages.FOREIGN_BASE)
            return self._round.begin(
                connection,
                permit,
                step,
                licence,
                acting=licence.authority_id,
                seal=seal,
                progress=progress,
            )

    def _finish(
        self,
        attempt: Attempt,
        permit: Permit,
        taken: tuple[bytes, ValidationReport],
        base: int,
        found: ForeignSignature,
    ) -> Countersigned:
        (data, report), now = taken, self._round.clock.now()
        terms, position = terms_of(attempt.licence), attempt.step.position
        sealed = self._round.granting().room.counterseal(
            attempt.seal.seal_id,
            Countersealing(
                attempt.licence.identifier,
                data,
                taken_field(position),
                terms.reason or attempt.licence.type_name.zh,
                visible=False,
                archive=attempt.last and attempt.level is PadesLevel.B_LTA,
                anew=True,
            ),
        )
        foreign = NewRevision(
            base + 1, len(data), sha256_of(data), judgement=Judgement(report.signatures, now)
        )
        ours = further_revisions(sealed.pdf, sealed.revisions, self._roots(), now, base + 2)
        ours = [self._proven(one, sealed.pdf, now) for one in ours]
        facts: dict[str, str | int] = {
            "sealed": base + 2,
            "certificate": found.sha256,
            "signer": attempt.step.signer.name,
        }
        return self._round.register(attempt, permit, (sealed.pdf, [foreign, *ours]), base, facts)

    def _proven(self, one: NewRevision, pdf: bytes, now: datetime) -> NewRevision:
        """Return a revision with what the sandbox finds of it. Raises `RefusedSignatureError`."""
        report = self._judged(pdf[: one.length])
        seals = [two for two in report.signatures if two.kind is not SignatureKind.TIMESTAMP]
        if not seals or not all(two.intact and two.trusted for two in report.signatures):
            raise RefusedSignatureError(messages.FOREIGN_UNREADABLE)
        return replace(one, judgement=Judgement(report.signatures, now))

    def _taken_before(
        self,
        licence: Licence,
        progress: RoundProgress,
        known: list[Revision],
        base: Revision,
    ) -> Countersigned:
        """Return a document that was taken in before. Raises `RefusedSignatureError`: this is no
        file that was signed elsewhere.
        """
        taken = [one.sequence for one in progress.steps if one.signer.outside and one.sequence]
        later = [one for one in known if one.sequence > base.sequence]
        if base.sealed or not later or not any(base.sequence < one for one in taken):
            raise RefusedSignatureError(messages.FOREIGN_NOT_SIGNED)
        pdf = holders_copy(self._round.store, known)
        return Countersigned(licence, progress, pdf, sha256_of(pdf), repeated=True)
