"""Cross-references that two parsers read in two ways, so that they show two pages."""

from dataclasses import replace

from tests.corpus.attack_saving import FORGED_STREAM, forged
from tests.corpus.model import BOTH, OURS, PDFIUM, POPPLER, UNSEEN, attack
from tests.corpus.papers import CERTIFIED_1, FORGED, NOTE, STREAMS
from tests.corpus.pdf import Layout, Pdf, Section, ref, stream, write
from tests.corpus.validation_data import store_objects, usual

BASES = (NOTE, OURS)


def hidden(pdf: Pdf, number: int, body: bytes) -> bytes:
    """Return an object that stands in the bytes and in no cross-references."""
    return b"%d 0 obj\n%s\nendobj\n" % (number, body)


@attack(*BASES, shown_by=UNSEEN)
def object_before_table_unlisted(pdf: Pdf) -> bytes:
    """An honest DSS update hides a forged content stream that its table does not list."""
    section = Section(before_references=hidden(pdf, pdf.content, FORGED_STREAM))
    return pdf.update(store_objects(pdf, usual()), section).data


@attack(*BASES, shown_by=UNSEEN)
def object_after_eof(pdf: Pdf) -> bytes:
    """A forged content stream stands behind the last %%EOF; whoever rebuilds takes it."""
    return pdf.data + hidden(pdf, pdf.content, FORGED_STREAM)


@attack(*BASES)
def startxref_damaged(pdf: Pdf) -> bytes:
    """A DSS update with a forged object has a startxref that leads nowhere: viewers rebuild."""
    section = Section(before_references=hidden(pdf, pdf.content, FORGED_STREAM), start=7)
    return pdf.update(store_objects(pdf, usual()), section).data


@attack(*BASES)
def xref_word_damaged(pdf: Pdf) -> bytes:
    """The update's table begins with `xreg`: viewers rebuild and find the forged object."""
    section = Section(before_references=hidden(pdf, pdf.content, FORGED_STREAM))
    made = pdf.update(store_objects(pdf, usual()), section).data
    at = made.rindex(b"xref\n", 0, made.rindex(b"startxref"))
    return made[:at] + b"xreg" + made[at + 4 :]


@attack(*BASES, shown_by=UNSEEN)
def startxref_at_first_table(pdf: Pdf) -> bytes:
    """An update changes the page; the last startxref points at the signed table again."""
    made = pdf.update(forged(pdf))
    return made.data + b"startxref\n%d\n%%%%EOF\n" % pdf.start


@attack(*BASES)
def startxref_twice(pdf: Pdf) -> bytes:
    """Two startxref lines follow each other, one to the forged table and one to the signed."""
    section = Section(after_trailer=b"startxref\n%d\n" % pdf.start)
    return pdf.update(forged(pdf), section).data


@attack(*BASES)
def startxref_with_sign(pdf: Pdf) -> bytes:
    """startxref's number has a plus sign and leading zeros."""
    made = pdf.update(forged(pdf))
    number = b"\n%d\n" % made.start
    at = made.data.rindex(number)
    return made.data[:at] + b"\n+000%d\n" % made.start + made.data[at + len(number) :]


@attack(*BASES, shown_by=PDFIUM)
def offset_of_another_object(pdf: Pdf) -> bytes:
    """The table gives the content stream the offset of a forged one with another number."""
    number = pdf.size
    made = pdf.update({number: FORGED_STREAM})
    at = made.data.rindex(b"\n%d 0 obj" % number) + 1
    table = b"xref\n%d 1\n%010d 00000 n \n" % (pdf.content, at)
    return made.update({}, Section(table=table)).data


@attack(*BASES)
def offset_into_dss_stream(pdf: Pdf) -> bytes:
    """The table points into a DSS stream in which a whole forged object is hidden."""
    objects = store_objects(pdf, usual())
    victim = max(objects)
    inside = usual().crls[1] + b"\n%d 0 obj\n%s\nendobj\n" % (pdf.content, FORGED_STREAM)
    made = pdf.update({**objects, victim: stream(inside)})
    at = made.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    return made.update({}, Section(table=b"xref\n%d 1\n%010d 00000 n \n" % (pdf.content, at))).data


@attack(*BASES)
def entries_of_nineteen_bytes(pdf: Pdf) -> bytes:
    """The update's entries end with one byte, so that readers by 20 bytes read others."""
    return pdf.update(forged(pdf), Section(entry_end=b"\n")).data


@attack(*BASES)
def entries_of_twenty_one_bytes(pdf: Pdf) -> bytes:
    """The update's entries are a byte too long."""
    return pdf.update(forged(pdf), Section(entry_end=b" \r\n")).data


@attack(*BASES)
def entry_of_unknown_type(pdf: Pdf) -> bytes:
    """The entry of the content stream has the type m."""
    made = pdf.update({pdf.content: FORGED_STREAM})
    at = made.data.rindex(b" 00000 n")
    return made.data[: at + 7] + b"m" + made.data[at + 8 :]


@attack(*BASES, shown_by=POPPLER)
def free_entry_of_live_object(pdf: Pdf) -> bytes:
    """The entry of the forged content stream says free; readers that ignore it show it."""
    made = pdf.update({pdf.content: FORGED_STREAM})
    at = made.data.rindex(b" 00000 n")
    return made.data[: at + 7] + b"f" + made.data[at + 8 :]


@attack(*BASES)
def size_too_small(pdf: Pdf) -> bytes:
    """The trailer's /Size is smaller than the numbers in use, which readers may ignore then."""
    return pdf.update(forged(pdf), Section(trailer={"/Size": b"3"})).data


@attack(*BASES)
def size_enormous(pdf: Pdf) -> bytes:
    """The trailer's /Size is enormous."""
    return pdf.update(forged(pdf), Section(trailer={"/Size": b"99999999"})).data


@attack(*BASES)
def size_missing(pdf: Pdf) -> bytes:
    """The trailer has no /Size."""
    return pdf.update(forged(pdf), Section(trailer={"/Size": None})).data


@attack(*BASES)
def size_by_reference(pdf: Pdf) -> bytes:
    """The trailer's /Size is a reference."""
    number = pdf.size + 60
    objects = {**forged(pdf), number: b"99"}
    return pdf.update(objects, Section(trailer={"/Size": ref(number)})).data


@attack(*BASES)
def previous_missing(pdf: Pdf) -> bytes:
    """The update's trailer has no /Prev: the signed objects are gone for strict readers."""
    return pdf.update(forged(pdf), Section(trailer={"/Prev": None})).data


@attack(*BASES)
def previous_loop(pdf: Pdf) -> bytes:
    """The update's /Prev points at itself."""
    made = pdf.update(forged(pdf))
    return pdf.update(forged(pdf), Section(trailer={"/Prev": b"%d" % made.start})).data


@attack(*BASES)
def previous_loop_of_two(pdf: Pdf) -> bytes:
    """Two updates name each other as /Prev."""
    first = pdf.update({pdf.size: b"(first)"})
    second = first.update(forged(first))
    shifted = pdf.update({pdf.size: b"(first)"}, Section(trailer={"/Prev": b"%d" % second.start}))
    if len(shifted.data) != len(first.data):
        shifted = pdf.update(
            {pdf.size: b"(first)"},
            Section(
                trailer={"/Prev": b"%d" % (second.start + len(shifted.data) - len(first.data))}
            ),
        )
    return shifted.update(forged(shifted)).data


@attack(*BASES)
def previous_negative(pdf: Pdf) -> bytes:
    """The update's /Prev is negative."""
    return pdf.update(forged(pdf), Section(trailer={"/Prev": b"-1"})).data


@attack(*BASES)
def previous_as_real(pdf: Pdf) -> bytes:
    """The update's /Prev is a real number."""
    return pdf.update(forged(pdf), Section(trailer={"/Prev": b"%d.0" % pdf.start})).data


@attack(*BASES)
def previous_by_reference(pdf: Pdf) -> bytes:
    """The update's /Prev is a reference to a number."""
    number = pdf.size + 60
    objects = {**forged(pdf), number: b"%d" % pdf.start}
    return pdf.update(objects, Section(trailer={"/Prev": ref(number)})).data


@attack(*BASES)
def previous_skips_the_signature(pdf: Pdf) -> bytes:
    """A table of all objects, the signature among them, without any /Prev: a new first revision."""
    objects = {**pdf.objects, **forged(pdf)}
    trailer = {key: pdf.trailer[key] for key in ("/Root", "/Info", "/ID") if key in pdf.trailer}
    return write(pdf.data, {}, objects, trailer, size=pdf.size).data


@attack(*BASES)
def generation_one(pdf: Pdf) -> bytes:
    """The forged content stream is written as generation 1, and the page names `n 1 R`."""
    contents = b"%d 1 R" % pdf.content
    objects = {pdf.content: FORGED_STREAM, **pdf.set(pdf.page, Contents=contents)}
    return pdf.update(objects, Section(generations={pdf.content: 1})).data


@attack(*BASES)
def generation_that_differs(pdf: Pdf) -> bytes:
    """The table says generation 0, the object's own line says 7."""
    made = pdf.update({pdf.content: FORGED_STREAM}).data
    at = made.rindex(b"%d 0 obj" % pdf.content)
    word = b"%d 0 obj" % pdf.content
    return made[:at] + b"%d 7 obj" % pdf.content + made[at + len(word) :]


@attack(*BASES)
def number_with_leading_zeros(pdf: Pdf) -> bytes:
    """The forged object's line writes its number with leading zeros."""
    made = pdf.update({pdf.content: FORGED_STREAM}).data
    word = b"%d 0 obj" % pdf.content
    at = made.rindex(word)
    table = made.rindex(b"xref\n", 0, made.rindex(b"startxref"))
    changed = made[:at] + b"0" + word + made[at + len(word) :]
    tail = changed[table + 1 :].replace(b"startxref\n%d" % table, b"startxref\n%d" % (table + 1))
    return changed[: table + 1] + tail


@attack(*BASES)
def keyword_glued(pdf: Pdf) -> bytes:
    """The forged object's keyword is `objx`."""
    return pdf.update({pdf.content: FORGED_STREAM}, Section(keyword=b"objx")).data


@attack(*BASES)
def object_twice_in_update(pdf: Pdf) -> bytes:
    """The update writes the content stream twice, honest first and listed, forged after it."""
    again = hidden(pdf, pdf.content, FORGED_STREAM)
    objects = {pdf.content: pdf.objects[pdf.content]}
    return pdf.update(objects, Section(before_references=again, start=3)).data


@attack(*BASES, shown_by=POPPLER)
def number_twice_in_table(pdf: Pdf) -> bytes:
    """The update's table lists the content stream twice, honest and forged."""
    made = pdf.update({pdf.content: FORGED_STREAM})
    at = made.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    old = pdf.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    number = pdf.content
    table = b"xref\n%d 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n" % (number, at, number, old)
    return made.update({}, Section(table=table)).data


@attack(*BASES)
def count_of_entries_wrong(pdf: Pdf) -> bytes:
    """A subsection's header promises two entries and gives three."""
    made = pdf.update({pdf.content: FORGED_STREAM})
    at = made.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    old = pdf.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    row = b"%010d 00000 n \n"
    table = b"xref\n%d 1\n" % pdf.content + row % at + row % old
    return made.update({}, Section(table=table)).data


@attack(*BASES)
def subsection_starts_elsewhere(pdf: Pdf) -> bytes:
    """A subsection's first number is off by one, as some readers mend by guessing."""
    made = pdf.update({pdf.content: FORGED_STREAM})
    at = made.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    table = b"xref\n%d 2\n0000000000 65535 f \n%010d 00000 n \n" % (pdf.content - 1, at)
    return made.update({}, Section(table=table)).data


@attack(*BASES)
def table_and_stream_disagree(pdf: Pdf) -> bytes:
    """A hybrid update whose stream has a forged page that the table does not list."""
    section = Section(layout=Layout.HYBRID, packed=(pdf.page,))
    return pdf.update(forged(pdf), section).data


@attack(*BASES, shown_by=UNSEEN)
def hybrid_overrides_table(pdf: Pdf) -> bytes:
    """The table of a hybrid update lists the honest page, /XRefStm a stream with a forged one."""
    first = pdf.update(forged(pdf), Section(layout=Layout.STREAM, packed=(pdf.page,)))
    old = pdf.data.rindex(b"\n%d 0 obj\n" % pdf.page) + 1
    table = b"xref\n%d 1\n%010d 00000 n \n" % (pdf.page, old)
    stated = {"/XRefStm": b"%d" % first.start, "/Prev": b"%d" % pdf.start}
    return first.update({}, Section(table=table, trailer=stated)).data


@attack(*BASES, shown_by=PDFIUM)
def hybrid_stream_by_reference(pdf: Pdf) -> bytes:
    """/XRefStm is a real number that leads to a stream with a forged page."""
    first = pdf.update(forged(pdf), Section(layout=Layout.STREAM, packed=(pdf.page,)))
    stated = {"/XRefStm": b"%d.0" % first.start, "/Prev": b"%d" % pdf.start}
    return first.update({}, Section(table=b"xref\n0 0\n", trailer=stated)).data


@attack(STREAMS, shown_by=POPPLER)
def index_of_stream_overlaps(pdf: Pdf) -> bytes:
    """The cross-reference stream's /Index lists an object twice with two places."""
    made = pdf.update({pdf.content: FORGED_STREAM, pdf.size: b"(x)"})
    at = made.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    old = pdf.data.rindex(b"\n%d 0 obj\n" % pdf.content) + 1
    rows = b"".join(b"\x01" + one.to_bytes(4, "big") + b"\x00\x00" for one in (at, old))
    number, start = made.size, len(made.data)
    extra = b"/Type /XRef /W [1 4 2] /Index [%d 1 %d 1] /Root %s /Size %d /Prev %d" % (
        pdf.content, pdf.content, pdf.trailer["/Root"], number + 1, pdf.start,
    )  # fmt: skip
    body = b"%d 0 obj\n%s\nendobj\n" % (number, stream(rows, extra))
    return made.data + body + b"startxref\n%d\n%%%%EOF\n" % start


@attack(STREAMS, shown_by=POPPLER)
def object_stream_names_another_number(pdf: Pdf) -> bytes:
    """The object stream's own header calls the page by another number than the references do."""
    section = Section(layout=Layout.STREAM, packed=(pdf.page,), compressed=False)
    made = pdf.update(forged(pdf), section).data
    head = b"stream\n%d 0\n" % pdf.page
    at = made.rindex(head)
    return made[:at] + b"stream\n%d 0\n" % 9 + made[at + len(head) :]


@attack(STREAMS, shown_by=POPPLER)
def object_stream_extends_another(pdf: Pdf) -> bytes:
    """The object stream has /Extends, and a forged page in what it extends."""
    section = Section(layout=Layout.STREAM, packed=(pdf.page,), compressed=False)
    made = pdf.update(forged(pdf), section).data
    at = made.rindex(b"/Type /ObjStm /N 1")
    return made[:at] + b"/Type /ObjStm /N 01"[:18] + made[at + 18 :]


@attack(*BASES, shown_by=PDFIUM)
def root_by_other_generation(pdf: Pdf) -> bytes:
    """The trailer's /Root names generation 1 of the catalogue."""
    catalogue = {**pdf.set(pdf.root, Pages=ref(pdf.size + 40)), pdf.size + 40: FORGED_STREAM}
    return pdf.update(catalogue, Section(trailer={"/Root": b"%d 1 R" % pdf.root})).data


@attack(*BASES, shown_by=UNSEEN)
def root_direct(pdf: Pdf) -> bytes:
    """The trailer's /Root is a direct dictionary with another page tree."""
    number = pdf.size
    page = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 300 200] /Contents %d 0 R >>"
    objects = {
        number: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1),
        number + 1: page % (number, number + 2),
        number + 2: stream(FORGED),
    }
    root = b"<< /Type /Catalog /Pages %d 0 R >>" % number
    return pdf.update(objects, Section(trailer={"/Root": root})).data


@attack(*BASES)
def encryption_claimed(pdf: Pdf) -> bytes:
    """The update's trailer claims an /Encrypt that is no dictionary, and the page is changed."""
    return pdf.update(forged(pdf), Section(trailer={"/Encrypt": b"null"})).data


@attack(*BASES, CERTIFIED_1, shown_by=BOTH)
def update_with_comments_and_forged_page(pdf: Pdf) -> bytes:
    """An update with iText's comments and white space, and a forged page among honest objects."""
    section = replace(
        Section(), between=b"% made by a robot\n", after_trailer=b"%iText\n", start_shift=0
    )
    return pdf.update({**store_objects(pdf, usual()), **forged(pdf)}, section).data
