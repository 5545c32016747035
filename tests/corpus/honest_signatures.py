"""Further signatures and timestamps, as counters, colleagues and archives add them."""

from dataclasses import replace
from functools import partial

from tests.corpus.certificates import rsa_signer, second_signer
from tests.corpus.cms import ADOBE, PADES, signed_data, token
from tests.corpus.model import (
    NEVER_SIGNED,
    SOUND,
    UNCLEAR,
    UNSIGNED,
    honest,
    not_judged,
    sound,
)
from tests.corpus.papers import (
    FONT,
    SIGNER_LOOK,
    letter,
    note,
    shape,
    signed_letter_in_streams,
    signed_note,
)
from tests.corpus.papers import certified as certified_letter
from tests.corpus.pdf import Layout, Pdf, Section, edited, entries
from tests.corpus.signing import STAMP, VISIBLE, Mark, sign
from tests.corpus.validation_data import with_store

SECOND = Mark(field="Signature2", cms=partial(signed_data, who=second_signer()))
FURTHER = sound("signatures")
LTV = sound("validation_data")
STAMPED = replace(PADES, token=token)
UNTRUSTED = sound("none", "timestamp_not_trusted")


def after(mark: Mark) -> bytes:
    """Return the signed note with one more signature."""
    return sign(signed_note(), mark).data


@honest(FURTHER)
def second_invisible() -> bytes:
    """A second person signs with an invisible field of its own."""
    return after(SECOND)


@honest(FURTHER)
def second_visible() -> bytes:
    """A second person signs with a visible field at an empty place of the page."""
    return after(replace(VISIBLE, cms=SECOND.cms))


@honest(FURTHER)
def second_with_acrobat_keys() -> bytes:
    """The second field has /MK, /H, /DA, /StructParent, /TU, /Prop_Build, /Name and /Reason."""
    return after(
        replace(
            VISIBLE,
            cms=SECOND.cms,
            widget=b"/MK << >> /H /N /DA (/Helv 0 Tf 0 g) /StructParent 7 /TU (Second) ",
            signature=b"/Name (Second) /Reason (seen) /Prop_Build << /App << /Name /X >> >> ",
        )
    )


@honest(FURTHER)
def second_with_lock() -> bytes:
    """The second field has a /Lock with all fields, which binds what follows it."""
    lock = b"/Lock << /Type /SigFieldLock /Action /All >> "
    return after(replace(SECOND, widget=lock, lock=b"/Action /All"))


@honest(FURTHER)
def second_with_default_appearance() -> bytes:
    """The form gains /DA and a /DR with a new font along with the second signature."""
    pdf = signed_note()
    number = pdf.size
    form = {"/DA": b"(/Helv 0 Tf 0 g)", "/DR": b"<< /Font << /Helv %d 0 R >> >>" % number}
    return sign(pdf, replace(SECOND, more={number: FONT}, form=form)).data


@honest(FURTHER)
def second_in_prepared_field() -> bytes:
    """The second signature fills a field that was prepared before the first."""
    pdf = note()
    number = pdf.size
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Second) /F 132 /Rect [180 20 280 60] "
        b"/P 3 0 R >>"
    )
    form = b"<< /Fields [%d 0 R] >>" % number
    made = pdf.update(
        {
            number: field,
            **pdf.set(1, AcroForm=form),
            **pdf.set(3, Annots=b"[%d 0 R]" % number),
        }
    )
    return sign(sign(made, Mark()), replace(SECOND, into=number)).data


@honest(FURTHER)
def second_in_prepared_field_with_appearance() -> bytes:
    """The second signature fills a prepared field and gives it its appearance."""
    pdf = note()
    number = pdf.size
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Second) /F 132 /Rect [180 20 280 60] "
        b"/P 3 0 R >>"
    )
    form = b"<< /Fields [%d 0 R] >>" % number
    made = pdf.update(
        {
            number: field,
            **pdf.set(1, AcroForm=form),
            **pdf.set(3, Annots=b"[%d 0 R]" % number),
        }
    )
    first = sign(made, Mark())
    look = first.size + 3
    more = {look: shape(SIGNER_LOOK, 100, 40)}
    mark = replace(SECOND, into=number, more=more, widget=b"/AP << /N %d 0 R >> " % look)
    return sign(first, mark).data


@honest(FURTHER)
def third_by_another_maker() -> bytes:
    """Three signatures by three makers: a table, a stream of references, a hybrid update."""
    pdf = sign(signed_note(), replace(SECOND, section=Section(layout=Layout.STREAM)))
    third = Mark(
        field="Signature3",
        cms=partial(signed_data, who=rsa_signer(), style=ADOBE),
        subfilter=b"/adbe.pkcs7.detached",
        section=Section(layout=Layout.STREAM),
    )
    return sign(pdf, third).data


@honest(FURTHER)
def second_in_streams() -> bytes:
    """A second signature after one in a file of streams."""
    mark = replace(SECOND, section=Section(layout=Layout.STREAM))
    return sign(signed_letter_in_streams(), mark).data


@honest(FURTHER)
def countersigned_and_dss() -> bytes:
    """A second signature, then a DSS."""
    return with_store(sign(signed_note(), SECOND)).data


@honest(FURTHER)
def second_on_second_page() -> bytes:
    """The second signature's visible field stands on the second page."""
    pdf = sign(letter(), Mark())
    return sign(pdf, replace(VISIBLE, cms=SECOND.cms, page=20)).data


@honest(FURTHER)
def certified_for_filling_then_signed() -> bytes:
    """A file certified at P=2 gets an approval signature, which P=2 allows."""
    return sign(certified_letter(2), SECOND).data


@honest(FURTHER)
def certified_for_annotations_then_signed() -> bytes:
    """A file certified at P=3 gets an approval signature."""
    return sign(certified_letter(3), SECOND).data


@honest(LTV)
def certified_for_nothing_with_dss() -> bytes:
    """A file certified at P=1 gets a DSS, which does not count (ISO 32000-2 table 257)."""
    return with_store(certified_letter(1)).data


@honest(LTV)
def certified_for_nothing_with_timestamp() -> bytes:
    """A file certified at P=1 gets a DSS and a document timestamp, which do not count."""
    return sign(with_store(certified_letter(1)), STAMP).data


@honest(SOUND)
def certified() -> bytes:
    """A certification at P=2 over the whole file."""
    return sign(letter(), Mark(certify=2)).data


@honest(LTV)
def document_timestamp() -> bytes:
    """A document timestamp follows the signature (PAdES B-LTA)."""
    return sign(with_store(signed_note()), STAMP).data


@honest(LTV)
def document_timestamp_without_type() -> bytes:
    """The document timestamp's dictionary has no /Type."""
    return sign(with_store(signed_note()), replace(STAMP, kind=b"")).data


@honest(LTV)
def document_timestamp_of_type_sig() -> bytes:
    """The document timestamp's dictionary is of /Type /Sig, as older software writes it."""
    return sign(with_store(signed_note()), replace(STAMP, kind=b"/Type /Sig ")).data


@honest(LTV)
def document_timestamp_with_appearance_keys() -> bytes:
    """The timestamp's field has /MK, /H, /DA, /Lock, /StructParent; its dictionary a /Reason."""
    return sign(
        with_store(signed_note()),
        replace(
            STAMP,
            widget=b"/MK << >> /H /P /DA (/Helv 0 Tf 0 g) /StructParent 3 ",
            signature=b"/Name (TSA) /Reason (archive) /Prop_Build << >> /M (D:20260303) ",
        ),
    ).data


@honest((*LTV, *FURTHER))
def document_timestamp_with_empty_appearance() -> bytes:
    """The timestamp's field has an appearance that paints nothing."""
    return sign(with_store(signed_note()), replace(STAMP, appearance=b"", rect=(0, 0, 0, 0))).data


@honest(LTV)
def three_archive_timestamps() -> bytes:
    """Three archive timestamps with their stores, as archives renew them."""
    pdf = signed_note()
    for index in range(3):
        pdf = sign(with_store(pdf), replace(STAMP, field=f"Archive{index}"))
    return pdf.data


@honest(LTV)
def document_timestamp_without_certificate() -> bytes:
    """The document timestamp's token holds no certificate (certReq=false); it is in the DSS."""
    return sign(
        with_store(signed_note()), replace(STAMP, cms=partial(token, certificates=False))
    ).data


@honest((*sound("validation_data", "timestamp_not_trusted"), *not_judged()))
def document_timestamp_without_certificate_anywhere() -> bytes:
    """The document timestamp's certificate is nowhere in the file."""
    return sign(signed_note(), replace(STAMP, cms=partial(token, certificates=False))).data


@honest(SOUND)
def signature_timestamp() -> bytes:
    """The signature has a timestamp token as an unsigned attribute (B-T)."""
    return sign(note(), Mark(cms=partial(signed_data, style=STAMPED))).data


@honest(UNTRUSTED)
def signature_timestamp_without_certificate() -> bytes:
    """The signature's timestamp token holds no certificate, and nobody knows it."""
    style = replace(PADES, token=partial(token, certificates=False))
    return sign(note(), Mark(cms=partial(signed_data, style=style))).data


@honest(SOUND)
def timestamp_with_sha512() -> bytes:
    """The timestamp's imprint is SHA-512, the signature's hash SHA-256."""
    style = replace(PADES, token=partial(token, digest="sha512"))
    return sign(note(), Mark(cms=partial(signed_data, style=style))).data


@honest((*SOUND, *sound("none", "weak_hash")))
def timestamp_with_sha1() -> bytes:
    """The timestamp's imprint is SHA-1, as TSAs of 2010 made it."""
    style = replace(PADES, token=partial(token, digest="sha1"))
    return sign(note(), Mark(cms=partial(signed_data, style=style))).data


@honest((*not_judged(), *sound("none", "timestamp_malformed")))
def timestamp_attributes_not_in_order() -> bytes:
    """The token's signed attributes are not in DER's order: one token, two readings."""
    style = replace(PADES, token=partial(token, order=partial(sorted, reverse=True)))
    return sign(note(), Mark(cms=partial(signed_data, style=style))).data


@honest((*SOUND, *sound("none", "timestamp_malformed"), *not_judged()))
def empty_timestamp_attribute() -> bytes:
    """The unsigned attribute for the timestamp holds an empty SEQUENCE, the TSA did not answer."""
    from tests.corpus import der  # noqa: PLC0415

    style = replace(PADES, token=lambda _: der.sequence())
    return sign(note(), Mark(cms=partial(signed_data, style=style))).data


@honest(SOUND)
def only_a_document_timestamp() -> bytes:
    """The file has a document timestamp and no signature."""
    return sign(note(), STAMP).data


@honest(FURTHER)
def signature_after_document_timestamp() -> bytes:
    """A document timestamp comes first, a signature after it."""
    return sign(sign(note(), STAMP), Mark()).data


@honest(FURTHER)
def seventeen_signatures() -> bytes:
    """Seventeen people signed one after the other."""
    return many(17)


@honest(FURTHER)
def thirty_two_signatures() -> bytes:
    """Thirty-two people signed, the most that we promise to judge."""
    return many(32)


@honest(not_judged("limit_signatures"))
def sixty_signatures() -> bytes:
    """Sixty people signed: beyond what we look at, so a limit with its reason."""
    return many(60)


def many(count: int) -> bytes:
    pdf = note()
    for index in range(count):
        pdf = sign(pdf, Mark(field=f"S{index}", reserved=2048))
    return pdf.data


@honest(NEVER_SIGNED)
def prepared_never_signed() -> bytes:
    """A signature was prepared (/Contents all zeros) and never made."""
    return sign(note(), Mark(cms=lambda _: b"")).data


@honest((*FURTHER, *not_judged()))
def second_prepared_never_signed() -> bytes:
    """After a sound signature a second was prepared and never made."""
    return after(replace(SECOND, cms=lambda _: b""))


@honest((*SOUND, *FURTHER))
def empty_field_beside_signature() -> bytes:
    """An empty signature field (no /V) was prepared before the signature was made."""
    pdf = note()
    number = pdf.size
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Empty) /F 132 /Rect [0 0 0 0] /P 3 0 R >>"
    )
    made = pdf.update(
        {
            number: field,
            **pdf.set(1, AcroForm=b"<< /Fields [%d 0 R] >>" % number),
            **pdf.set(3, Annots=b"[%d 0 R]" % number),
        }
    )
    return sign(made, Mark()).data


@honest((*FURTHER, *UNCLEAR, *not_judged()))
def empty_field_added_later() -> bytes:
    """After the signature an empty, invisible field for a further one is added."""
    pdf = signed_note()
    number = pdf.size
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Next) /F 132 /Rect [0 0 0 0] /P 3 0 R >>"
    )
    form = pdf.of(1)["/AcroForm"]
    listed = entries(form)["/Fields"][:-1] + b" %d 0 R]" % number
    return pdf.update(
        {
            number: field,
            **pdf.set(1, AcroForm=edited(form, {"/Fields": listed})),
            **pdf.with_annotation(number),
        }
    ).data


def _with_usage_rights() -> Pdf:
    """A note with a usage-rights signature of Acrobat's, long void."""
    pdf = note()
    number = pdf.size
    rights = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 10 20 "
        b"30] /Contents <3003020100> /Reference [<< /Type /SigRef /TransformMethod /UR3 >>] >>"
    )
    return pdf.update({number: rights, **pdf.set(1, Perms=b"<< /UR3 %d 0 R >>" % number)})


@honest(SOUND)
def usage_rights_beside_signature() -> bytes:
    """A usage-rights signature of Acrobat's (/Perms /UR3), long void, stands beside a sound one."""
    return sign(_with_usage_rights(), Mark()).data


@honest(UNSIGNED)
def usage_rights_alone() -> bytes:
    """A form for Acrobat Reader with usage rights, never signed by anybody."""
    return _with_usage_rights().data


@honest(UNSIGNED)
def old_usage_rights_alone() -> bytes:
    """Usage rights of the first kind (/Perms /UR) under adbe.x509.rsa_sha1."""
    pdf = note()
    number = pdf.size
    rights = (
        b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.x509.rsa_sha1 /ByteRange [0 10 20 "
        b"30] /Contents <04020100> /Cert (x) >>"
    )
    return pdf.update({number: rights, **pdf.set(1, Perms=b"<< /UR %d 0 R >>" % number)}).data


@honest(SOUND)
def dictionary_replaced_before_signing() -> bytes:
    """The signature's dictionary was first written as a draft, and replaced when it was made."""
    pdf = note()
    number = pdf.size
    draft = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached >>"
    return sign(pdf.update({number: draft}), Mark()).data
