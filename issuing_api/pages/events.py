"""The page of events: what was done within reach, by authority, kind, person and days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from core.ids import AuthorityId, IdentityId
from identity.people.model import IDENTITY_PREFIX
from issuing_api.calls import MOST_DIGITS
from issuing_api.pages.licences import read_day
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.desk_sight import PAGE
from registry.model import NotFoundError

KINDS = ("licence.", "request.", "job.", "role.", "identity.", "seal.", "authority.", "record.")
"""Beginnings of actions, one to be chosen."""


@dataclass(frozen=True, slots=True)
class EventPages:
    """Renders this page."""

    use: PageUse
    rendering: Rendering

    def show(self, visit: Visit) -> Response:
        """Show events; nothing is found where a filter names what is out of reach."""
        query, sight = visit.request.query_params, self.use.sight(visit)
        zone = self.use.desk.rights.zone
        kind = query.get("kind", "") if query.get("kind") in KINDS else ""
        first, last = read_day(query.get("first")), read_day(query.get("last"))
        before = query.get("before", "")
        try:
            found = sight.events(
                action=kind or None,
                person=IdentityId(query["person"]) if query.get("person") else None,
                authority_id=AuthorityId(query["authority"]) if query.get("authority") else None,
                since=_begin_of(first, zone),
                until=_begin_of(None if last is None else last + timedelta(days=1), zone),
                before=int(before) if _is_number(before) else None,
                limit=PAGE + 1,
            )
        except NotFoundError:
            found = []
        shown = found[:PAGE]
        people = [f"{IDENTITY_PREFIX}{one.identity_id}" for one in sight.roles_now()]
        chosen = {
            "kind": kind,
            "person": query.get("person", ""),
            "authority": query.get("authority", ""),
            "first": "" if first is None else first.isoformat(),
            "last": "" if last is None else last.isoformat(),
        }
        return self.rendering.page(
            visit,
            "events.html",
            names=sight.names([*people, *(str(one.actor) for one in shown)]),
            events=shown,
            older=shown[-1].sequence if len(found) > PAGE else None,
            kinds=KINDS,
            people=sorted(set(people)),
            bodies=sight.body_names(),
            chosen=chosen,
        )


def _begin_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
