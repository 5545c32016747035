"""Every update that passes shows the same pages in two engines, but for the signatures it adds."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from signing.report import LaterChanges
from signing.structure import find_byte_ranges
from signing.validation import validate_pdf
from tests.signing.harmless import HARMLESS, Harmless
from tests.signing.inspection import attacks
from tests.signing.inspection.attacks import ATTACKS, Attack
from tests.signing.material import How, pki, sealed, sign
from tests.signing.rendering import Box, by_pdfium, by_poppler, differ
from tests.signing.test_validation import SOON

PASSING = {LaterChanges.NONE, LaterChanges.VALIDATION_DATA, LaterChanges.SIGNATURES}
BOXES: dict[str, Box] = {
    "a_visible_signature_with_everything": (220, 10, 290, 40),
    "the_prepared_field_is_signed": (20, 10, 80, 30),
}
"""Where the harmless updates add a signature that can be seen."""


def signed_part(data: bytes) -> bytes:
    return data[: min(one.end for one in find_byte_ranges(data))]


def show_otherwise(data: bytes, box: Box | None, folder: Path) -> list[bool]:
    """Tell for each engine whether the file shows other pages than its signed part does."""
    apart = {0: [box] if box else []}
    before = signed_part(data)
    return [
        differ(by_pdfium(before), by_pdfium(data), apart),
        differ(by_poppler(before, folder), by_poppler(data, folder), apart),
    ]


@pytest.mark.parametrize("case", HARMLESS, ids=str)
def test_harmless_updates_show_the_same(case: Harmless, tmp_path: Path) -> None:
    assert show_otherwise(case.make(), BOXES.get(str(case)), tmp_path) == [False, False]


@pytest.mark.parametrize("box", [None, (200, 10, 280, 40)])
def test_signatures_of_stock_makers_show_the_same(
    box: tuple[int, int, int, int] | None, tmp_path: Path
) -> None:
    data = sign(sealed("B-LT", docmdp=None), pki(), How("B-LTA", docmdp=None, field="Two", box=box))
    assert show_otherwise(data, box, tmp_path) == [False, False]


PROVEN = [
    case for case in ATTACKS
    if case.note == "page_content_changed" and case.later is LaterChanges.CONTENT_CHANGED
]  # fmt: skip


@pytest.mark.parametrize("case", PROVEN, ids=str)
def test_proven_changes_can_be_seen(case: Attack, tmp_path: Path) -> None:
    """Or the comparison of pictures would hold nothing."""
    assert any(show_otherwise(case.make(), None, tmp_path))


CARRIERS: list[Callable[[], bytes]] = [
    attacks.the_font,
    attacks.another_page,
    attacks.a_hybrid_overwrites,
    attacks.a_stream_in_an_object_streams_place,
    attacks.content_behind_validation_data,
    *(case.make for case in HARMLESS[::6]),
]


def mutated(data: bytes, start: int, source: random.Random) -> bytes:
    """Change one thing in what follows the signed part."""
    out = bytearray(data)
    position = source.randrange(start, len(out))
    kind = source.randrange(4)
    if kind == 0:
        out[position] ^= 1 << source.randrange(8)
    elif kind == 1:
        del out[position : position + source.randrange(1, 12)]
    elif kind == 2:
        out[position:position] = source.choice([b" ", b"\n", b"%", b"0", b"/", b"endobj ", b"R "])
    else:
        other = source.randrange(start, len(out))
        out[position : position + 20] = out[other : other + 20]
    return bytes(out)


@pytest.mark.parametrize("make", CARRIERS, ids=lambda make: make.__name__)
def test_mutated_updates_that_pass_show_the_same(make: Callable[[], bytes], tmp_path: Path) -> None:
    data = make()
    start = len(signed_part(data))
    source = random.Random(make.__name__)
    for _ in range(25):
        one = mutated(data, start, source)
        if passes(one):
            box = BOXES.get(make.__name__)
            assert show_otherwise(one, box, tmp_path) == [False, False], one[start:]


def passes(data: bytes) -> bool:
    """Tell whether all signatures hold and the first is followed by what passes."""
    found = validate_pdf(data, pki().bare_trust(), SOON).signatures
    return bool(found) and all(one.intact is True and one.later_changes in PASSING for one in found)
