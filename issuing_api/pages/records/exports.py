"""Pages of exports: asked for from a search, followed without a script, fetched, cancelled."""

import secrets
from dataclasses import dataclass

from starlette.responses import Response

from core.clock import civil_date
from core.errors import XinyinError
from core.text import Text
from core.web.problem_answers import edge_problem_of, public_text
from core.web.request_errors import AddressNotFoundError, UnusableRequestError
from identity.people.rights_check import StepUpRequiredError
from issuing_api.calls import request_key_of
from issuing_api.pages.asking import KEY
from issuing_api.pages.fields import member_of
from issuing_api.pages.licences import read_day
from issuing_api.pages.records import messages
from issuing_api.pages.records.labels import EXPORT_STATES, EXPORT_TONES, EXPORT_WHY
from issuing_api.pages.rendering import Rendering
from issuing_api.pages.visits import PageUse, Visit
from issuing_api.routes.exports import export_file
from registry.desk.exports.asked import ExportAsk
from registry.desk.exports.records import Export
from registry.desk.exports.tables import TableFormat
from registry.licences.exported import UNDER_WAY, ExportState
from registry.licences.finding import LONGEST_TEXT, LicenceFilter
from registry.model import LicenceState

EXPORTS = "/issuing/exports"
FOLLOW = "follow"
"""In the address of a page that renews itself."""


@dataclass(frozen=True, slots=True)
class ExportPages:
    """Renders these pages, and takes orders for exports."""

    use: PageUse
    rendering: Rendering

    def listed(self, visit: Visit) -> Response:
        """Show the exports of who is there."""
        return self._list(visit)

    def ask(self, visit: Visit) -> Response:
        """Ask for an export of what a search finds. Raises `StepUpRequiredError`."""
        form = member_of(TableFormat, visit.said("format"))
        if form is None:
            raise AddressNotFoundError(messages.FORMAT_UNKNOWN)
        try:
            personal, sought = bool(visit.said("personal")), self._sought(visit)
            if personal and sought.authority_id is None:
                raise UnusableRequestError(messages.NAME_THE_AUTHORITY)
            key = request_key_of(visit.said(KEY) or secrets.token_urlsafe(24))
            ask = ExportAsk(sought, form, visit.language, personal)
            made = self.use.desk.exports.ask(visit.standing, ask, key)
        except StepUpRequiredError:
            raise
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            return self._list(visit, status, alert=public_text(error))
        return self.rendering.redirect(f"{EXPORTS}/{made.export_id}")

    def ask_again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the exports, and say why none was begun."""
        return self._list(visit, edge_problem_of(error.code).status, alert=error.text)

    def show(self, visit: Visit) -> Response:
        """Show an export of who is there. Raises `NoSuchExportError`."""
        return self._show(visit)

    def file(self, visit: Visit) -> Response:
        """Return its file. Raises as `Exports.fetch`."""
        return export_file(self.use.desk.exports.fetch(visit.standing, _id(visit)))

    def step(self, visit: Visit) -> Response:
        """Cancel an export, or delete its file."""
        if visit.said("do") != "cancel":
            raise AddressNotFoundError(messages.STEP_UNKNOWN)
        try:
            self.use.desk.exports.cancel(visit.standing, _id(visit))
        except XinyinError as error:
            status = edge_problem_of(error.code).status
            if status in (404, 500):
                raise
            return self._show(visit, status, alert=public_text(error))
        return self.rendering.redirect(f"{EXPORTS}/{_id(visit)}")

    def again(self, visit: Visit, error: XinyinError) -> Response:
        """Show the export again, and say why nothing was done."""
        return self._show(visit, edge_problem_of(error.code).status, alert=error.text)

    def _sought(self, visit: Visit) -> LicenceFilter:
        """Return the search that the form repeats; what is out of reach is not found."""
        types, bodies = self.use.abilities.types(), self.use.sight(visit).body_names()
        rights = self.use.desk.rights
        return LicenceFilter(
            on=civil_date(rights.clock.now(), rights.zone),
            text=visit.said("q")[:LONGEST_TEXT],
            state=member_of(LicenceState, visit.said("state")),
            type_code=next((one.code for one in types if one.code == visit.said("type")), None),
            authority_id=next((one for one in bodies if one == visit.said("authority")), None),
            granted_from=read_day(visit.said("from")),
            granted_until=read_day(visit.said("until")),
        )

    def _list(self, visit: Visit, status: int = 200, *, alert: Text | None = None) -> Response:
        found = self.use.desk.exports.own(visit.standing)
        return self.rendering.page(
            visit, "exports.html", status=status, alert=alert, found=found, words=_Words
        )

    def _show(self, visit: Visit, status: int = 200, *, alert: Text | None = None) -> Response:
        found = self.use.desk.exports.view(visit.standing, _id(visit))
        under_way = found.state in UNDER_WAY
        return self.rendering.page(
            visit,
            "export.html",
            status=status,
            alert=alert,
            one=found,
            words=_Words,
            under_way=under_way,
            # Only where that was asked for (WCAG 2.2.1); a page that says what went wrong stays.
            reloads=under_way and alert is None and FOLLOW in visit.request.query_params,
            done=found.state is ExportState.DONE,
        )


class _Words:
    """Words and colours of exports."""

    @staticmethod
    def state(one: Export) -> Text:
        """Return the words of its state."""
        return EXPORT_STATES[one.state]

    @staticmethod
    def tone(one: Export) -> str:
        """Return the colour's name of its state."""
        return EXPORT_TONES[one.state]

    @staticmethod
    def why(one: Export) -> Text | None:
        """Return the cause why it stopped or waits; a code that has no words as it is."""
        if one.why is None:
            return None
        return EXPORT_WHY.get(one.why, Text(one.why, one.why))

    @staticmethod
    def size(one: Export) -> str:
        """Return the size of its file."""
        return f"{one.size / 1024:,.0f} KiB"


def _id(visit: Visit) -> str:
    return str(visit.request.path_params["export_id"])[:32]
