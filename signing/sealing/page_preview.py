"""Preview of a document with a seal on it, before the seal is used: it bears no signature."""

from collections.abc import Sequence

from signing.face import RenderedLicence, SealAppearance
from signing.pdf_syntax import dictionary
from signing.render.errors import FieldTooLongError, MissingGlyphError
from signing.sealing.caption import with_caption
from signing.sealing.field import appearance_stream
from signing.sealing.objects import reference, references_in, references_of
from signing.sealing.writer import SealWriter

_WORDS = ("未签章预览  PREVIEW, NOT SIGNED",)
_PRINTED = "4"


def empty_place(diameter: float, name: str, turn: int) -> SealAppearance:
    """Return the place of somebody else's seal: a broken ring, with the name below.

    Raises as `with_caption`; what cannot be written is left out.
    """
    half, reach = diameter / 2, diameter / 2 - 1
    bend = reach * 0.5523  # of a quarter of a circle in one curve
    ring = (
        f"q 0.45 0.45 0.45 RG 0.8 w [4 3] 0 d {half + reach:.2f} {half:.2f} m "
        f"{half + reach:.2f} {half + bend:.2f} {half + bend:.2f} {half + reach:.2f} "
        f"{half:.2f} {half + reach:.2f} c "
        f"{half - bend:.2f} {half + reach:.2f} {half - reach:.2f} {half + bend:.2f} "
        f"{half - reach:.2f} {half:.2f} c "
        f"{half - reach:.2f} {half - bend:.2f} {half - bend:.2f} {half - reach:.2f} "
        f"{half:.2f} {half - reach:.2f} c "
        f"{half + bend:.2f} {half - reach:.2f} {half + reach:.2f} {half - bend:.2f} "
        f"{half + reach:.2f} {half:.2f} c S Q"
    )
    place = SealAppearance(ring.encode("ascii"), diameter, turn=turn)
    try:
        return with_caption(place, (name,))
    except (MissingGlyphError, FieldTooLongError):
        return place


def preview_of(
    rendered: RenderedLicence,
    appearance: SealAppearance,
    others: Sequence[tuple[int, tuple[float, float], SealAppearance]] = (),
) -> bytes:
    """Return the file with the seal drawn where it will stand, and words that say what it is.

    `others` are drawn besides, each on a page (the first being 0) with its middle at a point.
    Raises `UnsuitablePageError`, and as `with_caption`.
    """
    marked = with_caption(SealAppearance(b"", 1.0, turn=appearance.turn), _WORDS)
    writer = SealWriter(rendered.pdf, bytes(16))
    placed = [
        (rendered.page, rendered.seal_centre, appearance),
        (rendered.page, _above(appearance, rendered.seal_centre), marked),
        *others,
    ]
    for number in sorted({page for page, _, _ in placed}):
        _draw_on(
            writer, number, [(seal, centre) for page, centre, seal in placed if page == number]
        )
    return writer.to_bytes()


def _draw_on(
    writer: SealWriter, number: int, drawn: Sequence[tuple[SealAppearance, tuple[float, float]]]
) -> None:
    page = writer.dictionary(writer.page(number))
    kept = references_in(writer.follow(page.get("Annots", b"[]")))
    stamps = [writer.add(_stamp(writer, one, centre).encode("ascii")) for one, centre in drawn]
    page["Annots"] = references_of([*kept, *stamps])


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
