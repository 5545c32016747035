"""What honest makers append, and what attackers do: each with its required class and notes."""

import pytest

from signing.report import LaterChanges, SignatureReport
from signing.validation import validate_pdf
from tests.signing.harmless import HARMLESS, STAMP, Harmless, added_field
from tests.signing.inspection.attacks import ATTACKS, Attack
from tests.signing.inspection.attacks_drawn import COVER, WHOLE_PAGE
from tests.signing.inspection.raw_updates import signature
from tests.signing.material import pki
from tests.signing.test_validation import SOON

PASSING = {LaterChanges.NONE, LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES}


def signatures(data: bytes) -> dict[str, SignatureReport]:
    report = validate_pdf(data, pki().bare_trust(), SOON)
    return {signature.field: signature for signature in report.signatures}


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_what_honest_makers_append(case: Harmless) -> None:
    found = signatures(case.make())
    seal = found["Seal"]
    assert (seal.intact, seal.later_changes, seal.notes) == (True, case.later, case.notes)
    assert all(one.intact and one.later_changes in PASSING for one in found.values())


@pytest.mark.parametrize("case", ATTACKS, ids=str)
def test_what_attackers_append(case: Attack) -> None:
    found = signatures(case.make())
    seal = found.get("Seal") or found[""]  # nameless without its field
    assert seal.intact is True, "the signed bytes are as they were"
    assert seal.later_changes is case.later
    assert not case.note or case.note in seal.notes


@pytest.mark.parametrize("flags", [1, 5, 32, 36, 288])
def test_a_timestamp_whose_widget_viewers_draw_is_a_signature_over_content(flags: int) -> None:
    """Only Hidden hides a widget from all."""
    widget = b"/F %d /AP << /N 42 0 R >> %s" % (flags, WHOLE_PAGE)
    data = added_field(widget, signature(STAMP), more={42: COVER}, stamp=True, flags=b"")
    seal = signatures(data)["Seal"]
    assert (seal.later_changes, seal.notes) == (LaterChanges.SIGNATURES, ("covers_content",))


def test_there_are_enough_of_each() -> None:
    assert len(HARMLESS) >= 35
    assert len(ATTACKS) >= 50
    assert not PASSING & {case.later for case in ATTACKS}
