"""Trusted lists of ETSI TS 119 612: verified first, then only what vouches for signatures."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from core.text import Text
from signing.trust.anchors import Anchor, AnchorKind, AnchorService
from signing.trust.etsi_list import BadEtsiListError, EtsiList, read_etsi_list
from tests.signing.material import NOW, make_pki, pki
from tests.signing.trust.etsi_lists import (
    FOR_SEALS,
    FOR_WEB,
    GRANTED,
    LIST_OF_LISTS,
    NAMESPACE,
    OCSP_QC,
    OPERATOR,
    QTST,
    WITHDRAWN,
    Service,
    content,
    signed_etsi_list,
)

CA = Service("Ruritania Qualified CA", pki().root.der, purposes=(FOR_SEALS,))


def read(data: bytes, *, signer: bytes = OPERATOR.der, now: datetime = NOW) -> EtsiList:
    return read_etsi_list(data, signer, now)


def entries(*services: Service) -> list[Anchor]:
    return list(read(signed_etsi_list(content(services))).entries)


def test_a_granted_service_is_taken_with_its_name_and_list() -> None:
    found = read(signed_etsi_list(content([CA])))
    assert found.source == "Digital Agency of Ruritania (RR)"
    assert found.sequence == 12
    assert found.issued_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert found.next_update == datetime(2026, 6, 1, tzinfo=UTC)
    assert found.left_out == 0
    assert found.entries == (
        Anchor(
            certificate=pki().root.der,
            name=Text("Ruritania Qualified CA", "Ruritania Qualified CA"),
            list_name="Digital Agency of Ruritania (RR) 12",
            kind=AnchorKind.GOVERNMENT,
            service=AnchorService.CERTIFICATES,
            recognised_from=datetime(2020, 1, 1, tzinfo=UTC),
        ),
    )


def test_a_time_stamping_service_is_for_timestamps_alone() -> None:
    (one,) = entries(Service("Stamps", pki().tsa.der, type=QTST))
    assert one.service is AnchorService.TIMESTAMPS


def test_a_withdrawn_service_keeps_the_time_in_which_it_was_granted() -> None:
    (one,) = entries(
        Service(
            "Gone",
            pki().root.der,
            status=WITHDRAWN,
            since="2024-05-01T00:00:00Z",
            history=((GRANTED, "2019-03-01T00:00:00Z"),),
        )
    )
    assert one.recognised_from == datetime(2019, 3, 1, tzinfo=UTC)
    assert one.recognised_until == datetime(2024, 5, 1, tzinfo=UTC)


def test_what_vouches_for_no_signature_is_left() -> None:
    other = make_pki().root.der
    found = entries(
        CA,
        Service("Never granted", other, status=WITHDRAWN),
        Service("Web sites", other, purposes=(FOR_WEB,)),
        Service("OCSP", other, type=OCSP_QC),
    )
    assert [one.name.en for one in found] == ["Ruritania Qualified CA"]
    both = entries(Service("Both", other, purposes=(FOR_WEB, FOR_SEALS)))
    assert [one.name.en for one in both] == ["Both"]


def test_a_service_known_by_its_key_alone_is_counted_as_left_out() -> None:
    found = read(signed_etsi_list(content([CA, Service("No certificate", None)])))
    assert len(found.entries) == 1
    assert found.left_out == 1


def refused(data: bytes, words: str, **more: object) -> None:
    with pytest.raises(BadEtsiListError, match=words):
        read(data, **more)  # type: ignore[arg-type]


def test_only_the_named_operator_signs() -> None:
    impostor = make_pki().seal
    refused(signed_etsi_list(content([CA]), impostor), "not signed by the given certificate")
    data = signed_etsi_list(content([CA]))
    refused(data, "not signed by the given certificate", signer=impostor.der)
    refused(data, "not signed by the given certificate", signer=b"no certificate")


def test_an_unsigned_or_changed_list_is_refused() -> None:
    refused(content([CA]), "not signed")
    data = signed_etsi_list(content([CA]))
    refused(data.replace(b"Ruritania Qualified", b"Ruritania Qualifled"), "not signed")
    refused(data.replace(b"<TSLSequenceNumber>12", b"<TSLSequenceNumber>13"), "not signed")
    refused(b"no XML", "not signed")
    refused(b"", "not signed")


def test_a_signed_list_wrapped_in_another_is_refused() -> None:
    """The signature holds over the inner list, and the outer one would be read."""
    inner = etree.fromstring(signed_etsi_list(content([CA])))
    outer = etree.fromstring(content([Service("Smuggled", make_pki().root.der)]))
    signature = inner.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert signature is not None
    outer.append(signature)
    signature.append(inner)
    refused(etree.tostring(outer), "not signed|does not cover")


def test_a_signature_over_a_part_is_refused() -> None:
    part = f'<Part xmlns="{NAMESPACE}"/>'.encode()
    signed = etree.fromstring(signed_etsi_list(part))
    refused(etree.tostring(signed), "does not cover")


def test_entities_are_refused_unread() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + signed_etsi_list(content([CA]))
    refused(bomb, "too large, or with a DTD")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"next_update": "2026-03-02T08:00:00Z"}, "expired on 2026-03-02"),
        ({"next_update": "soon"}, "malformed time"),
        ({"kind": LIST_OF_LISTS}, "a list of lists"),
        ({"sequence": "minus one"}, "malformed number"),
        ({"sequence": " "}, "without TSLSequenceNumber"),
    ],
)
def test_what_a_list_must_say(more: dict[str, str], words: str) -> None:
    refused(signed_etsi_list(content([CA], **more)), words)


def test_a_list_without_services_is_refused() -> None:
    refused(signed_etsi_list(content([Service("Gone", pki().root.der, status=WITHDRAWN)])), "no")
    refused(signed_etsi_list(content([])), "no granted service")
