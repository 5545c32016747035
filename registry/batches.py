"""Granting many applications, one after the other; running the same batch again finishes it.

Each row has a request key made of the batch, its place and its content, so that a row granted
before is found again and never granted twice.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import XinyinError
from core.ids import AuthorityId
from registry.audit import Actor
from registry.granting import Granted, Granting
from registry.model import Application
from registry.reservation import GrantRequest
from signing.pades import PadesLevel


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What holds for all rows of a batch."""

    name: str
    """Two batches of different names may grant the same row twice."""
    actor: Actor
    authority_id: AuthorityId | None = None
    basis: str | None = None
    level: PadesLevel = PadesLevel.B_LT


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row: a licence, or an error."""

    source: str
    granted: Granted | None
    error: XinyinError | None


def run_batch(
    granting: Granting,
    applications: Sequence[Application] | Iterable[Application],
    order: BatchOrder,
) -> Iterator[RowOutcome]:
    """Grant each application; an error of one row does not stop the next."""
    for application in applications:
        try:
            granted = granting.grant(_request(application, order))
        except XinyinError as error:
            yield RowOutcome(application.source, None, error)
        else:
            yield RowOutcome(application.source, granted, None)


def _request(application: Application, order: BatchOrder) -> GrantRequest:
    return GrantRequest(
        application=application,
        actor=order.actor,
        basis=order.basis,
        authority_id=order.authority_id,
        level=order.level,
        request_key=_key(application, order),
    )


def _key(application: Application, order: BatchOrder) -> str:
    """Return 64 hex digits that another row, another content or another batch would change.

    Tomorrow they are the same: what follows from the day of granting does not count.
    """
    said = [
        order.name,
        order.authority_id,
        application.source,
        application.type_code,
        application.stated,
        application.photo and hashlib.sha256(application.photo).hexdigest(),
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
