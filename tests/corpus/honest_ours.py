"""Licences of ours in honest hands: as granted, and with what archives and gateways append."""

from tests.corpus.model import ADDITION, IN_FORCE, PROVEN, Papers, honest_of_ours
from tests.corpus.papers import TRAILER, note_objects
from tests.corpus.pdf import Section, load, new
from tests.corpus.signing import STAMP, Mark, sign
from tests.corpus.validation_data import with_store


@honest_of_ours(IN_FORCE)
def ours_as_granted(papers: Papers) -> bytes:
    """The registered bytes themselves (B-LT)."""
    return papers.licence


@honest_of_ours(IN_FORCE)
def ours_archived(papers: Papers) -> bytes:
    """The registered bytes with the archive's revision (B-LTA)."""
    return papers.archived


@honest_of_ours(IN_FORCE)
def ours_sealed_part_of_archived(papers: Papers) -> bytes:
    """The first of two registered revisions."""
    data = papers.archived
    return data[: data.index(b"%%EOF") + len(b"%%EOF\n")]


@honest_of_ours(IN_FORCE)
def ours_without_timestamp(papers: Papers) -> bytes:
    """A licence sealed at B-B, with a photo's place and personal number."""
    return papers.other


@honest_of_ours(ADDITION)
def ours_and_line_break(papers: Papers) -> bytes:
    """A mail gateway added a line break."""
    return papers.licence + b"\r\n"


@honest_of_ours(ADDITION)
def ours_and_zeros(papers: Papers) -> bytes:
    """A disk filled the last block up with zeros (white space in PDF)."""
    return papers.licence + b"\x00" * 512


@honest_of_ours(ADDITION)
def ours_and_dss(papers: Papers) -> bytes:
    """An archive of somebody else's added a DSS."""
    return with_store(load(papers.licence)).data


@honest_of_ours(ADDITION)
def ours_and_timestamp(papers: Papers) -> bytes:
    """An archive of somebody else's added a document timestamp."""
    return sign(load(papers.licence), STAMP).data


@honest_of_ours(ADDITION)
def ours_with_dss_and_timestamp(papers: Papers) -> bytes:
    """An archive of somebody else's added a DSS and a document timestamp with iText's comments."""
    section = Section(after_trailer=b"%iText-Core-8.0.5\n")
    return sign(with_store(load(papers.licence), section=section), STAMP).data


@honest_of_ours(ADDITION)
def ours_archived_and_timestamp(papers: Papers) -> bytes:
    """Our archived licence with one more document timestamp of somebody else's."""
    return sign(load(papers.archived), STAMP).data


@honest_of_ours(PROVEN)
def ours_countersigned_elsewhere(papers: Papers) -> bytes:
    """Another office signed our licence: P=1 forbids it, however well it was meant."""
    return sign(load(papers.licence), Mark(field="Other")).data


@honest_of_ours(PROVEN)
def ours_cut_off(papers: Papers) -> bytes:
    """The download of a licence was cut off; it bears an identifier on record."""
    return papers.licence[:-1500]


@honest_of_ours(PROVEN)
def ours_without_last_byte(papers: Papers) -> bytes:
    """The last byte of a licence is missing."""
    return papers.licence[:-1]


@honest_of_ours(PROVEN)
def ours_printed_to_pdf(papers: Papers) -> bytes:
    """A viewer printed the licence to a PDF without a seal and kept its properties."""
    ours = load(papers.licence)
    return new(note_objects(ours.objects[ours.info]), TRAILER).data
