"""Drawing of a pending licence: its page without seal and signature."""

from dataclasses import dataclass

from registry.granting.document_terms import terms_of
from registry.granting.reservation import PendingGrant
from registry.granting.sealing import Drawn, SealingRoom
from registry.licences.links import link_of
from registry.objects.store import ObjectStore
from registry.types.faces import face_of
from registry.types.licence_type import LicenceType


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws pages; one per process."""

    room: SealingRoom
    store: ObjectStore
    public_url: str

    def draw(self, pending: PendingGrant, licence_type: LicenceType) -> Drawn:
        """Return the page of a licence of a type, as it was when the licence was reserved.

        Raises `DamagedObjectError`, and what `LicenceRenderer.render` raises.
        """
        licence = pending.licence
        photo = None if pending.photo_sha256 is None else self.store.get(pending.photo_sha256)
        if licence_type.is_document:
            assert photo is not None  # a document is reserved with its page
            rendered = terms_of(licence).rendered(photo)
        else:
            link = link_of(self.public_url, licence)
            rendered = self.room.render(face_of(licence_type, licence, link, photo))
        return Drawn(rendered, licence, licence_type, pending.seal_id, pending.level)
