"""Pictures of one file: backdrops, the photo, and the place of the seal's impressions."""

from signing.face import Box, LicenceFace
from signing.pdf_syntax import stream
from signing.render.backdrop import backdrop
from signing.render.geometry import PageShape
from signing.render.pdf_file import PdfFile
from signing.render.photo import photo_stream

_FORM = "/Type /XObject /Subtype /Form"


class Pictures:
    """XObjects by their names as resources; each is made when it is first asked for."""

    def __init__(self, file: PdfFile, face: LicenceFace) -> None:
        self._file = file
        self._face = face
        self._numbers: dict[str, int] = {}
        self.sealed: int | None = None
        """Number of the impressions' form, which sealing fills; None: there are none."""

    def resources(self) -> str:
        """Return the dictionary of the resources."""
        named = " ".join(f"/{name} {number} 0 R" for name, number in self._numbers.items())
        return f"<< {named} >>"

    def backdrop(self, shape: PageShape) -> str:
        """Return the name of the paper and frame of a page of this shape."""
        name = "Backdrop" if shape.width > shape.height else "BackdropPortrait"
        if name not in self._numbers:
            self._numbers[name] = self._file.add(
                stream(
                    backdrop(self._face.design.colour, shape),
                    f"{_FORM} /Filter /FlateDecode /Resources << >>"
                    f" /BBox [ 0 0 {shape.width:.3f} {shape.height:.3f} ]",
                )
            )
        return name

    def photo(self, box: Box) -> str:
        """Return the name of the holder's photo, cropped to the box."""
        if "Photo" not in self._numbers:
            assert self._face.photo is not None
            aspect = (box.x2 - box.x1) / (box.y2 - box.y1)
            self._numbers["Photo"] = self._file.add(photo_stream(self._face.photo, aspect))
        return "Photo"

    def impression(self) -> str:
        """Return the name of the seal's impression, empty until the file is sealed."""
        if self.sealed is None:
            self.sealed = self._file.add(stream(b"", f"{_FORM} /BBox [ 0 0 0 0 ]"))
            self._numbers["Seal"] = self.sealed
        return "Seal"
