"""Pages of authorities: their seals with their use, and who has which role."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from identity.people.model import actor_name
from issuing_api.pages.own import seal_bodies
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.bodies.seal_records import seal_record
from registry.bodies.seal_register import UsePlace, list_uses, seal_at
from registry.desk.desk_sight import MOST_ROLES, PAGE
from registry.desk.lists import PageCursor
from registry.desk.seal_use import SealUse, seal_uses
from registry.officers.model import RoleRecord

_LONGEST_MOMENT = 40


@dataclass(frozen=True, slots=True)
class BodyPages:
    """Renders these pages."""

    use: PageUse
    rendering: Rendering

    def seals(self, visit: Visit) -> Response:
        """Show the seals in reach, by authority."""
        sight = self.use.sight(visit)
        found: dict[str, list[SealUse]] = {}
        for one in seal_uses(sight, self.use.desk.rights.clock):
            found.setdefault(one.seal.authority_id, []).append(one)
        bodies = sight.body_names()
        return self.rendering.page(
            visit, "seals.html", bodies=bodies, uses=found, offered=seal_bodies(self.use, visit)
        )

    def seal(self, visit: Visit) -> Response:
        """Show a seal: its certificates, how it stands and stood, what it sealed.

        Raises `NotFoundError`, also for one out of reach.
        """
        query, sight = visit.request.query_params, self.use.sight(visit)
        rights = self.use.desk.rights
        known, now = sight.seal(visit.request.path_params["seal_id"]), rights.clock.now()
        typed, place = (
            query.get("at", "")[:_LONGEST_MOMENT],
            PageCursor.read(query.get("before", "")),
        )
        moment = _moment(typed, rights.zone)
        after = None if place is None else UsePlace(place.at, place.key)
        with sight.reading_use(known.seal_id) as connection:
            record = seal_record(connection, known.seal_id, now)
            asked = None if moment is None else seal_at(connection, known.seal_id, moment, now)
            found = list_uses(connection, known.seal_id, after=after, limit=PAGE + 1)
        uses = found[:PAGE]
        last = uses[-1] if len(found) > PAGE else None
        return self.rendering.page(
            visit,
            "seal.html",
            seal=record,
            asked=asked,
            typed=typed if moment else "",
            uses=uses,
            names=sight.names(one.by for one in uses if one.by),
            older=None if last is None else PageCursor(last.reserved_at, last.identifier),
            first=place is None,
        )

    def people(self, visit: Visit) -> Response:
        """Show who has which role in reach, by authority; first those of all authorities."""
        sight, found = self.use.sight(visit), dict[str | None, list[RoleRecord]]()
        roles = sight.roles_now()
        for one in roles:
            found.setdefault(one.authority_id, []).append(one)
        bodies = sight.body_names()
        return self.rendering.page(
            visit,
            "people.html",
            names=sight.names(
                actor for one in roles for actor in (actor_name(one.identity_id), one.given_by)
            ),
            actor_name=actor_name,
            bodies=bodies,
            roles=found,
            now=self.use.desk.rights.clock.now(),
            cut=len(roles) == MOST_ROLES,
        )


def _moment(typed: str, zone: ZoneInfo) -> datetime | None:
    """Return an instant that was typed, in the service's zone; None for what is none."""
    try:
        found = datetime.fromisoformat(typed)
        found = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
