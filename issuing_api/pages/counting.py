"""Pages of statistics: a table of counts, and a picture of what was granted when."""

from dataclasses import asdict, dataclass

from starlette.responses import Response

from core.clock import civil_date
from issuing_api.pages.licences import read_day
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from registry.desk.desk_sight import DeskSight
from registry.desk.exports.counting import by_month, picture, statistics_facts
from registry.licences.statistics import COUNTED, CountedLicences, StatisticsRow, total

PICTURE = "/issuing/statistics/picture.svg"
_FILTERS = "authority", "type", "from", "until"


@dataclass(frozen=True, slots=True)
class CountingPages:
    """Renders these pages."""

    use: PageUse
    rendering: Rendering

    def statistics(self, visit: Visit) -> Response:
        """Show counts by authority, type and month, within reach."""
        sight = self.use.sight(visit)
        counted, rows = self._counted(visit, sight)
        with self.use.desk.rights.database.reading() as connection:
            facts = statistics_facts(connection, rows, visit.language)
        query = visit.request.query_params
        return self.rendering.page(
            visit,
            "statistics.html",
            counted=counted,
            facts=facts,
            total=asdict(total(rows)),
            columns=COUNTED,
            types=self.use.abilities.types(),
            bodies=sight.body_names(),
            picture=PICTURE,
            kept={name: query[name] for name in _FILTERS if query.get(name)},
        )

    def picture(self, visit: Visit) -> Response:
        """Return the picture, an SVG."""
        _, rows = self._counted(visit, self.use.sight(visit))
        with self.use.desk.rights.database.reading() as connection:
            facts = statistics_facts(connection, rows, visit.language)
        drawn = picture(by_month(facts), visit.language)
        headers = {"Content-Language": visit.language, "Vary": "Cookie, Accept-Language"}
        return Response(drawn, media_type="image/svg+xml", headers=headers)

    def _counted(
        self, visit: Visit, sight: DeskSight
    ) -> tuple[CountedLicences, list[StatisticsRow]]:
        query, rights = visit.request.query_params, self.use.desk.rights
        types, bodies = self.use.abilities.types(), sight.body_names()
        counted = CountedLicences(
            on=civil_date(rights.clock.now(), rights.zone),
            authority_id=next((one for one in bodies if one == query.get("authority")), None),
            type_code=next((one.code for one in types if one.code == query.get("type")), None),
            granted_from=read_day(query.get("from")),
            granted_until=read_day(query.get("until")),
        )
        return counted, sight.statistics(counted)
