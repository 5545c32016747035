"""Pages of authorities: their seals with their use, and who has which role."""

from dataclasses import dataclass

from starlette.responses import Response

from identity.people.model import actor_name
from issuing_api.pages.own import seal_bodies
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.desk_sight import MOST_ROLES
from registry.desk.seal_use import SealUse, seal_uses
from registry.officers.model import RoleRecord


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
