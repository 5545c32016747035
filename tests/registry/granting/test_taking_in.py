"""Files that a countersigner signed with its own software: taken in, or refused with the reason."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from core.errors import NotAllowedError
from core.ids import AuthorityId
from registry.answers.answers import Outcome
from registry.granting.document_orders import CountersignerAsked, RoundAsked
from registry.granting.foreign_signature import RefusedSignatureError
from registry.granting.granting import Granted
from registry.granting.taking_in import TakingIn
from registry.licences.licences import list_revisions
from registry.model import LicenceState
from signing.intake.intake import Intake
from signing.levels import PadesLevel
from signing.seal_check.check import check_seal
from tests.permits import RENEW_ARCHIVE
from tests.registry.granting.outside_signer import Outside
from tests.registry.granting.round_world import (
    HEALTH,
    begin,
    desk,
    furnish,
    lent_intake,
    on_page,
    permit,
)
from tests.signing.inspection.updates import (
    add_annotation,
    add_field,
    add_orphan,
    add_script,
    change_content,
    change_title,
    updated,
)
from tests.signing.material import Entity, Pki, make, make_pki, name
from tests.world import World

COMPANY = "青岚热力有限公司"
USCC = "11430000006122244L"
ISSUER = AuthorityId("qinglan-market")


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    with lent_intake() as one:
        yield one


@pytest.fixture(scope="module")
def outsiders() -> Pki:
    return make_pki()


@pytest.fixture
def office(world: World, intake: Intake, outsiders: Pki) -> World:
    return _office(world, intake, outsiders)


@pytest.fixture
def small_office(sqlite_world: World, intake: Intake, outsiders: Pki) -> World:
    return _office(sqlite_world, intake, outsiders)


def _office(world: World, intake: Intake, outsiders: Pki) -> World:
    furnish(world, intake)
    home = world.home
    known = home.taking_in._trust

    def trust() -> object:
        material = known()
        return replace(material, anchors=(*material.anchors, outsiders.root.der))

    home.taking_in._trust = trust  # type: ignore[assignment]
    return world


def asked(outsiders: Pki, *, by_code: bool = False, first: bool = True) -> RoundAsked:
    fingerprint = outsiders.seal.certificate.fingerprint(hashes.SHA256()).hex()
    company = CountersignerAsked(
        on_page(2),
        None,
        COMPANY,
        certificate="" if by_code else fingerprint,
        uscc=USCC if by_code else "",
    )
    other = CountersignerAsked(on_page(3), HEALTH)
    return RoundAsked((company, other) if first else (other, company))


def taking(world: World) -> TakingIn:
    return world.home.taking_in


def by(world: World, outsiders: Pki, **more: object) -> Outside:
    return replace(Outside(outsiders, world.clock.now()), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("by_code", [False, True])
def test_it_is_judged_registered_and_followed(
    office: World, outsiders: Pki, *, by_code: bool
) -> None:
    home, first = office.home, begin(office, asked(outsiders, by_code=by_code))
    file = by(office, outsiders).sign(first.pdf, "Seal2")
    before = home.verifier.by_file(file)
    assert before.outcome is Outcome.COULD_NOT_CHECK, "not registered yet, and no alteration"
    taken = taking(office).take_in(file, permit())
    assert taken.pdf.startswith(file)
    again = taking(office).take_in(file, permit())
    assert (again.repeated, again.sha256) == (True, taken.sha256)
    for pdf in (file, taken.pdf):
        answer = home.verifier.by_file(pdf)
        assert (answer.outcome, answer.status.code) == (
            Outcome.NOT_IN_FORCE,
            "awaiting_signatures",
        ) or (pdf == file and answer.outcome is Outcome.COULD_NOT_CHECK)
    done = desk(office).countersign(first.licence.identifier, permit(HEALTH))
    assert done.licence.state is LicenceState.IN_FORCE
    whole = home.verifier.by_file(done.pdf)
    assert whole.outcome is Outcome.IN_FORCE
    assert [one.field for one in whole.signatures] == ["Seal", "Seal2", "Taken2", "Seal3"]
    assert home.verifier.by_file(taken.pdf).outcome is Outcome.NOT_IN_FORCE
    office.check_everything()


@pytest.mark.parametrize("level", [PadesLevel.B_LT, PadesLevel.B_LTA])
def test_the_last_one_completes_it_and_renewals_follow(
    office: World, outsiders: Pki, level: PadesLevel
) -> None:
    home = office.home
    first = begin(office, asked(outsiders, first=False), level=level)
    second = desk(office).countersign(first.licence.identifier, permit(HEALTH))
    done = taking(office).take_in(by(office, outsiders).sign(second.pdf, "Seal3"), permit())
    assert done.licence.state is LicenceState.IN_FORCE
    assert home.verifier.by_file(done.pdf).outcome is Outcome.IN_FORCE
    assert home.verifier.by_file(second.pdf).outcome is Outcome.NOT_IN_FORCE
    renewal = home.open_archive_renewal()
    renewed = renewal._archiver.renew(done.pdf)
    check = check_seal(renewed, home.root_files())
    assert check.holds
    assert done.pdf.startswith(renewed[: check.sealed_length])
    if level is PadesLevel.B_LT:  # of the other the timestamp lasts as long as another would
        (made,) = renewal.run(office.clock.now() + timedelta(days=36_000), RENEW_ARCHIVE)
        assert made.sha256 is not None, made.why
        assert home.verifier.by_file(home.store.get(made.sha256)).outcome is Outcome.IN_FORCE
    office.check_everything()


Hostile = Callable[[World, Pki, Granted], bytes]


def _page(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own, before=change_content).sign(first.pdf, "Seal2")


def _annotated(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own, before=add_annotation).sign(first.pdf, "Seal2")


def _annotated_after(world: World, own: Pki, first: Granted) -> bytes:
    return updated(by(world, own).sign(first.pdf, "Seal2"), add_annotation)


def _field(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own, before=add_field).sign(first.pdf, "Seal2")


def _script(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own, before=add_script).sign(first.pdf, "Seal2")


def _title(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own, before=change_title).sign(first.pdf, "Seal2")


def _twice(world: World, own: Pki, first: Granted) -> bytes:
    once = by(world, own).sign(first.pdf, "Seal2")
    return by(world, own, entity=own.officer).sign(once, "Seal3")


def _others_field(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own).sign(first.pdf, "Seal3")


def _takers_field(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own).sign(first.pdf, "Taken2")


def _wrong_certificate(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own, entity=own.officer).sign(first.pdf, "Seal2")


def _strangers(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, make_pki()).sign(first.pdf, "Seal2")


def _expired(world: World, own: Pki, first: Granted) -> bytes:
    return _with(world, own, first, world.clock.now() - timedelta(days=200), 30)


def _unproven(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own, data=False, timestamp=False).sign(first.pdf, "Seal2")


def _unsigned(world: World, own: Pki, first: Granted) -> bytes:
    return updated(first.pdf, add_orphan)


def _part(world: World, own: Pki, first: Granted) -> bytes:
    whole = by(world, own).sign(first.pdf, "Seal2")
    at = whole.rindex(b"/ByteRange")
    end = whole.index(b"]", at)
    parts = whole[at:end].split()
    shorter = str(int(parts[-1]) - 1).encode()
    return whole[: end - len(parts[-1])] + shorter.rjust(len(parts[-1]), b"0") + whole[end:]


def _broken(world: World, own: Pki, first: Granted) -> bytes:
    whole = by(world, own).sign(first.pdf, "Seal2")
    at = whole.rindex(b"/M (") + len(b"/M (") + 12
    return whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :]


def _stuffed(world: World, own: Pki, first: Granted) -> bytes:
    """With something where zeros fill the place of the signature, which it does not cover."""
    whole = by(world, own).sign(first.pdf, "Seal2")
    at = whole.index(b">", whole.rindex(b"0" * 64)) - 2
    assert whole[at : at + 2] == b"00"
    return whole[:at] + b"41" + whole[at + 2 :]


def _rewritten(world: World, own: Pki, first: Granted) -> bytes:
    return by(world, own).sign(first.pdf[:-6] + b"\n%%EOF\n", "Seal2")


def _with(world: World, own: Pki, first: Granted, start: object, days: int) -> bytes:
    entity: Entity = make(
        name("测试市市场监督管理局", organization_identifier=f"NTRCN-{USCC}"),
        own.issuing,
        start=start,  # type: ignore[arg-type]
        days=days,
    )
    return by(world, own, entity=entity).sign(first.pdf, "Seal2")


HOSTILE: tuple[tuple[Hostile, str], ...] = (
    (_page, "was changed|cannot be judged"),
    (_annotated, "was changed|Annotations"),
    (_annotated_after, "was changed|Annotations|Something follows"),
    (_field, "was changed|Form fields|cannot be judged"),
    (_script, "was changed|cannot be judged"),
    (_title, "was changed|cannot be judged"),
    (_twice, "More than one signature"),
    (_others_field, "not in the one that was prepared"),
    (_takers_field, "not in the one that was prepared"),
    (_wrong_certificate, "not the one on record"),
    (_strangers, "no anchor"),
    (_expired, "not valid"),
    (_unproven, "not valid"),
    (_unsigned, "no signature|cannot be judged|was changed"),
    (_part, "part of the file|does not hold|cannot be judged"),
    (_broken, "does not hold"),
    (_stuffed, "which nobody signed"),
    (_rewritten, "does not begin with"),
)


def test_each_hostile_file_is_refused_and_leaves_nothing(
    small_office: World, outsiders: Pki
) -> None:
    """One document for all: each is refused for its own reason, and the honest one is taken."""
    world = small_office
    first = begin(world, asked(outsiders, by_code=True))
    wrong = []
    for make_it, reason in HOSTILE:
        data = make_it(world, outsiders, first)
        try:
            taking(world).take_in(data, permit())
        except RefusedSignatureError as error:
            if not any(part in error.text.en for part in reason.split("|")):
                wrong.append((make_it.__name__, error.text.en))
        else:
            wrong.append((make_it.__name__, "taken in"))
    assert wrong == []
    with world.home.database.reading() as connection:
        assert len(list_revisions(connection, first.licence.identifier)) == 1
    taking(world).take_in(by(world, outsiders).sign(first.pdf, "Seal2"), permit())
    world.check_everything()


def test_a_revoked_certificate(small_office: World) -> None:
    own = make_pki()
    world = small_office
    known = world.home.taking_in._trust
    world.home.taking_in._trust = lambda: replace(known(), anchors=(*known().anchors, own.root.der))
    first = begin(world, asked(own, by_code=True))
    own.revoked[own.seal.certificate.serial_number] = (
        world.clock.now() - timedelta(days=1),
        x509.ReasonFlags.key_compromise,
    )
    with pytest.raises(RefusedSignatureError) as caught:
        taking(world).take_in(by(world, own).sign(first.pdf, "Seal2"), permit())
    assert "not valid" in caught.value.text.en


def test_an_earlier_revision_is_no_base(small_office: World, outsiders: Pki) -> None:
    world = small_office
    first = begin(world, replace(asked(outsiders), ordered=False))
    desk(world).countersign(first.licence.identifier, permit(HEALTH))
    late = by(world, outsiders).sign(first.pdf, "Seal2")
    with pytest.raises(RefusedSignatureError) as caught:
        taking(world).take_in(late, permit())
    assert "newest" in caught.value.text.en


def test_who_answers_for_the_round_takes_in(small_office: World, outsiders: Pki) -> None:
    world = small_office
    first = begin(world, asked(outsiders))
    file = by(world, outsiders).sign(first.pdf, "Seal2")
    with pytest.raises(NotAllowedError):
        taking(world).take_in(file, permit(HEALTH))
    taking(world).take_in(file, permit(ISSUER))


def test_its_refusal_is_recorded_by_the_issuer(small_office: World, outsiders: Pki) -> None:
    world = small_office
    identifier = begin(world, asked(outsiders)).licence.identifier
    with pytest.raises(NotAllowedError):
        desk(world).refuse(identifier, "来函", permit(HEALTH), outside=COMPANY)
    gone = desk(world).refuse(identifier, "来函", permit(ISSUER), outside=COMPANY)
    assert gone.state is LicenceState.CANCELLED
