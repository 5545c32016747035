"""What a document does or carries along, changed while its pages stay as they were signed."""

from tests.corpus.model import NOT_GOOD, OURS, PROVEN, UNSEEN, Pattern, Required, attack
from tests.corpus.papers import APPROVED, CERTIFIED_1, CERTIFIED_3, STRUCTURE
from tests.corpus.pdf import Pdf, edited, ref, stream

TOLD: Required = (
    *NOT_GOOD,
    Pattern(("passed",), ("not_issued_here",), (), ("version_changed",)),
)
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"


def in_catalogue(pdf: Pdf, key: str, value: bytes, more: dict[int, bytes] | None = None) -> bytes:
    """Set an entry of the catalogue in an update."""
    return pdf.update({**pdf.set(pdf.root, **{key: value}), **(more or {})}).data


@attack(OURS, APPROVED, CERTIFIED_1, foreign=PROVEN, shown_by=UNSEEN)
def open_action_with_script(pdf: Pdf) -> bytes:
    """The catalogue gains an /OpenAction that runs JavaScript."""
    return in_catalogue(pdf, "OpenAction", SCRIPT)


@attack(OURS, APPROVED, shown_by=UNSEEN)
def open_action_to_other_page(pdf: Pdf) -> bytes:
    """The catalogue gains an /OpenAction that opens a spot of the page far enlarged."""
    return in_catalogue(pdf, "OpenAction", b"[%d 0 R /XYZ 0 0 64]" % pdf.page)


@attack(OURS, APPROVED, CERTIFIED_3, foreign=PROVEN, shown_by=UNSEEN)
def additional_actions(pdf: Pdf) -> bytes:
    """The catalogue gains /AA with a script before printing."""
    return in_catalogue(pdf, "AA", b"<< /WP %s >>" % SCRIPT)


@attack(OURS, APPROVED, foreign=PROVEN, shown_by=UNSEEN)
def page_action(pdf: Pdf) -> bytes:
    """The page gains /AA with a script for when it is opened."""
    return pdf.update(pdf.set(pdf.page, AA=b"<< /O %s >>" % SCRIPT)).data


@attack(OURS, APPROVED, foreign=PROVEN, shown_by=UNSEEN)
def script_in_name_tree(pdf: Pdf) -> bytes:
    """The name tree gains a document-level JavaScript."""
    return in_catalogue(pdf, "Names", b"<< /JavaScript << /Names [(x) %s] >> >>" % SCRIPT)


@attack(OURS, APPROVED, CERTIFIED_3, shown_by=UNSEEN)
def file_embedded(pdf: Pdf) -> bytes:
    """The name tree gains an embedded file."""
    number = pdf.size
    names = (
        b"<< /EmbeddedFiles << /Names [(contract.pdf) << /Type /Filespec /F (contract.pdf) "
        b"/EF << /F %d 0 R >> >>] >> >>" % number
    )
    return in_catalogue(pdf, "Names", names, {number: stream(b"%PDF-", b"/Type /EmbeddedFile")})


@attack(OURS, shown_by=UNSEEN)
def embedded_metadata_replaced(pdf: Pdf) -> bytes:
    """The licence's embedded metadata file (GB/T 36903) is overwritten."""
    number = next(n for n, body in pdf.objects.items() if b"/EmbeddedFile" in body)
    return pdf.update({number: stream(b"<forged/>", b"/Type /EmbeddedFile")}).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def associated_file_added(pdf: Pdf) -> bytes:
    """The catalogue's /AF names another file that belongs to the document."""
    number = pdf.size
    spec = b"[<< /Type /Filespec /F (data.xml) /AFRelationship /Data /EF << /F %d 0 R >> >>]"
    return in_catalogue(pdf, "AF", spec % number, {number: stream(b"<a/>", b"/Type /EmbeddedFile")})


@attack(OURS, APPROVED, shown_by=UNSEEN)
def turned_into_portfolio(pdf: Pdf) -> bytes:
    """The catalogue gains a /Collection: viewers show an embedded file instead of the pages."""
    number = pdf.size
    held = (
        b"<< /EmbeddedFiles << /Names [(a.pdf) << /Type /Filespec /F (a.pdf) "
        b"/EF << /F %d 0 R >> >>] >> >>"
    )
    changed = pdf.set(
        pdf.root, Collection=b"<< /Type /Collection /D (a.pdf) /View /H >>", Names=held % number
    )
    return pdf.update({**changed, number: stream(b"%PDF-", b"/Type /EmbeddedFile")}).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def outline_added(pdf: Pdf) -> bytes:
    """Bookmarks with forged headings are added."""
    number = pdf.size
    item = b"<< /Title (Void since 2020) /Parent %d 0 R /A %s >>" % (number, SCRIPT)
    top = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count 1 >>" % (number + 1, number + 1)
    return in_catalogue(pdf, "Outlines", ref(number), {number: top, number + 1: item})


@attack(OURS, APPROVED, shown_by=UNSEEN)
def page_labels_added(pdf: Pdf) -> bytes:
    """Page labels make viewers call the only page page 7."""
    return in_catalogue(pdf, "PageLabels", b"<< /Nums [0 << /S /D /St 7 >>] >>")


@attack(OURS, APPROVED, shown_by=UNSEEN)
def viewer_preferences_changed(pdf: Pdf) -> bytes:
    """/ViewerPreferences hide the viewer's tool bars, where it shows its signature panel."""
    wanted = b"<< /HideToolbar true /HideMenubar true /HideWindowUI true >>"
    return in_catalogue(pdf, "ViewerPreferences", wanted)


@attack(OURS, APPROVED, shown_by=UNSEEN)
def page_mode_changed(pdf: Pdf) -> bytes:
    """/PageMode opens the file in full screen."""
    return in_catalogue(pdf, "PageMode", b"/FullScreen")


@attack(APPROVED, shown_by=UNSEEN)
def spoken_text_changed(pdf: Pdf) -> bytes:
    """A structure element's /ActualText is changed: a screen reader says another sum."""
    return pdf.update(pdf.set(25, ActualText=b"(Pay 999 EUR)")).data


@attack(APPROVED, shown_by=UNSEEN)
def structure_tree_replaced(pdf: Pdf) -> bytes:
    """The structure tree's root names another element with other words."""
    number = pdf.size
    element = edited(pdf.objects[25], {"/ActualText": b"(Pay 999 EUR)"})
    return pdf.update({number: element, **pdf.set(STRUCTURE, K=ref(number))}).data


@attack(OURS, APPROVED, shown_by=UNSEEN)
def place_in_structure_tree_changed(pdf: Pdf) -> bytes:
    """The page's /StructParents names another place: a screen reader reads other tags."""
    return pdf.update(pdf.set(pdf.page, StructParents=b"9")).data


@attack(APPROVED, shown_by=UNSEEN)
def language_changed(pdf: Pdf) -> bytes:
    """The document's /Lang is changed: a screen reader reads gibberish."""
    return in_catalogue(pdf, "Lang", b"(zh)")


@attack(OURS, APPROVED, shown_by=UNSEEN)
def base_of_links_set(pdf: Pdf) -> bytes:
    """The catalogue gains a base for relative links, which leads them elsewhere."""
    return in_catalogue(pdf, "URI", b"<< /Base (https://evil.example/) >>")


@attack(OURS, APPROVED, shown_by=UNSEEN)
def destinations_added(pdf: Pdf) -> bytes:
    """Named destinations are added, to which links in other files lead."""
    return in_catalogue(pdf, "Dests", b"<< /terms [%d 0 R /Fit] >>" % pdf.page)


@attack(OURS, APPROVED, shown_by=UNSEEN, foreign=TOLD)
def version_lowered(pdf: Pdf) -> bytes:
    """The catalogue's /Version is lowered, which viewers ignore (7.2.2): it must be said."""
    return in_catalogue(pdf, "Version", b"/1.0")


@attack(OURS, APPROVED, shown_by=UNSEEN)
def requirements_added(pdf: Pdf) -> bytes:
    """The catalogue demands JavaScript with a handler (/Requirements)."""
    return in_catalogue(pdf, "Requirements", b"[<< /S /EnableJavaScripts >>]")


@attack(OURS, APPROVED, shown_by=UNSEEN)
def unknown_key_in_catalogue(pdf: Pdf) -> bytes:
    """The catalogue gains a key that nobody here knows, with a page inside."""
    return in_catalogue(pdf, "VendorPages", b"<< /Pages [%d 0 R] >>" % pdf.page)


@attack(OURS, APPROVED, shown_by=UNSEEN)
def output_intent_replaced(pdf: Pdf) -> bytes:
    """/OutputIntents gains a press profile."""
    intent = b"[<< /Type /OutputIntent /S /GTS_PDFX /OutputConditionIdentifier (X) >>]"
    return in_catalogue(pdf, "OutputIntents", intent)
