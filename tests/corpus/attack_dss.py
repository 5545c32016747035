"""Document security stores that carry something else than validation data."""

from tests.corpus.model import OURS, UNSEEN, attack
from tests.corpus.papers import APPROVED, CERTIFIED_1, FORGED, NOTE
from tests.corpus.pdf import Pdf, edited, ref, stream
from tests.corpus.validation_data import Store, store_number, store_objects, usual, with_store

OURS_TOO = (NOTE, CERTIFIED_1, OURS)


def odd(pdf: Pdf, body: bytes) -> bytes:
    """Add a DSS with one more certificate stream, whose data is something else."""
    objects = store_objects(pdf, Store((*usual().certificates, b"")))
    victim = pdf.size + len(usual().certificates) + 1
    return pdf.update({**objects, victim: body}).data


@attack(*OURS_TOO, shown_by=UNSEEN)
def text_as_certificate(pdf: Pdf) -> bytes:
    """A stream among the certificates holds text."""
    return odd(pdf, stream(b"not a certificate"))


@attack(*OURS_TOO, shown_by=UNSEEN)
def rest_behind_certificate(pdf: Pdf) -> bytes:
    """A stream among the certificates holds a certificate and then something else."""
    return odd(pdf, stream(usual().certificates[0] + b"\n4 0 obj\n" + FORGED + b"\nendobj\n"))


@attack(*OURS_TOO, shown_by=UNSEEN)
def object_inside_certificate_stream(pdf: Pdf) -> bytes:
    """A stream among the certificates holds whole objects, a trailer and a startxref."""
    inside = b"4 0 obj\n%s\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%%%EOF\n" % stream(
        FORGED
    )
    return odd(pdf, stream(inside))


@attack(*OURS_TOO, shown_by=UNSEEN)
def page_as_certificate(pdf: Pdf) -> bytes:
    """The list of certificates names a page object."""
    objects, at_store = store_objects(pdf, usual()), store_number(pdf)
    dss = edited(objects[at_store], {"/Certs": b"[%d 0 R]" % pdf.page})
    return pdf.update({**objects, at_store: dss}).data


@attack(*OURS_TOO, shown_by=UNSEEN)
def foreign_key_in_store(pdf: Pdf) -> bytes:
    """The DSS has a key of its own under which pages are hidden."""
    objects, at_store = store_objects(pdf, usual()), store_number(pdf)
    number = max(objects) + 1
    dss = edited(objects[at_store], {"/Extra": ref(number)})
    return pdf.update({**objects, at_store: dss, number: stream(FORGED)}).data


@attack(*OURS_TOO, shown_by=UNSEEN)
def timestamp_entry_that_is_none(pdf: Pdf) -> bytes:
    """A VRI's /TS names a stream that holds no token but a page's content."""
    objects, at_store = store_objects(pdf, usual()), store_number(pdf)
    number = max(objects) + 1
    held = objects[at_store]
    at = held.rindex(b"/Cert [")
    dss = held[:at] + b"/TS %d 0 R " % number + held[at:]
    return pdf.update({**objects, at_store: dss, number: stream(FORGED)}).data


@attack(*OURS_TOO, shown_by=UNSEEN)
def foreign_key_in_vri(pdf: Pdf) -> bytes:
    """A VRI has a key of its own."""
    objects, at_store = store_objects(pdf, usual()), store_number(pdf)
    held = objects[at_store]
    at = held.rindex(b"/Cert [")
    dss = held[:at] + b"/Note (paid) " + held[at:]
    return pdf.update({**objects, at_store: dss}).data


@attack(APPROVED, OURS)
def store_that_is_the_page_tree(pdf: Pdf) -> bytes:
    """The DSS's dictionary is a page tree as well, and the catalogue's /Pages names it."""
    objects, at_store = store_objects(pdf, usual()), store_number(pdf)
    number = max(objects) + 1
    page = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 300 200] /Contents %d 0 R >>"
    dss = edited(objects[at_store], {"/Kids": b"[%d 0 R]" % number, "/Count": b"1"})
    objects[pdf.root] = edited(
        objects.get(pdf.root, pdf.objects[pdf.root]), {"/Pages": ref(at_store)}
    )
    return pdf.update(
        {
            **objects,
            at_store: dss,
            number: page % (at_store, number + 1),
            number + 1: stream(FORGED),
        }
    ).data


@attack(NOTE, OURS)
def store_then_content_through_it(pdf: Pdf) -> bytes:
    """An honest-looking store first; a second update lets the page paint one of its streams."""
    first = with_store(pdf)
    victim = first.size - 1
    return first.update(
        {victim: stream(FORGED), **first.set(first.page, Contents=ref(victim))}
    ).data


@attack(*OURS_TOO, shown_by=UNSEEN)
def extension_with_pages(pdf: Pdf) -> bytes:
    """The catalogue's /Extensions carries a dictionary with other things than versions."""
    objects = store_objects(pdf, usual())
    extra = b"<< /MALL << /BaseVersion /1.7 /ExtensionLevel 1 /Pages 2 0 R /JS (app.alert) >> >>"
    objects[pdf.root] = edited(objects.get(pdf.root, pdf.objects[pdf.root]), {"/Extensions": extra})
    return pdf.update(objects).data
