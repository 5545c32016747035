"""The archive revision: validation data and a document timestamp, nothing else.

Stock pyHanko rewrites Info's /ModDate, XMP and /Version in every update; here only the DSS, the
timestamp's field with its signature, and the form and page that name the field are written.
"""

import io

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.dss import SecurityStore, ValidationData


class ArchiveWriter(IncrementalPdfFileWriter):
    """Appends one revision to a sealed file and leaves its properties alone."""

    def __init__(self, sealed: bytes) -> None:
        super().__init__(io.BytesIO(sealed))

    def _update_meta(self) -> None:
        """Leave Info and XMP as they were sealed."""

    def add_validation_data(self, data: ValidationData) -> None:
        """Add to the DSS what it does not hold yet."""
        store = SecurityStore.of(self.root["/DSS"])
        store.add(self, data)
        place = self.root.raw_get("/DSS")
        self.objects[place.generation, place.idnum] = store.to_object()
