"""Preview of a page before a seal is used: as it will look, without number, identifier and code."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from core.clock import civil_date
from core.errors import NotAllowedError
from core.text import Text
from registry.bodies.authorities import find_authority, mandated_seal, no_such_authority
from registry.desk import messages
from registry.desk.contents import GrantAsk
from registry.desk.rights import CallerStanding, Rights
from registry.importing.records import judge_record
from registry.licences.holdings import would_be_second
from registry.licences.printability import Printability
from registry.licences.reasons import InvalidChangeError
from registry.licences.replacing import Replacement
from registry.model import Application, Authority, ConflictError
from registry.types.catalogue import Catalogue
from registry.types.licence_type import LicenceType
from registry.types.photos import ReadPhoto
from signing.face import LicenceFace
from signing.render.page_parts import PageLayout
from signing.render.renderer import LicenceRenderer


@dataclass(frozen=True, slots=True)
class Draft:
    """An application that was judged, and the page that it would lead to."""

    licence_type: LicenceType
    authority: Authority
    application: Application
    face: LicenceFace
    layout: tuple[PageLayout, ...]
    trouble: Text | None = None
    """Why it could not be granted as things stand."""


@dataclass(slots=True)
class Previews:
    """Judges and draws what is asked for; draws one page at a time."""

    rights: Rights
    catalogue: Catalogue
    public_url: str
    make_renderer: Callable[[], LicenceRenderer]
    read_photo: ReadPhoto
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _renderer: LicenceRenderer | None = None
    """Made when it is first needed: its fonts take half a second. Guarded by `_lock`."""

    def draft(self, standing: CallerStanding, ask: GrantAsk) -> Draft:
        """Judge what is asked for, and lay its page out.

        Raises `RowProblems`, `NotFoundError`, `NotAllowedError`, `ConflictError`, and as
        `LicenceRenderer.layout`.
        """
        with self.rights.database.reading() as connection:
            licence_type = self.catalogue.find(connection, ask.type_code)
            if ask.authority_id is not None and not standing.reach.includes(ask.authority_id):
                raise no_such_authority(ask.authority_id)
            seal = mandated_seal(connection, licence_type.code, ask.authority_id)
            authority = find_authority(connection, seal.authority_id)
        if not standing.reach.includes(seal.authority_id):
            raise NotAllowedError(messages.NOT_YOUR_AUTHORITY)
        today = civil_date(self.rights.clock.now(), self.rights.zone)
        application = judge_record(
            licence_type,
            ask.record,
            lambda _: ask.photo or b"",
            self.read_photo,
            today=today,
            source=messages.RECORD.zh,
        )
        trouble = self._trouble(standing, ask, licence_type, application, authority, today)
        with self._lock:
            renderer = self._ready_renderer()
            pages = Printability(renderer, licence_type, authority, self.public_url, today)
            face = pages.preview(application)
            layout = renderer.layout(face)
        return Draft(licence_type, authority, application, face, layout, trouble)

    def _trouble(  # noqa: PLR0917 (each of another type)
        self,
        standing: CallerStanding,
        ask: GrantAsk,
        licence_type: LicenceType,
        application: Application,
        authority: Authority,
        today: date,
    ) -> Text | None:
        """Return why it could not be granted as things stand."""
        if ask.replaces is None:
            with self.rights.database.reading() as connection:
                second = would_be_second(
                    connection, licence_type, application, today, authority.authority_id
                )
            return None if second is None else second.text
        before = self.rights.sight(standing).licence(ask.replaces)
        asked = Replacement(
            application, authority.authority_id, ask.reason, ask.basis, ask.document_number
        )
        try:
            asked.check(before, licence_type, today)
        except (ConflictError, InvalidChangeError) as error:
            return error.text
        return None

    def pdf(self, draft: Draft) -> bytes:
        """Draw the page. Raises as `LicenceRenderer.render`."""
        with self._lock:
            return self._ready_renderer().render(draft.face).pdf

    def _ready_renderer(self) -> LicenceRenderer:
        if self._renderer is None:
            self._renderer = self.make_renderer()
        return self._renderer
