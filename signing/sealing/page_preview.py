"""Preview of a document with a seal on it, before the seal is used: it bears no signature."""

from signing.face import RenderedLicence, SealAppearance
from signing.pdf_syntax import dictionary
from signing.sealing.caption import with_caption
from signing.sealing.field import appearance_stream
from signing.sealing.objects import reference, references_in, references_of
from signing.sealing.writer import SealWriter

_WORDS = ("未签章预览  PREVIEW, NOT SIGNED",)
_PRINTED = "4"


def preview_of(rendered: RenderedLicence, appearance: SealAppearance) -> bytes:
    """Return the file with the seal drawn where it will stand, and words that say what it is.

    Raises `UnsuitablePageError`, and as `with_caption`.
    """
    marked = with_caption(SealAppearance(b"", 1.0, turn=appearance.turn), _WORDS)
    writer = SealWriter(rendered.pdf, bytes(16))
    page = writer.dictionary(writer.page(rendered.page))
    kept = references_in(writer.follow(page.get("Annots", b"[]")))
    stamps = [
        writer.add(_stamp(writer, one, centre).encode("ascii"))
        for one, centre in (
            (appearance, rendered.seal_centre),
            (marked, _above(appearance, rendered.seal_centre)),
        )
    ]
    page["Annots"] = references_of([*kept, *stamps])
    return writer.to_bytes()


def _stamp(writer: SealWriter, appearance: SealAppearance, centre: tuple[float, float]) -> str:
    form = writer.add(appearance_stream(appearance))
    box = " ".join(f"{side:.2f}" for side in appearance.around(centre))
    return dictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Stamp",
            "F": _PRINTED,
            "Rect": f"[{box}]",
            "AP": dictionary({"N": reference(form)}),
        }
    )


def _above(appearance: SealAppearance, centre: tuple[float, float]) -> tuple[float, float]:
    """Return the place of the words: above the seal, as the page is shown."""
    x, y = centre
    away = appearance.diameter / 2 + 16
    match appearance.turn:
        case 90:
            return x - away, y
        case 180:
            return x, y - away
        case 270:
            return x + away, y
        case _:
            return x, y + away
