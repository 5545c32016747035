"""Words of findings about records: no identifier stands in a Chinese sentence."""

import re
from datetime import UTC, datetime

import pytest

from ca.hierarchy.issuing_ca import not_founded
from ca.profiles.rules import ProfileKind
from core.text import Text
from registry.audit import findings
from registry.audit.kinds import Kind
from registry.reconcile.journal import findings as journal_findings

NAME = "X1"
AT = datetime(2026, 3, 1, tzinfo=UTC)
_STATES = {
    Kind.LICENCE: "PENDING IN_FORCE SUSPENDED CANCELLED EXPIRED REPLACED VOID",
    Kind.CERTIFICATE: "INTENDED ISSUED REVOKED certificate.held certificate.released "
    "certificate.issued certificate.intended certificate.revoked certificate.restored",
    Kind.KEY: "INTENDED GENERATED ACTIVE RETIRED DESTROYED key.generated key.found key.activated "
    "key.retired key.destroyed",
    Kind.ISSUER: "PREPARED ACTIVE RETIRED",
    Kind.IDENTITY: "added identity.added",
    Kind.ROLE: "added ended role.added role.ended",
    Kind.OFFICER_CERTIFICATE: "added officer.added",
    Kind.DESK_REQUEST: "added request.added request.approved request.rejected request.withdrawn "
    "request.reopened request.lapsed request.done",
}
_COLUMNS = (
    "algorithm authority authority_id basis certificate certificate_sha256 changed_at face "
    "identifier invalidity_at issuer key level link_token name not_after not_before number "
    "parent path_sha256 profile purpose reason replaced_by replaces revoked_at seal seal_id "
    "serial series series.open sha256 shard slug spki_sha256 state tbs_sha256 tsa tsa_ca "
    "type_code uscc "
    "chain_sha256 "
    "changes "
    "created_at "
    "csr "
    "derived "
    "detail "
    "ended "
    "finished "
    "holder_code "
    "intended_at "
    "issued_at "
    "key_id "
    "names "
    "of "
    "owner "
    "policy "
    "protections "
    "protections.certificate_until "
    "protections.sequence "
    "protections.suite "
    "refused "
    "replaced_at "
    "request "
    "requested_at "
    "reseal "
    "revisions.judgement "
    "revisions.registered_at "
    "revisions.signed_digest "
    "role "
    "shards "
    "signed_at "
    "since "
    "subject "
    "updated_at "
    "value "
    "where "
    "action bound_at by decided_at decided_by digest ended_at ended_by given_at identity kind "
    "lapses_at merged_into person successor type valid_from valid_until why "
)
STATES = [(kind, one) for kind, codes in _STATES.items() for one in codes.split()]


def identifiers(text: Text) -> list[str]:
    """Return what a reader of the Chinese would take for a code, CA and commands apart."""
    told = re.sub(r"xinyin [a-z -]+|X1|CA|Z", "", text.zh)
    return re.findall(r"[A-Za-z][A-Za-z_.]+", told)


@pytest.mark.parametrize(("kind", "state"), STATES)
def test_states_are_words(kind: Kind, state: str) -> None:
    for said in (
        findings.impossible(kind, NAME, 7, state, state),
        journal_findings.disagrees(
            kind, NAME, AT, said=state, found=state, wrong=["state"], proven=False
        ),
    ):
        assert identifiers(said.text) == []
        assert state in said.text.en


@pytest.mark.parametrize("column", _COLUMNS.split())
def test_columns_are_words(column: str) -> None:
    for said in (
        findings.edited(Kind.LICENCE, NAME, 7, [column]),
        journal_findings.disagrees(
            Kind.LICENCE, NAME, AT, said="VOID", found="VOID", wrong=[column], proven=True
        ),
    ):
        assert identifiers(said.text) == []
        assert column in said.text.en


def test_a_disagreement_in_words() -> None:
    said = journal_findings.disagrees(
        Kind.LICENCE,
        NAME,
        AT,
        said="CANCELLED",
        found="IN_FORCE",
        wrong=["state", "reason"],
        proven=True,
    )
    begin = (
        "证照 X1：恢复日志于 2026-03-01 00:00:00Z 记为“已注销”，登记库为“有效”（不符：状态、事由）"
    )
    assert said.text.zh.startswith(begin)


@pytest.mark.parametrize("kind", list(ProfileKind))
def test_kinds_of_certificates_are_words(kind: ProfileKind) -> None:
    told = not_founded(kind).text.zh
    assert f"“{kind}”" not in told
    assert re.search(r"(缺少|可用的)[^“”]+证书", told)
