"""Official documents: signed once, registered like licences, answered in words of their own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cli.demo_world import examples_directory
from core.errors import StorageError
from core.ids import SealId
from core.permits import Action
from core.text import Text
from registry.answers.answers import Outcome
from registry.archive.schedule import protection_facts
from registry.bodies.authorities import add_mandate, find_seal
from registry.granting.document_orders import (
    CaptionPart,
    DocumentOrder,
    NotADocumentTypeError,
    RefusedFileError,
    SignedOtherwiseError,
)
from registry.granting.granting import GrantStep
from registry.importing.records import judge_record
from registry.licences.licences import LicenceChange, change_state, list_licences
from registry.model import ConflictError, LicenceState, Reason, TypeKind
from registry.types.catalogue import put_type
from registry.types.photos import refuse_photo
from registry.types.row_problems import RowProblems
from registry.types.types import BadTypeError, parse_type
from signing.intake.intake import Intake
from signing.intake.places import FurtherPlace, NoPlaceError, PlaceAsked
from signing.levels import PadesLevel
from signing.render.errors import MissingGlyphError
from signing.seal_check.protection import protection_of
from tests.permits import CHANGE_LICENCE, HANDLE_COMPROMISE, MANAGE_AUTHORITY
from tests.signing.inspection.updates import sign_regardless
from tests.signing.intake.drawings import changed, pixels, plain, script_at_opening
from tests.signing.material import How, pki, sign
from tests.world import World

TYPE = examples_directory() / "types" / "official-document.toml"
SEAL = "qinglan-market"


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with Intake() as one:
        yield one


@pytest.fixture
def office(world: World, intake: Intake) -> World:
    """The world with a document type, and an intake that stays open."""
    home, now = world.home, world.clock.now()
    with home.database.writing() as connection:
        kind = parse_type(TYPE.read_text("utf-8"))
        put_type(connection, kind, MANAGE_AUTHORITY, now)
        seal = find_seal(connection, SealId(SEAL))
        add_mandate(connection, kind.code, seal, MANAGE_AUTHORITY, now)
    home.__dict__["intake"] = _Lent(intake)
    return world


class _Lent:
    def __init__(self, intake: Intake) -> None:
        self.take, self.find = intake.take, intake.find

    def close(self) -> None:
        """Leave it open for the next test."""


def order(office: World, **more: object) -> DocumentOrder:
    permit = office.home.permit(Action.GRANT)
    return replace(DocumentOrder("official-document", permit), **more)  # type: ignore[arg-type]


def test_a_document_is_registered_and_verified_in_words_of_its_own(office: World) -> None:
    home = office.home
    wanted = order(
        office,
        place=PlaceAsked(word="Seal here"),
        caption=(CaptionPart.NAME, CaptionPart.DATE, CaptionPart.REASON),
        reason="关于检查的通知",
    )
    signed = home.document_signing.sign(plain(), wanted, title="ignored")
    licence, pdf = signed.granted.licence, signed.granted.pdf
    assert (licence.state, licence.number[:2]) == (LicenceState.IN_FORCE, "GW")
    assert (licence.data["title"], licence.data["source"]) == ("A notice", signed.source)
    assert pixels(pdf)[0] == pixels(plain())[0], "only the seal's page looks otherwise"
    assert pixels(pdf)[1] != pixels(plain())[1]
    assert b"<pdfaid:" not in pdf, "a page of whatever maker claims no PDF/A"
    assert b"/OutputIntents" not in pdf
    for answer in (home.verifier.by_file(pdf), home.verifier.by_digest(signed.granted.sha256)):
        assert answer.outcome is Outcome.IN_FORCE
        assert answer.licence is not None
        assert answer.licence.kind is TypeKind.DOCUMENT
        (seal,) = answer.signatures
        assert (seal.level, seal.coverage.value) == ("B-LT", "whole_file")
        assert "licence" not in answer.issuer.message.en
        assert {one.value for one in answer.public_fields} == {"A notice"}
    by_number = home.verifier.by_code(licence.number)
    assert "document" in by_number.summary.en
    assert "licence" not in by_number.integrity.message.en
    altered = pdf.replace(b"/Rect", b"/Rekt", 1)
    assert home.verifier.by_file(altered).outcome is Outcome.ALTERED
    assert home.verifier.by_file(pdf + b" ").outcome is Outcome.COULD_NOT_CHECK
    with home.database.writing() as connection:
        change_state(
            connection,
            licence.identifier,
            LicenceChange.CANCEL,
            reason=Reason.RECALLED,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=office.clock.now(),
        )
    gone = home.verifier.by_file(pdf)
    assert gone.outcome is Outcome.NOT_IN_FORCE
    assert "document is withdrawn" in gone.summary.en
    assert "撤回" in gone.summary.zh
    office.check_everything()


def test_a_file_is_signed_once(office: World) -> None:
    signing = office.home.document_signing
    first = signing.sign(plain(), order(office), title="t")
    again = signing.sign(plain(), order(office), title="t")
    assert (again.granted.sha256, again.granted.repeated) == (first.granted.sha256, True)
    with pytest.raises(SignedOtherwiseError):
        signing.sign(plain(), order(office, reason="other"), title="t")
    with office.home.database.writing() as connection:
        change_state(
            connection,
            first.granted.licence.identifier,
            LicenceChange.CANCEL,
            reason=Reason.ANNULLED,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=office.clock.now(),
        )
    with pytest.raises(ConflictError, match="request-key"):
        signing.sign(plain(), order(office), title="t")
    anew = signing.sign(plain(), order(office), title="t", request_key="a-new-key")
    assert anew.granted.licence.number != first.granted.licence.number
    office.check_everything()


@pytest.mark.parametrize("step", list(GrantStep))
def test_a_signing_that_died_is_finished_by_the_same_command(
    office: World, step: GrantStep
) -> None:
    def die(at: GrantStep) -> None:
        if at is step:
            raise StorageError(Text("死", "dead"))

    home = office.home
    home.granting._on_step = die
    with pytest.raises(StorageError):
        home.document_signing.sign(plain(), order(office), title="t")
    home.granting._on_step = lambda _: None
    signed = home.document_signing.sign(plain(), order(office), title="t")
    assert home.verifier.by_file(signed.granted.pdf).outcome is Outcome.IN_FORCE
    with home.database.reading() as connection:
        assert [one.state for one in list_licences(connection)] == [LicenceState.IN_FORCE]
    office.check_everything()


def test_a_signing_that_another_finished_meanwhile_is_handed_out(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers at one file: it was pending when one looked, and sealed when its turn came."""
    home = office.home

    def die(_at: GrantStep) -> None:
        raise StorageError(Text("死", "dead"))

    home.granting._on_step = die
    with pytest.raises(StorageError):
        home.document_signing.sign(plain(), order(office), title="t")
    home.granting._on_step = lambda _: None
    with home.database.reading() as connection:
        (pending,) = list_licences(connection)
    assert pending.state is LicenceState.PENDING
    first = home.document_signing.sign(plain(), order(office), title="t")
    monkeypatch.setattr("registry.granting.documents.find_by_request", lambda *_: pending)
    late = home.document_signing.sign(plain(), order(office), title="t")
    assert (late.granted.sha256, late.granted.repeated) == (first.granted.sha256, True)
    with home.database.writing() as connection:
        change_state(
            connection,
            pending.identifier,
            LicenceChange.CANCEL,
            reason=Reason.ANNULLED,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=office.clock.now(),
        )
    with pytest.raises(ConflictError):
        home.document_signing.sign(plain(), order(office), title="t")


def test_refusals_take_no_number(office: World) -> None:
    signing, home = office.home.document_signing, office.home
    with pytest.raises(RefusedFileError, match=r"document: .*OpenAction") as refused:
        signing.sign(changed(script_at_opening), order(office), title="t")
    assert "第" not in refused.value.text.en
    wanted = order(office, caption=(CaptionPart.REASON,), reason="\U0001f600")
    with pytest.raises(MissingGlyphError):
        signing.sign(plain(), wanted, title="t")
    with pytest.raises(NotADocumentTypeError):
        signing.sign(plain(), order(office, type_name="food-operation"), title="t")
    with home.database.reading() as connection:
        assert list_licences(connection) == []
        kind = home.catalogue.find(connection, "official-document")
    with pytest.raises(RowProblems) as told:
        judge_record(kind, {}, lambda _: b"", refuse_photo, today=home.today(), source="x")
    assert [one.code for one in told.value.problems] == ["document_type"]
    cleaned = signing.sign(changed(script_at_opening), order(office, clean=True), title="t")
    assert [one.cleaned for one in cleaned.cleaned] == [True]


def test_a_sample_shows_the_seal_and_signs_nothing(office: World) -> None:
    signing = office.home.document_signing
    sample = signing.sample(plain(), order(office), title="t")
    assert b"/ByteRange" not in sample.pdf
    assert pixels(sample.pdf)[0] == pixels(plain())[0]
    assert pixels(sample.pdf)[1] != pixels(plain())[1]
    assert sample.code == signing.sample(plain(), order(office), title="t").code
    others = (order(office, level=PadesLevel.B_LTA), order(office, place=PlaceAsked(page=1)))
    codes = {signing.sample(plain(), one, title="t").code for one in others}
    assert sample.code not in codes
    with office.home.database.reading() as connection:
        assert list_licences(connection) == []


def test_an_archived_document_is_renewed_like_a_licence(office: World) -> None:
    home = office.home
    signed = home.document_signing.sign(plain(), order(office, level=PadesLevel.B_LTA), title="t")
    answer = home.verifier.by_file(signed.granted.pdf)
    assert answer.outcome is Outcome.IN_FORCE
    assert [one.kind.value for one in answer.signatures] == ["seal", "timestamp"]
    assert protection_facts(protection_of(signed.granted.pdf))
    office.check_everything()


def test_the_seal_stands_at_several_places_and_across_the_edges(office: World) -> None:
    signing, home = office.home.document_signing, office.home
    further = (FurtherPlace(2, 30.0, 30.0),)
    wanted = order(office, edge=True, further=further, place=PlaceAsked(page=1))
    signed = signing.sign(plain(3), wanted, title="t")
    before, after = pixels(plain(3)), pixels(signed.granted.pdf)
    assert [a != b for a, b in zip(before, after, strict=True)] == [True] * 3
    assert home.verifier.by_file(signed.granted.pdf).outcome is Outcome.IN_FORCE
    with pytest.raises(NoPlaceError, match="two pages"):
        signing.sign(plain(1), order(office, edge=True), title="t")
    beyond = (FurtherPlace(1, 1.0, 1.0),)
    with pytest.raises(NoPlaceError, match="beyond"):
        signing.sign(plain(1), order(office, further=beyond), title="t")


def test_after_an_approval_others_may_sign_and_after_a_certification_not(office: World) -> None:
    home = office.home
    approved = home.document_signing.sign(plain(), order(office, approval=True), title="t")
    long_term = order(office, level=PadesLevel.B_LTA)  # P=2, for the archive's sake
    certified = home.document_signing.sign(plain(1), long_term, title="t")
    assert b"/DocMDP" not in approved.granted.pdf
    assert home.verifier.by_file(approved.granted.pdf).outcome is Outcome.IN_FORCE
    how = How(level="B-B", field="Other", docmdp=None)
    later = sign(approved.granted.pdf, pki(), how)
    answer = home.verifier.by_file(later)
    assert answer.outcome is Outcome.COULD_NOT_CHECK
    assert answer.integrity.code == "unregistered_addition"
    assert answer.registered_length == len(approved.granted.pdf)
    forged = sign_regardless(certified.granted.pdf, how)
    assert home.verifier.by_file(forged).outcome is Outcome.ALTERED


def test_a_document_is_sealed_anew_after_its_key_was_stolen(office: World) -> None:
    home = office.home
    first = home.document_signing.sign(plain(), order(office), title="t").granted.licence
    with home.database.writing() as connection:
        change_state(
            connection,
            first.identifier,
            LicenceChange.DISTRUST,
            reason=Reason.SEAL_COMPROMISED,
            basis="测试",
            permit=HANDLE_COMPROMISE,
            at=office.clock.now(),
        )
    anew = home.resealing.reseal(first.identifier, "测试", HANDLE_COMPROMISE)
    assert anew.licence.data == first.data
    answer = home.verifier.by_file(anew.pdf)
    assert (answer.outcome, len(answer.signatures)) == (Outcome.IN_FORCE, 1)
    again = home.document_signing.sign(plain(), order(office), title="t")
    assert again.granted.sha256 == anew.sha256
    office.check_everything()


def test_a_document_type_states_no_form() -> None:
    source = TYPE.read_text("utf-8")
    assert parse_type(source).is_document
    with pytest.raises(BadTypeError, match="leaves out: validity"):
        parse_type(source + '\n[validity]\nrule = "long_term"\n')


def test_a_type_keeps_its_kind(office: World) -> None:
    home = office.home
    with home.database.reading() as connection:
        licences = home.catalogue.find(connection, "food-operation")
    document = parse_type(TYPE.read_text("utf-8"))
    as_document = TYPE.read_text("utf-8").replace(document.code, licences.code)
    as_licence = licences.source.replace(licences.code, document.code)
    for source in (as_document, as_licence):
        other = parse_type(source)
        with pytest.raises(ConflictError, match="kind"), home.database.writing() as connection:
            put_type(connection, other, MANAGE_AUTHORITY, office.clock.now())
        with pytest.raises(ConflictError, match="kind"), home.database.writing() as connection:
            put_type(connection, other, MANAGE_AUTHORITY, office.clock.now(), approved="request")
    with home.database.reading() as connection:
        assert home.catalogue.find(connection, document.code).is_document
        assert not home.catalogue.find(connection, licences.code).is_document
