"""Pages of documents that several seal, as pictures: with the seals that they bear, and with the
one that is asked for where it will stand.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Final

from registry.bodies.appearances import appearance_of
from registry.bodies.authorities import find_authority, mandated_seal
from registry.desk.documents import messages
from registry.desk.documents.drafting import WIDE
from registry.desk.documents.rounds import OwnStep, Rounds, RoundView
from registry.desk.rights import CallerStanding
from registry.licences.licences import list_revisions, read_licence, refuse_erased
from registry.model import NotFoundError, Revision
from registry.objects.documents import archive_copy
from registry.objects.store import ObjectStore, sha256_of
from signing.face import RenderedLicence
from signing.intake.places import as_measured
from signing.intake.report import PageBox
from signing.sealing.page_preview import preview_of

_KEPT_FILES: Final = 8
_KEPT_BYTES: Final = 96 * 1024 * 1024
_KEPT_FACTS: Final = 256


class _Remembered:
    """The pages' sizes and the drawn files that were asked for last."""

    def __init__(self) -> None:
        self._boxes: OrderedDict[str, tuple[PageBox, ...]] = OrderedDict()
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def boxes(self, key: str) -> tuple[PageBox, ...] | None:
        with self._lock:
            return self._boxes.get(key)

    def keep_boxes(self, key: str, boxes: tuple[PageBox, ...]) -> None:
        with self._lock:
            self._boxes[key] = boxes
            while len(self._boxes) > _KEPT_FACTS:
                self._boxes.popitem(last=False)

    def file(self, key: str) -> bytes | None:
        with self._lock:
            return self._files.get(key)

    def keep_file(self, key: str, pdf: bytes) -> None:
        with self._lock:
            self._files[key] = pdf
            while (
                len(self._files) > _KEPT_FILES or sum(map(len, self._files.values())) > _KEPT_BYTES
            ):
                self._files.popitem(last=False)


@dataclass(frozen=True, slots=True)
class RoundPlace:
    """Place of a seal of a round, for people."""

    page: int
    """From 1."""
    left: float
    top: float
    """Of its middle, in millimetres."""


@dataclass(frozen=True, slots=True)
class RoundLooks:
    """Draws pages of documents that several seal."""

    rounds: Rounds
    _remembered: _Remembered = field(default_factory=_Remembered)

    def pages(self, view: RoundView) -> int:
        """Return how many pages a document has."""
        return len(self._boxes(view))

    def places(self, view: RoundView) -> dict[int, RoundPlace]:
        """Return the places of the seals of a round, by their positions."""
        boxes, found = self._boxes(view), {}
        for one in view.progress.steps:
            left, top = as_measured(boxes[one.signer.page], one.signer.x / 100, one.signer.y / 100)
            found[one.position] = RoundPlace(one.signer.page + 1, left, top)
        return found

    def file(self, standing: CallerStanding, identifier: str) -> tuple[RoundView, bytes]:
        """Return a document's newest file, which is the one to be signed by others.

        Raises `NoSuchLicenceError`, `DamagedObjectError`, `ErasedError`.
        """
        view = self.rounds.find(standing, identifier)
        refuse_erased(view.licence)
        known = self._revisions(view)
        if not known:
            raise NotFoundError(messages.NO_SUCH_FILE)
        return view, archive_copy(self._store, known)

    def page(
        self, standing: CallerStanding, identifier: str, page: int, *, with_ours: bool
    ) -> bytes:
        """Return a page as PNG; `with_ours`: with the caller's seal where it will stand.

        Raises `NoSuchLicenceError`, `NotFoundError`.
        """
        view, pdf = self.file(standing, identifier)
        if not 1 <= page <= self.pages(view):
            raise NotFoundError(messages.NO_SUCH_PAGE)
        own = next((one for one in view.own if one.step in view.progress.missing), None)
        if with_ours and own is not None and own.step.signer.page == page - 1:
            pdf = self._with_seal(view, own, pdf)
        return self.rounds.parts.reader().picture(pdf, page, WIDE).png()

    def _with_seal(self, view: RoundView, own: OwnStep, pdf: bytes) -> bytes:
        key = f"{sha256_of(pdf)} {own.authority_id} {own.step.position}"
        drawn = self._remembered.file(key)
        if drawn is None:
            with self.rounds.rights.database.reading() as connection:
                seal = mandated_seal(connection, view.licence.type_code, own.authority_id)
                body = find_authority(connection, own.authority_id)
            signer = own.step.signer
            place = RenderedLicence(pdf, (signer.x / 100, signer.y / 100), signer.page)
            drawn = preview_of(place, replace(appearance_of(body, seal.name), turn=signer.turn))
            self._remembered.keep_file(key, drawn)
        return drawn

    def _boxes(self, view: RoundView) -> tuple[PageBox, ...]:
        """Return the sizes of a document's pages, which were taken in before it was sealed."""
        identifier = view.licence.identifier
        known = self._remembered.boxes(identifier)
        if known is None:
            with self.rounds.rights.database.reading() as connection:
                row = read_licence(connection, identifier)[1]
            if row["photo_sha256"] is None:
                raise NotFoundError(messages.NO_SUCH_FILE)
            taken = self.rounds.parts.reader().take(
                self._store.get(row["photo_sha256"]), clean=False
            )
            known = tuple(taken.pages)
            self._remembered.keep_boxes(identifier, known)
        return known

    def _revisions(self, view: RoundView) -> list[Revision]:
        with self.rounds.rights.database.reading() as connection:
            return list_revisions(connection, view.licence.identifier)

    @property
    def _store(self) -> ObjectStore:
        return self.rounds.parts.countersigning().store
