"""Batches as they were approved: terms and rows by their digest, and the permit for the rest."""

from dataclasses import dataclass

from sqlalchemy import Connection

from core.permits import Action, Permit
from registry.desk.batch import messages
from registry.desk.batch_rows import batch_digest, digests_of
from registry.desk.contents import BatchAsk, content_of, only
from registry.desk.judging import refuse_other_type
from registry.desk.rights import CallerStanding, Rights
from registry.model import ConflictError
from registry.officers.approval_use import approval_carried_out
from registry.officers.model import DeskRequest, Job
from registry.officers.request_rows import find_request
from registry.officers.requests import bound_digest
from registry.officers.terms import terms_of
from registry.privacy.codes import is_kept, privacy_of
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType


class RowChangedError(ConflictError):
    """A row, or how rows are granted, is not what was approved."""


@dataclass(frozen=True, slots=True)
class ApprovedBatch:
    """A batch as it was approved."""

    request: DeskRequest
    ask: BatchAsk
    digests: dict[int, str]
    """Of its rows."""


def approved_batch(connection: Connection, job: Job) -> ApprovedBatch:
    """Return the batch of a job, whose terms and rows are together what was approved.

    Raises `RowChangedError`, `ContentGoneError`.
    """
    request, ask = _asked(connection, job)
    digests = digests_of(connection, job.request_id)
    digest = bound_digest(batch_digest(ask, list(digests.values())), request.type_sha256)
    if not is_kept(privacy_of(connection), request.digest, digest):
        raise RowChangedError(messages.CONTENT_CHANGED)
    return ApprovedBatch(request, ask, digests)


def refuse_changed(approved: ApprovedBatch, ask: BatchAsk, licence_type: LicenceType) -> None:
    """See that terms and type, read again for more rows, are still what was approved.

    Whoever writes the database may have changed them since. Raises `RowChangedError`,
    `TypeChangedError`.
    """
    if ask != approved.ask:
        raise RowChangedError(messages.CONTENT_CHANGED)
    refuse_other_type(approved.request, licence_type)


def permit_for_rest(
    rights: Rights,
    catalogue: Catalogue,
    standing: CallerStanding,
    job: Job,
    *,
    count: int = 1,
) -> tuple[Permit, BatchAsk, LicenceType]:
    """Return the permit that somebody has now for the rest of a batch."""
    with rights.database.reading() as connection:
        request, ask = _asked(connection, job)
        licence_type = catalogue.find(connection, ask.type_code)
        approval = approval_carried_out(
            connection, job.request_id, rights.clock.now(), rights.deciders
        )
    refuse_other_type(request, licence_type)
    permit = rights.permit(
        standing,
        Action.GRANT,
        job.authority_id,
        terms=terms_of(licence_type, Action.GRANT),
        digest=request.digest,
        approval=approval,
        count=count,
    )
    return permit, ask, licence_type


def _asked(connection: Connection, job: Job) -> tuple[DeskRequest, BatchAsk]:
    request = find_request(connection, job.request_id)
    return request, only(content_of(connection, request, carried_out=True), BatchAsk)
