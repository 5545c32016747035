"""Pages as pictures: drawn in the confined process, and nothing but dots come of it."""

import io
import threading
from dataclasses import replace

import pytest
from PIL import Image

from core.errors import UnreachableError
from signing.intake.drawing.page_pictures import (
    MOST_DOTS,
    PagePicture,
    draw_page,
    draw_pages,
    read_picture,
)
from signing.intake.intake import Intake
from signing.intake.sharing import SharedIntake
from signing.limits import DEFAULT_LIMITS
from tests.signing.intake.drawings import plain, slow, turned
from tests.signing.intake.hostile import one_page


def test_a_page_is_drawn_where_nothing_can_be_reached() -> None:
    with Intake() as intake:
        taken = intake.take(plain(), clean=False)
        first, second = (intake.picture(taken.pdf, page, 400) for page in (1, 2))
        assert first.dots != second.dots
        for page in (0, 3, 2**32 - 1):
            with pytest.raises(UnreachableError):
                intake.picture(taken.pdf, page, 400)
        with pytest.raises(UnreachableError):
            intake.picture(b"%PDF-1.7 no page", 1, 400)
    with Image.open(io.BytesIO(first.png())) as shown:
        shown.load()
        assert (shown.format, shown.size, shown.mode) == (
            "PNG",
            (first.width, first.height),
            "RGB",
        )
        assert shown.tobytes() == first.dots


def test_the_page_that_nobody_could_be_shown_is_named() -> None:
    with Intake(replace(DEFAULT_LIMITS, seconds=1.0)) as intake:
        for pages, at, first in ((40, None, None), (5, 3, 3), (40, 36, 36)):
            data = plain(pages) if at is None else slow(pages, at, 9)
            taken = intake.take(data, clean=False)
            assert (taken.refused, len(taken.pages)) == ((), pages)
            assert intake.undrawn(taken.pdf, pages, 900) == first
        assert intake.undrawn(plain(2), 3, 900) == 3
    page = slow(2, 2, 4)
    assert draw_pages(page, 1, 2, 900, 60.0) == 2
    assert draw_pages(page, 2, 2, 900, 0.0) == 0, "drawn, and too slowly to be relied on"


def test_a_picture_stands_as_readers_show_it() -> None:
    upright = read_picture(draw_page(turned(0), 1, 300))
    aside = read_picture(draw_page(turned(90), 1, 300))
    assert upright.width > upright.height
    assert aside.width < aside.height


def test_a_page_of_any_size_has_a_bounded_picture() -> None:
    huge = one_page(b"0 0 9 9 re f").replace(b"[0 0 200 200]", b"[0 0 10 14000]")
    for data in (huge, one_page(b"0 0 9 9 re f")):
        picture = read_picture(draw_page(data, 1, 10**6))
        assert picture.width * picture.height <= 2 * MOST_DOTS


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0" * 7,
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"<html><script>alert(1)</script></html>",
        (2).to_bytes(4, "big") + (2).to_bytes(4, "big") + bytes(11),
        (2).to_bytes(4, "big") + (2).to_bytes(4, "big") + bytes(13),
        (0).to_bytes(4, "big") + (0).to_bytes(4, "big"),
        (2**31).to_bytes(4, "big") + (2**31).to_bytes(4, "big") + bytes(12),
    ],
)
def test_nothing_but_dots_is_taken_for_a_picture(answer: bytes) -> None:
    with pytest.raises(ValueError, match="no picture"):
        read_picture(answer)


def test_threads_have_their_turns_and_do_not_wait_for_ever() -> None:
    made: list[Intake] = []

    def make() -> Intake:
        made.append(Intake())
        return made[-1]

    shared = SharedIntake(make, processes=1, patience=0.05)
    try:
        results: list[PagePicture] = []
        with shared._one(), pytest.raises(UnreachableError):
            shared.take(plain(), clean=False)
        patient = SharedIntake(lambda: made[0], processes=1)
        threads = [
            threading.Thread(target=lambda: results.append(patient.picture(plain(), 1, 100)))
            for _ in range(4)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join(30)
        assert len({one.dots for one in results}) == 1
        assert len(results) == 4
    finally:
        shared.close()
