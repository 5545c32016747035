"""Incremental saving attacks: after the signed bytes an update shows something else.

The classes of Mladenov et al. (CCS 2019) and what grew from them.
"""

from dataclasses import replace
from functools import partial

from tests.corpus.certificates import second_signer
from tests.corpus.cms import signed_data
from tests.corpus.model import BOTH, OURS, POPPLER, PROVEN, UNSEEN, attack
from tests.corpus.papers import (
    APPROVED,
    CERTIFIED_1,
    CERTIFIED_3,
    FORGED,
    NOTE,
    SHADOW_PAGE,
    STREAMS,
)
from tests.corpus.pdf import PLAIN, Layout, Pdf, Section, edited, ref, stream
from tests.corpus.signing import STAMP, Mark, sign
from tests.corpus.validation_data import store_objects, usual, with_store

FORGED_STREAM = stream(FORGED)
LAID_OVER = stream(b"q 1 0 0 rg 20 40 240 140 re f Q")
SECOND = Mark(field="Late", cms=partial(signed_data, who=second_signer()))


def forged(pdf: Pdf) -> dict[int, bytes]:
    """Return the objects that put other content on the first page."""
    return {**pdf.set(pdf.page, Contents=ref(pdf.size + 40)), pdf.size + 40: FORGED_STREAM}


@attack(OURS, APPROVED, CERTIFIED_1, CERTIFIED_3, NOTE, foreign=PROVEN)
def content_replaced(pdf: Pdf) -> bytes:
    """An update lets the page name another content stream (ISA, variant 1)."""
    return pdf.update(forged(pdf)).data


@attack(OURS, APPROVED, CERTIFIED_3, foreign=PROVEN)
def content_stream_overwritten(pdf: Pdf) -> bytes:
    """An update writes another content stream under the old one's number."""
    return pdf.update({pdf.content: FORGED_STREAM}).data


@attack(OURS, APPROVED, foreign=PROVEN)
def content_stream_appended(pdf: Pdf) -> bytes:
    """An update adds a stream to the page's /Contents that paints over the others."""
    contents = b"[%d 0 R %d 0 R]" % (pdf.content, pdf.size)
    return pdf.update({**pdf.set(pdf.page, Contents=contents), pdf.size: LAID_OVER}).data


@attack(OURS, APPROVED, foreign=PROVEN)
def content_removed(pdf: Pdf) -> bytes:
    """An update takes the page's /Contents away: an empty page under a sound signature."""
    return pdf.update(pdf.set(pdf.page, Contents=None)).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def content_freed(pdf: Pdf) -> bytes:
    """The update's table frees the content stream; the two engines repair that, others obey."""
    return pdf.update({}, Section(free=(pdf.content,))).data


@attack(OURS, APPROVED, CERTIFIED_3, foreign=PROVEN)
def page_added(pdf: Pdf) -> bytes:
    """An update adds a page in front."""
    number = pdf.size
    page = edited(pdf.objects[pdf.page], {"/Contents": ref(number + 1), "/Annots": None})
    kids = b"[%d 0 R %s" % (number, pdf.of(pdf.pages)["/Kids"].strip()[1:])
    count = b"%d" % (int(pdf.of(pdf.pages)["/Count"]) + 1)
    changed = pdf.set(pdf.pages, Kids=kids, Count=count)
    return pdf.update({number: page, number + 1: FORGED_STREAM, **changed}).data


@attack(APPROVED, CERTIFIED_1, foreign=PROVEN)
def page_removed(pdf: Pdf) -> bytes:
    """An update takes the second page away."""
    return pdf.update(pdf.set(pdf.pages, Kids=b"[3 0 R]", Count=b"1")).data


@attack(APPROVED, foreign=PROVEN)
def pages_swapped(pdf: Pdf) -> bytes:
    """An update turns the order of the pages round."""
    return pdf.update(pdf.set(pdf.pages, Kids=b"[20 0 R 3 0 R]")).data


@attack(APPROVED)
def page_shown_twice(pdf: Pdf) -> bytes:
    """An update shows the first page a second time in place of the second."""
    return pdf.update(pdf.set(pdf.pages, Kids=b"[3 0 R 3 0 R]")).data


@attack(OURS, APPROVED, CERTIFIED_1, foreign=PROVEN)
def page_tree_swapped(pdf: Pdf) -> bytes:
    """The catalogue's /Pages names another page tree; the signed one stays as it was."""
    number = pdf.size
    page = edited(
        pdf.objects[pdf.page],
        {"/Parent": ref(number), "/Contents": ref(number + 2), "/Annots": None},
    )
    tree = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1)
    changed = pdf.set(pdf.root, Pages=ref(number))
    return pdf.update({number: tree, number + 1: page, number + 2: FORGED_STREAM, **changed}).data


@attack(OURS, APPROVED, foreign=PROVEN)
def catalogue_swapped(pdf: Pdf) -> bytes:
    """The trailer's /Root names another catalogue with another page tree."""
    number = pdf.size
    page = edited(
        pdf.objects[pdf.page],
        {"/Parent": ref(number), "/Contents": ref(number + 2), "/Annots": None},
    )
    tree = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1)
    catalogue = edited(pdf.objects[pdf.root], {"/Pages": ref(number)})
    objects = {
        number: tree, number + 1: page, number + 2: FORGED_STREAM, number + 3: catalogue,
    }  # fmt: skip
    return pdf.update(objects, Section(trailer={"/Root": ref(number + 3)})).data


@attack(APPROVED, foreign=PROVEN)
def page_object_swapped(pdf: Pdf) -> bytes:
    """An update lets the tree name a page that was prepared, unused, before signing."""
    return pdf.update(pdf.set(pdf.pages, Kids=b"[%d 0 R 20 0 R]" % SHADOW_PAGE)).data


@attack(APPROVED, foreign=PROVEN)
def page_tree_deepened(pdf: Pdf) -> bytes:
    """An update puts a node between tree and page that the page inherits a rotation from."""
    number = pdf.size
    node = b"<< /Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1 /Rotate 180 >>"
    changed = pdf.set(2, Kids=b"[%d 0 R 20 0 R]" % number)
    return pdf.update({number: node, **changed, **pdf.set(3, Parent=ref(number))}).data


@attack(OURS, APPROVED, foreign=PROVEN)
def inherited_rotation(pdf: Pdf) -> bytes:
    """The page tree's root gains a /Rotate that pages without one inherit."""
    changed = {**pdf.set(pdf.pages, Rotate=b"180"), **pdf.set(pdf.page, Rotate=None)}
    return pdf.update(changed).data


@attack(OURS, APPROVED, CERTIFIED_1, foreign=PROVEN)
def change_beside_dss(pdf: Pdf) -> bytes:
    """A change of content comes in the same update as an honest DSS."""
    return pdf.update({**store_objects(pdf, usual()), **forged(pdf)}).data


@attack(OURS, APPROVED, foreign=PROVEN)
def change_before_dss(pdf: Pdf) -> bytes:
    """A change of content comes in an update before an honest DSS."""
    return with_store(pdf.update(forged(pdf))).data


@attack(OURS, APPROVED, CERTIFIED_1, foreign=PROVEN)
def change_covered_by_timestamp(pdf: Pdf) -> bytes:
    """A document timestamp of a real TSA covers the changed content, and holds."""
    return sign(with_store(pdf.update(forged(pdf))), STAMP).data


@attack(OURS, APPROVED, CERTIFIED_3, foreign=PROVEN)
def change_signed_by_another(pdf: Pdf) -> bytes:
    """The changed content comes in the same update as a second signature, which covers it."""
    return sign(pdf, replace(SECOND, more=forged(pdf))).data


@attack(OURS, APPROVED, foreign=PROVEN)
def change_then_signed_by_another(pdf: Pdf) -> bytes:
    """The changed content comes first, then a second signature over it."""
    return sign(pdf.update(forged(pdf)), SECOND).data


@attack(OURS, APPROVED, foreign=PROVEN)
def change_inside_timestamp_update(pdf: Pdf) -> bytes:
    """The changed content comes in the very update of a document timestamp."""
    return sign(pdf, replace(STAMP, more=forged(pdf))).data


@attack(OURS, APPROVED, foreign=PROVEN)
def change_in_two_steps(pdf: Pdf) -> bytes:
    """One update adds an object that nothing refers to, a second lets the page refer to it."""
    number = pdf.size
    first = pdf.update({number: FORGED_STREAM})
    return first.update(first.set(first.page, Contents=ref(number))).data


@attack(OURS, APPROVED, foreign=PROVEN)
def change_and_back(pdf: Pdf) -> bytes:
    """One update shows other content, the next takes the reference back but keeps a trace."""
    first = pdf.update(forged(pdf))
    back = first.update({pdf.page: pdf.objects[pdf.page]})
    return back.update(forged(pdf)).data


@attack(OURS, APPROVED, foreign=PROVEN)
def change_in_reference_stream(pdf: Pdf) -> bytes:
    """The update with other content has a cross-reference stream where the file has tables."""
    return pdf.update(forged(pdf), Section(layout=Layout.STREAM)).data


@attack(OURS, APPROVED, STREAMS, foreign=PROVEN)
def page_in_object_stream(pdf: Pdf) -> bytes:
    """An object stream of an update overrides the page, which names other content."""
    section = Section(layout=Layout.STREAM, packed=(pdf.page,))
    return pdf.update(forged(pdf), section).data


@attack(STREAMS, foreign=PROVEN)
def form_field_in_object_stream(pdf: Pdf) -> bytes:
    """An object stream of an update overrides the catalogue, which names another page tree."""
    number = pdf.size + 50
    page = edited(
        pdf.objects[pdf.page],
        {"/Parent": ref(number), "/Contents": ref(number + 2), "/Annots": None},
    )
    tree = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1)
    objects = {
        number: tree,
        number + 1: page,
        number + 2: FORGED_STREAM,
        **pdf.set(pdf.root, Pages=ref(number)),
    }
    packed = (number, number + 1, pdf.root)
    return pdf.update(objects, Section(layout=Layout.STREAM, packed=packed)).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def update_without_references(pdf: Pdf) -> bytes:
    """Changed objects are appended without cross-references and trailer (ISA, variant 2)."""
    made = pdf.update(forged(pdf)).data
    return made[: made.rindex(b"xref\n", 0, made.rindex(b"startxref"))]


@attack(OURS, APPROVED, shown_by=UNSEEN)
def update_without_trailer(pdf: Pdf) -> bytes:
    """Changed objects and a table, but no trailer and no startxref (ISA, variant 3)."""
    made = pdf.update(forged(pdf)).data
    return made[: made.rindex(b"trailer")] + b"%%EOF\n"


@attack(OURS, APPROVED, shown_by=UNSEEN)
def update_without_startxref(pdf: Pdf) -> bytes:
    """Changed objects, a table and a trailer, but no startxref."""
    made = pdf.update(forged(pdf)).data
    return made[: made.rindex(b"startxref")] + b"%%EOF\n"


@attack(OURS, APPROVED)
def update_with_copied_signature(pdf: Pdf) -> bytes:
    """The update copies the signature's dictionary along with the change (ISA, variant 4)."""
    return pdf.update({**forged(pdf), pdf.signature: pdf.objects[pdf.signature]}).data


@attack(OURS, APPROVED)
def update_with_signature_under_new_number(pdf: Pdf) -> bytes:
    """The update copies the signature to a new object, and the field names the copy."""
    number = pdf.size
    copied = {number: pdf.objects[pdf.signature], **pdf.set(pdf.widget, V=ref(number))}
    return pdf.update({**forged(pdf), **copied}).data


@attack(OURS, APPROVED, shown_by=POPPLER)
def update_without_eof(pdf: Pdf) -> bytes:
    """The update ends without %%EOF."""
    return pdf.update(forged(pdf), Section(eof=b"", tail=b"")).data


@attack(OURS, APPROVED, NOTE)
def update_far_behind_white_space(pdf: Pdf) -> bytes:
    """Two kilobytes of white space part the update from the signed bytes."""
    padded = replace(pdf, data=pdf.data + b" " * 2048 + b"\n")
    return padded.update(forged(pdf)).data


@attack(OURS, APPROVED, shown_by=BOTH, foreign=PROVEN)
def dozens_of_honest_updates_around_one(pdf: Pdf) -> bytes:
    """One changed page hides among twenty updates with an honest DSS."""
    for index in range(20):
        pdf = pdf.update(forged(pdf)) if index == 9 else with_store(pdf, section=PLAIN)
    return pdf.data


@attack(OURS, APPROVED, foreign=PROVEN)
def object_overwritten_in_passing(pdf: Pdf) -> bytes:
    """A DSS's certificate stream takes the number of the page's content stream."""
    made = store_objects(pdf, usual())
    victim = max(made)
    moved = {n: body.replace(ref(victim), ref(pdf.content)) for n, body in made.items()}
    moved[pdf.content] = moved.pop(victim)
    return pdf.update(moved).data


@attack(OURS, APPROVED, foreign=PROVEN)
def dss_stream_as_content(pdf: Pdf) -> bytes:
    """The page's content is a stream of the DSS that is a certificate in name alone."""
    number = pdf.size
    dss = b"<< /Type /DSS /Certs [%d 0 R] >>" % (number + 1)
    return pdf.update(
        {
            number: dss,
            number + 1: FORGED_STREAM,
            **pdf.set(pdf.root, DSS=ref(number)),
            **pdf.set(pdf.page, Contents=ref(number + 1)),
        }
    ).data
