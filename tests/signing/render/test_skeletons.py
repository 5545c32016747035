"""Skeleton that files of one plan share: nothing of a holder is in it, and no byte shows it."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from core.text import Text
from signing.face import LicenceFace
from signing.render.file.plan import FilePlan
from signing.render.file.skeleton import KEPT, Skeleton, skeleton_of
from signing.render.renderer import LicenceRenderer
from signing.render.type.embedding import _kept
from tests.signing import faces

RENDERER = LicenceRenderer()
OTHER = "欧阳司徒"
"""Characters that stand nowhere else on a face."""


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    forget()
    yield
    forget()


def forget() -> None:
    skeleton_of.cache_clear()
    _kept.cache_clear()


def of_another(face: LicenceFace) -> LicenceFace:
    """Return a face of the same design for another holder."""
    return replace(
        faces.with_value(face, face.fields[0].key, OTHER),
        number="A-1",
        identifier=face.identifier[:-1] + "Z",
        link="https://elsewhere.example.cn/v/AAAAAAAAAAAAAAAAAAAAAAAAAAA",
    )


@pytest.mark.parametrize("kind", ["food", "disability", "copies"])
def test_a_file_does_not_show_what_was_drawn_before(kind: str) -> None:
    face: LicenceFace = getattr(faces, kind)()
    fresh = RENDERER.render(face)
    forget()
    RENDERER.render(of_another(face))
    RENDERER.render(faces.construction())
    assert RENDERER.render(face) == fresh


@pytest.mark.parametrize("kind", ["food", "disability", "copies"])
def test_files_of_one_design_share_a_skeleton(kind: str) -> None:
    face: LicenceFace = getattr(faces, kind)()
    RENDERER.render(face)
    RENDERER.render(of_another(face))
    assert skeleton_of.cache_info().misses == 1


def test_nothing_of_a_holder_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[tuple[FilePlan, Skeleton]] = []

    def look(plan: FilePlan) -> Skeleton:
        kept.append((plan, skeleton_of(plan)))
        return kept[-1][1]

    monkeypatch.setattr("signing.render.file.draft.skeleton_of", look)
    face = replace(faces.copies(), photo=faces.portrait())
    RENDERER.render(face)
    RENDERER.render(of_another(face))
    (plan, skeleton), (same, again) = kept
    assert plan == same
    assert skeleton is again
    pieces = [skeleton.fixed, *(piece for _, parts, _ in skeleton.varying for piece in parts)]
    held = b"".join(pieces)
    for word in (face.number, face.identifier, face.link, face.authority, OTHER):
        spelt = word.encode(), word.encode().hex().encode(), word.encode("utf-16-be").hex().encode()
        assert not [form for form in spelt if form.lower() in held.lower()], word
        assert word not in repr(plan.steps)


def test_skeletons_do_not_pile_up() -> None:
    """Each length of a table has its own plan."""
    face = faces.copies()
    *plain, table = face.fields
    for rows in range(1, 4):
        RENDERER.render(replace(face, fields=(*plain, replace(table, rows=table.rows[:1] * rows))))
    info = skeleton_of.cache_info()
    assert (info.misses, info.maxsize) == (3, KEPT)


def test_the_identifier_depends_on_characters_beyond_their_codes() -> None:
    """In the content both names have the same codes: they are the first of their subset."""
    face = replace(faces.food(), number_label=Text("欧", "A"))
    other = replace(face, number_label=Text("徒", "A"))
    found = []
    for one in (face, other):
        with pikepdf.open(BytesIO(RENDERER.render(one).pdf)) as pdf:
            found.append((bytes(pdf.trailer["/ID"][0]), pdf.pages[0].Contents.read_bytes()))
    (first, content), (second, same) = found
    assert content == same
    assert first != second


def test_every_object_stands_where_the_table_says() -> None:
    """Whatever is in the gaps: several pages, a photo, a second font, a mark."""
    face = faces.with_value(
        replace(faces.copies(sample=True), photo=faces.portrait()), "legal", "𠮷"
    )
    pdf = RENDERER.render(face).pdf
    start = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    _, size, *rows = pdf[start:].split(b"\n")
    count = int(size.split()[1])
    for number, row in enumerate(rows[1:count], start=1):
        assert pdf[int(row[:10]) :].startswith(b"%d 0 obj\n" % number)
    with pikepdf.open(BytesIO(pdf)) as file:
        assert file.check_pdf_syntax() == []
