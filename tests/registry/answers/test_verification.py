"""What documents, digests, codes and claims are worth, on a real world with a real sandbox."""

import io
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from core.errors import UnreachableError
from core.ids import Sha256
from core.text import Text
from registry.answers.answers import CheckResult, Outcome, VerificationAnswer
from registry.answers.claims import InvalidClaimsError
from registry.answers.judging import EncryptedPdfError, NotAPdfError, UnreadablePdfError
from registry.answers.verification import UnsearchableNumberError
from registry.granting.granting import Granted
from registry.identifiers import mod11_10
from registry.licences.licences import LicenceChange, change_state, list_revisions
from registry.licences.reason_words import REASON_NAMES
from registry.model import LicenceState, Reason
from registry.objects.store import sha256_of
from signing.levels import PadesLevel
from signing.report import Indication
from tests.permits import CHANGE_LICENCE
from tests.world import PUBLIC_URL, World, reserved

LEVELS = list(PadesLevel)


def verify(world: World, pdf: bytes) -> VerificationAnswer:
    return world.home.verifier.by_file(pdf)


def change(world: World, granted: Granted, what: LicenceChange, reason: Reason | None) -> None:
    with world.home.database.writing() as connection:
        change_state(
            connection,
            granted.licence.identifier,
            what,
            reason=reason,
            basis="测试",
            permit=CHANGE_LICENCE,
            at=world.clock.now(),
        )


@pytest.mark.parametrize("level", LEVELS)
def test_a_granted_licence_is_in_force_at_every_level(world: World, level: PadesLevel) -> None:
    granted = world.grant(level=level)
    answer = verify(world, granted.pdf)
    assert answer.outcome is Outcome.IN_FORCE
    checks = (answer.integrity, answer.issuer, answer.status)
    assert [check.result for check in checks] == [CheckResult.PASSED] * 3
    assert answer.licence is not None
    assert answer.licence.identifier == granted.licence.identifier
    seal = answer.signatures[0]
    assert (seal.kind, seal.level, seal.indication) == ("seal", level, Indication.TOTAL_PASSED)
    assert answer.sha256 == granted.sha256


def test_the_sealed_revision_of_an_archived_document_is_the_licence_too(
    sqlite_world: World,
) -> None:
    granted = sqlite_world.grant(level=PadesLevel.B_LTA)
    with sqlite_world.home.database.reading() as connection:
        sealed, archived = list_revisions(connection, granted.licence.identifier)
    assert archived.length == len(granted.pdf)
    answer = verify(sqlite_world, granted.pdf[: sealed.length])
    assert (answer.outcome, answer.signatures[0].level) == (Outcome.IN_FORCE, "B-LT")


@pytest.mark.parametrize(
    ("what", "reason", "state"),
    [
        (LicenceChange.SUSPEND, Reason.WITHHELD, LicenceState.SUSPENDED),
        (LicenceChange.CANCEL, Reason.FORFEITED, LicenceState.CANCELLED),
    ],
)
def test_a_genuine_licence_that_left_force(
    world: World, what: LicenceChange, reason: Reason, state: LicenceState
) -> None:
    granted = world.grant()
    change(world, granted, what, reason)
    answer = verify(world, granted.pdf)
    assert answer.outcome is Outcome.NOT_IN_FORCE
    assert answer.integrity.result is CheckResult.PASSED
    assert answer.licence is not None
    assert (answer.licence.state, answer.licence.reason) == (state, reason)
    assert answer.licence.reason_name is not None
    assert answer.licence.reason_name.zh == REASON_NAMES[reason].zh


def test_a_reinstated_licence_is_in_force_again(sqlite_world: World) -> None:
    granted = sqlite_world.grant()
    change(sqlite_world, granted, LicenceChange.SUSPEND, Reason.WITHHELD)
    change(sqlite_world, granted, LicenceChange.REINSTATE, None)
    assert verify(sqlite_world, granted.pdf).outcome is Outcome.IN_FORCE


def test_valid_through_the_last_day_and_expired_on_the_next(sqlite_world: World) -> None:
    granted = sqlite_world.grant()
    last = granted.licence.valid_until
    assert last is not None
    today = sqlite_world.home.today()
    sqlite_world.clock.advance(timedelta(days=(last - today).days))
    link = f"{PUBLIC_URL}/v/{granted.licence.link_token}"
    assert sqlite_world.home.verifier.by_code(link).outcome is Outcome.IN_FORCE
    sqlite_world.clock.advance(timedelta(days=1))
    answer = sqlite_world.home.verifier.by_code(link)
    assert answer.outcome is Outcome.NOT_IN_FORCE
    assert answer.status.code == "expired"


def test_every_flipped_bit_is_an_altered_document(sqlite_world: World) -> None:
    pdf = sqlite_world.grant().pdf
    chance = random.Random(1)
    for _ in range(60):
        altered = bytearray(pdf)
        position = chance.randrange(len(pdf))
        altered[position] ^= 1 << chance.randrange(8)
        outcome = verify(sqlite_world, bytes(altered)).outcome
        assert outcome is Outcome.ALTERED, f"byte {position}"


def annotated(pdf: bytes) -> bytes:
    """Return the file with an annotation added in an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = pdf_dictionary({"/Type": "/Annot", "/Subtype": "/Square"})
    note["/Rect"] = generic.ArrayObject(map(generic.NumberObject, (100, 100, 300, 300)))
    kept = page["/Annots"] if "/Annots" in page else []  # noqa: SIM401 - get() keeps references
    page["/Annots"] = generic.ArrayObject([*kept, writer.add_object(note)])
    writer.update_container(page)
    target = io.BytesIO()
    writer.write(target)  # type: ignore[no-untyped-call]
    return target.getvalue()


def pdf_dictionary(names: dict[str, str]) -> generic.DictionaryObject:
    """Return a dictionary of names."""
    return generic.DictionaryObject(  # type: ignore[no-untyped-call]
        {generic.NameObject(key): generic.NameObject(value) for key, value in names.items()}
    )


def catch_alarms(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that alarms will stand in."""
    found: list[str] = []
    monkeypatch.setattr(world.home.verifier._alarms, "_on_alarm", found.append)
    return found


@pytest.mark.parametrize("added", [b"\n", b" \r\n\x00\t", b"\n" * 5000])
def test_white_space_after_a_licence_leaves_its_registered_part(
    sqlite_world: World, added: bytes
) -> None:
    pdf = sqlite_world.grant().pdf
    answer = verify(sqlite_world, pdf + added)
    assert (answer.outcome, answer.integrity.code) == (
        Outcome.COULD_NOT_CHECK,
        "unregistered_addition",
    )
    assert (answer.integrity.result, answer.registered_length) == (CheckResult.ERROR, len(pdf))
    assert sqlite_world.home.verifier.registered_length(pdf + added) == len(pdf)
    assert verify(sqlite_world, (pdf + added)[: len(pdf)]).outcome is Outcome.IN_FORCE


def test_validation_data_that_is_not_registered_is_not_vouched_for(sqlite_world: World) -> None:
    """As if somebody else had archived the file."""
    granted = sqlite_world.grant(level=PadesLevel.B_LTA)
    with sqlite_world.home.database.reading() as connection:
        sealed, _ = list_revisions(connection, granted.licence.identifier)
    with sqlite_world.home.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM revisions WHERE sequence = 1")
    answer = verify(sqlite_world, granted.pdf)
    assert (answer.outcome, answer.integrity.code, answer.registered_length) == (
        Outcome.COULD_NOT_CHECK,
        "unregistered_addition",
        sealed.length,
    )


def test_what_was_added_to_a_licence_makes_it_altered_and_leaves_its_registered_part(
    sqlite_world: World,
) -> None:
    pdf = sqlite_world.grant().pdf
    answer = verify(sqlite_world, annotated(pdf))
    assert (answer.outcome, answer.registered_length) == (Outcome.ALTERED, len(pdf))
    assert answer.issuer.result is CheckResult.SKIPPED
    assert answer.status.result is CheckResult.SKIPPED


def test_a_registered_file_is_answered_without_the_sandbox(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = sqlite_world.grant()
    verifier = sqlite_world.home.verifier

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(verifier, "_validator", refuse)
    for answer in (verifier.by_known_file(granted.pdf), verifier.by_file(granted.pdf)):
        assert answer is not None
        assert answer.outcome is Outcome.IN_FORCE
        assert answer.sha256 == granted.sha256
    for other in (granted.pdf + b"\n", granted.pdf[:-1], b"%PDF-1.7"):
        assert verifier.by_known_file(other) is None


def test_who_writes_the_database_makes_no_file_good(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted = sqlite_world.grant()
    forged = annotated(granted.pdf)
    with sqlite_world.home.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE revisions SET sha256 = ?, length = ?", (sha256_of(forged), len(forged))
        )
    alarms = catch_alarms(sqlite_world, monkeypatch)
    for _ in range(2):
        answer = verify(sqlite_world, forged)
        assert (answer.outcome, answer.licence) == (Outcome.COULD_NOT_CHECK, None)
    assert alarms == ["record_disagrees"]


def test_what_the_validator_raises_is_our_failure(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def validate(self, *_: object) -> None:
            raise RuntimeError

    verifier, counted = sqlite_world.home.verifier, list[str]()
    monkeypatch.setattr(verifier, "_validator", Broken())
    monkeypatch.setattr(verifier._alarms, "_on_failure", counted.append)
    answer = verify(sqlite_world, b"%PDF-1.7 of somebody else's")
    assert (answer.outcome, answer.issuer.result) == (Outcome.COULD_NOT_CHECK, CheckResult.ERROR)
    assert counted == ["exception"]
    assert "无效" not in answer.summary.zh


def test_who_has_the_file_sees_the_masked_face(sqlite_world: World) -> None:
    granted = sqlite_world.grant(0, "disability")
    answer = verify(sqlite_world, granted.pdf)
    said = " ".join(field.value for field in answer.public_fields)
    (holder,) = granted.licence.holders
    assert "*" in said
    assert holder.name not in said


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pdf: pdf + b"garbage",
        lambda pdf: pdf + b"\n%garbage\n",
        annotated,
        lambda pdf: pdf[:-1],
        lambda pdf: pdf[:-1500],
        lambda pdf: b"x" + pdf,
        lambda pdf: b"\x00" + pdf[1:],
        lambda pdf: pdf.replace(b"/ByteRange", b"/ByteRangf"),
        lambda pdf: pdf.replace(b"startxref", b"startxreg"),
        lambda pdf: pdf.replace(b"/Type /Sig", b"/Type /Sih"),
    ],
)
def test_a_spoilt_document_is_altered(sqlite_world: World, spoil: Callable[[bytes], bytes]) -> None:
    assert verify(sqlite_world, spoil(sqlite_world.grant().pdf)).outcome is Outcome.ALTERED


def test_hexadecimal_in_another_case_is_altered_although_every_signature_holds(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms = catch_alarms(sqlite_world, monkeypatch)
    pdf = sqlite_world.grant().pdf
    mark = b"<<\n/Contents <"  # a link has such an entry, too
    start = pdf.index(mark) + len(mark)
    changed = pdf[:start] + pdf[start : start + 200].swapcase() + pdf[start + 200 :]
    assert changed != pdf
    answer = verify(sqlite_world, changed)
    assert (answer.outcome, answer.integrity.code) == (Outcome.ALTERED, "not_the_registered_bytes")
    assert alarms == [], "nobody needs the seal's key for that"


def test_a_seal_of_ours_without_a_record_raises_the_alarm(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if sealed and never registered: the record is gone, or never was."""
    alarms = catch_alarms(sqlite_world, monkeypatch)
    monkeypatch.setattr(sqlite_world.home.verifier._known, "is_lost", lambda *_: False)
    pdf = sqlite_world.grant().pdf
    with sqlite_world.home.database.writing() as connection:
        for statement in (
            "DELETE FROM protections",
            "DELETE FROM revisions",
            "DELETE FROM search_entries",
            "DELETE FROM licences",
        ):
            connection.exec_driver_sql(statement)
    for same in (pdf, pdf):
        answer = verify(sqlite_world, same)
        assert (answer.outcome, answer.issuer.code) == (
            Outcome.NOT_ISSUED_HERE,
            "seal_without_record",
        )
    assert answer.issuer.result is CheckResult.PASSED
    assert alarms == ["seal_without_record"]


def test_a_record_that_the_journal_alone_knows_was_lost(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms = catch_alarms(sqlite_world, monkeypatch)
    granted = sqlite_world.grant()
    with sqlite_world.home.database.writing() as connection:
        for table in ("protections", "revisions", "search_entries", "licences"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    verifier = sqlite_world.home.verifier
    for answer in (
        verifier.by_file(granted.pdf),
        verifier.by_file(granted.pdf + b"\n"),
        verifier.by_digest(granted.sha256),
    ):
        assert (answer.outcome, answer.issuer.code) == (Outcome.COULD_NOT_CHECK, "record_lost")
        assert "登记信息在一次备份恢复中缺失" in answer.summary.zh
    assert alarms == []


def test_a_pending_licence_cannot_be_seen(sqlite_world: World) -> None:
    home = sqlite_world.home
    with home.database.writing() as connection:
        pending = reserved(home.reservations, connection, sqlite_world.request()).licence
    link = f"{PUBLIC_URL}/v/{pending.link_token}"
    for code in (link, pending.identifier, pending.number):
        assert home.verifier.by_code(code).outcome is Outcome.NOT_ISSUED_HERE


def test_a_record_alone_says_to_compare_with_the_paper(world: World) -> None:
    licence = world.grant().licence
    for code in (
        licence.identifier,
        licence.number,
        licence.link_token,
        f"{PUBLIC_URL}/v/{licence.link_token}",
        f"  {licence.identifier}\n",
    ):
        answer = world.home.verifier.by_code(code)
        assert answer.outcome is Outcome.IN_FORCE
        assert answer.integrity.result is CheckResult.SKIPPED
        assert not answer.document_checked
        assert "比对" in answer.summary.zh
        assert answer.public_fields == ()


def test_the_link_of_a_licence_shows_its_public_face_with_the_holder_masked(
    sqlite_world: World,
) -> None:
    licence = sqlite_world.grant(0, "disability").licence
    answer = sqlite_world.home.verifier.by_token(licence.link_token)
    said = " ".join(field.value for field in answer.public_fields)
    (holder,) = licence.holders
    assert answer.public_fields
    assert holder.name not in said
    assert holder.code not in said
    assert "*" in said
    assert answer.licence is not None
    assert holder.code not in answer.licence.number


def test_numbers_that_hold_personal_data_cannot_be_searched(sqlite_world: World) -> None:
    licence = sqlite_world.grant(0, "disability").licence
    for number in (
        licence.number,
        licence.number[:-1] + "1",
        f"证号：{licence.number}",
        licence.identifier,
        licence.identifier.removeprefix("1.2.156.3005.2.").lower(),
    ):
        with pytest.raises(UnsearchableNumberError):
            sqlite_world.home.verifier.by_code(number)


def test_another_service_s_link_is_not_ours(sqlite_world: World) -> None:
    token = sqlite_world.grant().licence.link_token
    for link in (f"https://evil.example/v/{token}", f"{PUBLIC_URL}.evil.example/v/{token}"):
        answer = sqlite_world.home.verifier.by_code(link)
        assert (answer.outcome, answer.issuer.code) == (
            Outcome.NOT_ISSUED_HERE,
            "foreign_link",
        )


def test_a_known_digest_and_an_unknown_one(world: World) -> None:
    granted = world.grant()
    known = world.home.verifier.by_digest(granted.sha256)
    unknown = world.home.verifier.by_digest(Sha256("0" * 64))
    assert (known.outcome, known.integrity.result) == (Outcome.IN_FORCE, CheckResult.PASSED)
    assert (unknown.outcome, unknown.integrity.code) == (
        Outcome.NOT_ISSUED_HERE,
        "unknown_digest",
    )
    assert unknown.integrity.result is CheckResult.SKIPPED
    assert unknown.issuer.result is CheckResult.SKIPPED
    assert "请上传文件核验" in unknown.summary.zh


def test_without_the_register_nothing_is_called_invalid(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = sqlite_world.grant().pdf
    verifier = sqlite_world.home.verifier

    def refuse(*_: object) -> None:
        raise UnreachableError(Text("断", "down"))

    monkeypatch.setattr(verifier._database, "reading", refuse)
    for answer in (
        verifier.by_file(pdf),
        verifier.by_code("JY1"),
        verifier.by_digest(sha256_of(pdf)),
    ):
        assert answer.outcome is Outcome.COULD_NOT_CHECK
    altered = bytearray(pdf)
    altered[len(pdf) // 3] ^= 1
    assert verifier.by_file(bytes(altered)).outcome is Outcome.ALTERED


def test_what_is_no_pdf_is_refused(sqlite_world: World) -> None:
    with pytest.raises(NotAPdfError):
        verify(sqlite_world, b"hello")
    with pytest.raises(UnreadablePdfError):
        verify(sqlite_world, b"%PDF-1.7\nnonsense")


def test_an_encrypted_pdf_is_refused_and_an_unsigned_one_was_not_issued_here(
    sqlite_world: World,
) -> None:
    def page(**options: Any) -> bytes:
        target = io.BytesIO()
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.save(target, **options)
        return target.getvalue()

    plain = verify(sqlite_world, page())
    assert (plain.outcome, plain.issuer.code) == (Outcome.NOT_ISSUED_HERE, "no_signature")
    with pytest.raises(EncryptedPdfError):
        verify(sqlite_world, page(encryption=pikepdf.Encryption(owner="a", user="b")))


@pytest.mark.parametrize(
    ("claims", "result"),
    [
        ({}, 0),
        ({"ZZBFRQ": "1999-01-01"}, 5),
        ({"CZZT": "别人"}, 5),
        ({"CZZT": ""}, 4),
        ({"ZZBH": "JY0"}, 5),
        ({"ZZBH": ""}, 4),
        ({"NONSENSE": "x"}, 5),
    ],
)
def test_claims(sqlite_world: World, claims: dict[str, str], result: int) -> None:
    licence = sqlite_world.grant().licence
    stated = {"ZZBH": licence.number, "CZZT": licence.holders[0].name} | claims
    answer = sqlite_world.home.verifier.by_claims("food-operation", stated, "窗口办件")
    assert answer.result == result


def test_types_whose_number_holds_a_code_are_asked_about_with_the_licence_in_hand(
    sqlite_world: World,
) -> None:
    """Who knows an ID number could else try out whether its holder has such a licence."""
    granted = sqlite_world.grant(0, "disability")
    licence, verifier = granted.licence, sqlite_world.home.verifier
    (holder,) = licence.holders
    guess = {
        "ZZBH": licence.number,
        "ZZBS": licence.identifier,
        "CZZTDM": holder.code,
        "CZZT": holder.name,
    }
    link = f"{PUBLIC_URL}/v/{licence.link_token}"
    for claims, result in (
        (guess, 4),
        (guess | {"LINK": link}, 0),
        (guess | {"LINK": licence.link_token}, 0),
        (guess | {"SHA256": granted.sha256}, 0),
        (guess | {"SHA256": granted.sha256.upper(), "LINK": link}, 0),
        (guess | {"LINK": "x" * 27}, 5),
        (guess | {"LINK": link, "SHA256": "0" * 64}, 5),
        (guess | {"LINK": link, "CZZT": "别人"}, 5),
        (guess | {"LINK": link, "ZZBS": licence.identifier[:-1]}, 5),
        ({"LINK": link}, 4),
    ):
        assert verifier.by_claims("disability", claims, "窗口办件").result == result, claims


def test_no_claim_on_what_is_not_public(sqlite_world: World) -> None:
    """Neither on a field that is masked; the refusal follows from the type alone."""
    licence = sqlite_world.grant().licence
    kind = sqlite_world.types["food-operation"].licence_type
    stated = {"ZZBH": licence.number, "CZZT": licence.holders[0].name}
    verifier = sqlite_world.home.verifier
    asked = 0
    for key, rule in kind.fields.items():
        claims = stated | {f"KZ_{key}": licence.data.get(key, "")}
        if rule.public and rule.mask is None:
            assert verifier.by_claims("food-operation", claims, "窗口办件").result == 0
            asked += 1
        else:
            with pytest.raises(InvalidClaimsError):
                verifier.by_claims("food-operation", claims, "窗口办件")
    assert 0 < asked < len(kind.fields)


def test_numbers_and_identifiers_as_people_type_them(sqlite_world: World) -> None:
    licence = sqlite_world.grant().licence
    number, identifier = licence.number, licence.identifier
    for code in (
        number.lower(),
        f"许可证编号：{number}",
        f"{number[:3]} {number[3:9]} {number[9:]}",
        identifier.lower(),
        identifier.removeprefix("1.2.156.3005.2."),
        f"证照标识：{identifier}",
    ):
        answer = sqlite_world.home.verifier.by_code(code)
        assert answer.licence is not None, code
        assert answer.licence.identifier == identifier


def test_a_slip_is_told_from_a_miss_and_neither_condemns_the_paper(sqlite_world: World) -> None:
    licence = sqlite_world.grant().licence
    digit = str((int(licence.number[-1]) + 1) % 10)
    for code, expected in (
        (licence.number[:-1] + digit, "mistyped"),
        (licence.identifier.replace("000000001", "000000007"), "mistyped"),
        (f"JY1990121999999{mod11_10('1990121999999')}", "no_record"),
        ("X-1", "no_record"),
    ):
        answer = sqlite_world.home.verifier.by_code(code)
        assert (answer.outcome, answer.issuer.code) == (Outcome.NOT_ISSUED_HERE, expected), code
        assert not answer.document_checked
        assert "证照或文件重新输入" in answer.summary.zh or "不能据此判断真伪" in answer.summary.zh


def test_a_licence_whose_term_ended_keeps_no_reason(sqlite_world: World) -> None:
    granted = sqlite_world.grant()
    change(sqlite_world, granted, LicenceChange.SUSPEND, Reason.WITHHELD)
    last = granted.licence.valid_until
    assert last is not None
    sqlite_world.clock.advance(timedelta(days=(last - sqlite_world.home.today()).days + 1))
    answer = sqlite_world.home.verifier.by_code(granted.licence.number)
    assert answer.licence is not None
    assert (answer.licence.state, answer.licence.reason) == (LicenceState.EXPIRED, None)
    assert "暂扣" not in answer.summary.zh
