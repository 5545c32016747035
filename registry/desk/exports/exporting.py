"""Exports of what a search finds: written in flat memory, and on record before handed out.

People's names and all holders' codes are masked, unless whoever exports asks for them and may have
them. The audit has who exported, by which filter, how many, and whether anything was unmasked.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from sqlalchemy import Connection

from core.clock import Clock
from core.permits import Actor, Reach
from core.text import Language, Text
from registry.audit import events as audit
from registry.db.database import Database
from registry.desk.exports import messages
from registry.desk.exports.tables import TableFormat, write_table
from registry.licences.finding import LicenceFilter, LicenceFinder
from registry.model import BODY, Holder, Licence, RegistryError
from registry.privacy.codes import privacy_of
from registry.state_words import standing_on
from registry.types.masks import mask_code, mask_person

EXPORTED: Final = "record.exported"
"""Action of an export's event."""
MOST_AT_ONCE: Final = 100_000
"""Licences that a server exports while whoever asks waits."""
HEADINGS: Final = {
    "number": Text("证照编号", "number"),
    "identifier": Text("证照标识", "identifier"),
    "type": Text("证照类型代码", "type"),
    "type_name": Text("证照类型", "type's name"),
    "authority": Text("颁发机构代码", "authority"),
    "authority_name": Text("颁发机构", "authority's name"),
    "holder": Text("持证主体", "holder"),
    "holder_code": Text("持证主体代码", "holder's code"),
    "state": Text("状态代码", "state"),
    "standing": Text("状态", "state in words"),
    "reason": Text("事由代码", "reason"),
    "granted_on": Text("颁发日期", "granted on"),
    "valid_from": Text("有效期起", "valid from"),
    "valid_until": Text("有效期至", "valid through"),
}
_PAGE = 500
_IN_MEMORY = 1024 * 1024


class TooManyToExportError(RegistryError):
    """More than is exported at once."""

    code = "usage"


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """Order to export a search's result, for somebody."""

    sought: LicenceFilter
    form: TableFormat
    language: Language
    reach: Reach
    actor: Actor
    personal: bool = False
    """Names and codes are not masked; the caller has seen to the right to that."""
    most: int | None = MOST_AT_ONCE
    """None: without a bound."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """File that was written; to be closed."""

    file: IO[bytes]
    count: int


def export_licences(database: Database, clock: Clock, order: ExportOrder) -> ExportedFile:
    """Write what is found to a passing file, and put that on record.

    Raises `TooManyToExportError`.
    """
    headings = {name: text.to(order.language) for name, text in HEADINGS.items()}
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # the caller's
    try:
        count = write_table(file, order.form, headings, _rows(database, order))  # type: ignore[arg-type]
        with database.writing() as connection:
            audit.record(
                connection,
                at=clock.now(),
                actor=order.actor,
                action=EXPORTED,
                subject="licences",
                after={
                    **order.sought.told(privacy_of(connection)),
                    "format": order.form,
                    "rows": count,
                    "personal": order.personal,
                },
            )
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return ExportedFile(file, count)


def _rows(database: Database, order: ExportOrder) -> Iterator[dict[str, Any]]:
    """Yield the rows, a page at a time, each page in a transaction of its own."""
    after, count = None, 0
    while True:
        with database.reading() as connection:
            finder = LicenceFinder(connection, order.reach.authorities)
            page = finder.page(order.sought, after=after, limit=_PAGE)
        for one in page.licences:
            count += 1
            if order.most is not None and count > order.most:
                raise TooManyToExportError(messages.too_many_to_export(order.most))
            yield _row(one, order)
        after = page.older
        if after is None:
            return


def rows_within(connection: Connection, order: ExportOrder) -> Iterator[dict[str, Any]]:
    """Yield the rows, a page at a time, all within one transaction (`Database.snapshot`)."""
    finder, after = LicenceFinder(connection, order.reach.authorities), None
    while True:
        page = finder.page(order.sought, after=after, limit=_PAGE)
        for one in page.licences:
            yield _row(one, order)
        after = page.older
        if after is None:
            return


def _row(one: Licence, order: ExportOrder) -> dict[str, Any]:
    return {
        "number": one.number if order.personal else _masked_number(one),
        "identifier": one.identifier,
        "type": one.type_code,
        "type_name": one.type_name.to(order.language),
        "authority": one.authority_id,
        "authority_name": one.authority_name,
        "holder": "、".join(_name(holder, order) for holder in one.holders),
        "holder_code": "、".join(
            holder.code if order.personal else mask_code(holder.code) for holder in one.holders
        ),
        "state": one.effective_state(order.sought.on),
        "standing": standing_on(one, order.sought.on).to(order.language),
        "reason": one.reason,
        "granted_on": one.granted_on.isoformat(),
        "valid_from": one.valid_from.isoformat(),
        "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
    }


def _name(holder: Holder, order: ExportOrder) -> str:
    plain = order.personal or holder.code_type == BODY
    return holder.name if plain else mask_person(holder.name)


def _masked_number(one: Licence) -> str:
    """Return a number; of one that contains its holder's code (残疾人证) its beginning alone."""
    holds = any(holder.code and holder.code in one.number for holder in one.holders)
    return mask_code(one.number) if holds else one.number
