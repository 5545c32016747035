"""Some hundreds of mutants through a real verifier; `make fuzz` sends a hundred thousand."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from signing.report import LaterChanges, SignatureReport, Structure, ValidationReport
from tests.fuzz.campaign import Campaign, campaign, save
from tests.fuzz.mutators import MUTATORS, update
from tests.fuzz.oracle import Oracle
from tests.fuzz.seeds import Seed, covered_digests

RUN = 20260302
MUTANTS = 300


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    with campaign(tmp_path_factory.mktemp("fuzz")) as made:
        yield made


def test_of_no_mutant_anything_wrong_is_said(
    fuzzed: Campaign, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tally = fuzzed.run(RUN, range(MUTANTS))
    kept = tmp_path_factory.mktemp("findings")
    save(tally.findings, kept)
    assert tally.described()["faults"] == {}, kept
    assert tally.faults_of_resources() == []
    # And they are worth sending: many are read to the end, and some signatures still hold.
    assert tally.structures["signed"] > MUTANTS // 5
    assert any(key.startswith("True") for key in tally.changes)


def test_a_mutant_can_be_made_again(fuzzed: Campaign) -> None:
    assert fuzzed.mutant(RUN, 7) == fuzzed.mutant(RUN, 7)
    assert fuzzed.mutant(RUN, 7)[1] != fuzzed.mutant(RUN + 1, 7)[1]


# The oracle itself


def _seed(fuzzed: Campaign, name: str) -> Seed:
    return next(seed for seed in fuzzed.seeds if seed.name == name)


def _report(fuzzed: Campaign, data: bytes) -> ValidationReport:
    fuzzed.verifier.by_file(data)
    report = fuzzed.sandbox.take_report()
    assert report is not None
    return report


def _said(signature: SignatureReport, **changed: object) -> ValidationReport:
    told = replace(signature, **changed)  # type: ignore[arg-type]
    return ValidationReport(Structure.SIGNED, (told,), True, (), ())


def test_the_oracle_notices_bytes_that_nobody_signed(fuzzed: Campaign) -> None:
    data = _seed(fuzzed, "pyhanko-B-LT").data
    forged = data.replace(b"(licence)", b"(LICENCE)").replace(b"/Helvetica", b"/Helvetixa")
    assert forged != data
    signature = _report(fuzzed, data).signatures[0]
    assert fuzzed.oracle.faults_of_report(data, _said(signature)) == []
    assert "intact_over_other_bytes" in fuzzed.oracle.faults_of_report(forged, _said(signature))
    moved = _said(signature, covered_length=signature.covered_length - 1)
    assert "intact_without_byte_range" in fuzzed.oracle.faults_of_report(data, moved)
    other = _said(signature, signed_digest="00" * 32)
    assert "signed_digest_of_other_bytes" in fuzzed.oracle.faults_of_report(data, other)


def test_the_oracle_notices_a_page_that_looks_different(fuzzed: Campaign) -> None:
    data = _seed(fuzzed, "pyhanko-B-LT").data
    signature = replace(_report(fuzzed, data).signatures[0], intact=True)
    page = next(number for number in range(1, 20) if b"/Type /Page\n" in _body(data, number))
    start, size = data.rindex(b"startxref"), data.rindex(b"/Size")
    body = _body(data, page).replace(b"/MediaBox", b"/Rotate 90 /MediaBox")
    where = len(data) + 1
    end = b"\n%d 0 obj%bendobj\n" % (page, body)
    trailer = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %b /Root %b /Prev %b >>\n" % (
        page, where, data[size + 5 :].split()[0], data[data.rindex(b"/Root") + 5 :].split(b"\n")[0],
        data[start + 9 :].split()[0],
    )  # fmt: skip
    forged = data + end + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(data) + len(end))
    for changes in (LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES):
        told = _said(signature, later_changes=changes)
        assert fuzzed.oracle.faults_of_report(forged, told) == ["shows_other_pages"]
    told = _said(signature, later_changes=LaterChanges.NONE)
    assert fuzzed.oracle.faults_of_report(forged, told) == ["more_than_white_space_called_none"]


def _body(data: bytes, number: int) -> bytes:
    return data.partition(b"\n%d 0 obj" % number)[2].partition(b"endobj")[0]


def test_the_oracle_notices_a_good_answer_without_a_record(fuzzed: Campaign) -> None:
    data = _seed(fuzzed, "licence-B-LT").data
    answer = fuzzed.verifier.by_file(data)
    assert str(answer.outcome) == "in_force"
    assert fuzzed.oracle.faults_of_answer(data, answer) == []
    assert fuzzed.oracle.faults_of_answer(data + b"\n", answer) == ["good_without_record"]


def test_the_oracle_notices_a_worker_that_failed(fuzzed: Campaign) -> None:
    report = ValidationReport(Structure.FAILED, (), True, (), (), ("limit_time",))
    assert fuzzed.oracle.faults_of_report(b"", report) == ["failed_limit_time"]
    nothing = Oracle.of((), frozenset())
    assert nothing.signed == frozenset()


def test_a_range_with_a_gap_that_holds_more_than_a_string_is_none(fuzzed: Campaign) -> None:
    data = _seed(fuzzed, "pyhanko-B-B").data
    assert len(covered_digests(data)) == 1
    assert covered_digests(data.replace(b"/Contents <", b"/Contents(", 1)) == {}


def test_updates_are_read_by_others(fuzzed: Campaign) -> None:
    """The mutator that matters most makes files that a reader follows."""
    assert update in MUTATORS
    signed = sum("update" in fuzzed.mutant(RUN, index)[2] for index in range(200))
    assert signed > 20
