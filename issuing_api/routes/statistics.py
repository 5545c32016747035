"""Route of statistics: counts by authority, type and month, within reach; of no holder."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from core.ids import AuthorityId
from issuing_api.routes.search import Body, From, TypeName, Until
from issuing_api.routes.type_names import type_code
from issuing_api.wire import ToldWire
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller
from registry.licences.statistics import (
    COUNTED,
    CountedLicences,
    Counts,
    GroupedBy,
    StatisticsRow,
    total,
)

_By = Annotated[list[GroupedBy] | None, Query(description="What is told apart; all, if not given.")]


class StandingCountsWire(ToldWire):
    """Counts of what was granted, by how it stands on the day."""

    granted: int = Field(description="Documents among them are signed.")
    in_force: int
    waiting: int = Field(description="Not valid yet.")
    suspended: int
    expired: int
    cancelled: int
    replaced: int

    @classmethod
    def of(cls, one: Counts) -> "StandingCountsWire":
        """Return the counts."""
        return cls(**{name: getattr(one, name) for name in COUNTED})


class StatisticsRowWire(ToldWire):
    """One group; null where groups are not told apart by it."""

    authority: str | None
    type: str | None
    month: str | None = Field(description="Of granting, as 2026-03.")
    counts: StandingCountsWire

    @classmethod
    def of(cls, one: StatisticsRow) -> "StatisticsRowWire":
        """Return a group."""
        counts = StandingCountsWire.of(one.counts)
        return cls(authority=one.authority_id, type=one.type_code, month=one.month, counts=counts)


class StatisticsWire(ToldWire):
    """Statistics of the licences within reach."""

    on: date
    rows: list[StatisticsRowWire]
    total: StandingCountsWire


def add_statistics(
    router: APIRouter, desk: Desk, signed_in: Any, today: Callable[[], date]
) -> None:
    """Add the route of statistics."""

    @router.get("/statistics", summary="Counts 统计", tags=["licences"])
    def statistics(
        *,
        caller: Annotated[Caller, signed_in],
        authority: Body = None,
        type: TypeName = None,  # noqa: A002  # its name
        granted_from: From = None,
        granted_until: Until = None,
        by: _By = None,
    ) -> StatisticsWire:
        """Counts of what was granted in each month, by how it stands today."""
        counted = CountedLicences(
            on=today(),
            authority_id=None if authority is None else AuthorityId(authority),
            type_code=type_code(desk, type),
            granted_from=granted_from,
            granted_until=granted_until,
            by=tuple(GroupedBy) if by is None else tuple(by),
        )
        rows = desk.rights.sight(caller).statistics(counted)
        return StatisticsWire(
            on=counted.on,
            rows=[StatisticsRowWire.of(one) for one in rows],
            total=StandingCountsWire.of(total(rows)),
        )
