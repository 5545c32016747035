"""What waits at the desk is sealed too: photos, files of drafts, their titles and terms."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from cli.demo_world import DemoType
from core.ids import AuthorityId, Sha256, TypeCode
from core.permits import Action
from home.privacy import rotate_codes, seal_codes
from registry.db.tables import (
    batch_rows,
    document_drafts,
    document_files,
    grant_requests,
    request_contents,
)
from registry.desk.batch_rows import RowContent, add_rows, photo_of, waiting_rows
from registry.desk.contents import GrantAsk, content_of, keep_content
from registry.desk.documents.found import FoundFile
from registry.desk.documents.rows import (
    DocumentDraft,
    DraftFile,
    add_draft,
    add_file,
    change_file,
    data_of,
    files_of,
    find_draft,
    note_wishes,
)
from registry.desk.documents.wishes import SealWishes
from registry.erasure.unsealed import Unsealed, count_unsealed
from registry.officers.model import DeskRequest
from registry.officers.request_rows import find_request
from registry.privacy.codes import UnreadableCodeError
from tests.registry.privacy.test_codes import every_text
from tests.world import World

PHOTO = b"\xff\xd8\xff\xe0 the face of Zhang Weiguo"
PAPER = b"%PDF-1.7 a letter to Zhang Weiguo"
TITLE = "致张卫国的答复"
RECORD = {"holder_name": "张卫国"}
SECRETS = ("Zhang Weiguo", "张卫国", "\\u5f20\\u536b\\u56fd", b"Weiguo".hex())
FOUND = FoundFile((), (), "A letter to Zhang Weiguo", ("Weiguo",), (), drawn=True)
WISHES = SealWishes(basis="致张卫国")


def requested(connection: Connection, world: World, name: str, its: DemoType) -> DeskRequest:
    values = {
        "request_id": name,
        "action": Action.GRANT,
        "authority_id": its.authority_id,
        "type_code": its.licence_type.code,
        "digest": "0" * 64,
        "requested_by": "li",
        "requested_at": world.clock.now(),
        "lapses_at": world.clock.now() + timedelta(days=1),
        "state": "WAITING",
        "changed_at": world.clock.now(),
    }
    connection.execute(insert(grant_requests).values(values))
    return find_request(connection, name)


class Waiting:
    """Something of each kind that waits at the desk."""

    def __init__(self, world: World) -> None:
        self.world, now = world, world.clock.now()
        its = world.types["food-operation"]
        with world.home.database.writing() as connection:
            self.made = requested(connection, world, "r1", its)
            requested(connection, world, "r2", its)
            ask = GrantAsk(
                its.licence_type.code, RECORD, AuthorityId(its.authority_id), None, PHOTO
            )
            keep_content(connection, self.made, ask)
            rows = [RowContent(1, RECORD, PHOTO), RowContent(2, RECORD, None)]
            add_rows(connection, "r2", rows)
            day = timedelta(days=1)
            code = TypeCode(its.licence_type.code)
            draft = DocumentDraft(
                "d1", AuthorityId(its.authority_id), code, "li", now, now + day, WISHES, None
            )
            add_draft(connection, draft)
            file = DraftFile(1, TITLE, Sha256("a" * 64), len(PAPER), clean=False, found=FOUND)
            add_file(connection, "d1", file, PAPER)

    def check(self) -> None:
        """See that all of it is read as it was, and that none of it stands in the clear."""
        with self.world.home.database.reading() as connection:
            ask = content_of(connection, self.made)
            assert isinstance(ask, GrantAsk)
            assert (ask.record, ask.photo) == (RECORD, PHOTO)
            assert photo_of(connection, "r2", 1) == PHOTO
            found = [(one.record, one.photo) for one in waiting_rows(connection, "r2", 10)]
            assert found == [(RECORD, PHOTO), (RECORD, None)]
            draft = find_draft(connection, "d1")
            assert draft is not None
            assert draft.wishes == WISHES
            (file,) = files_of(connection, "d1")
            assert (file.name, file.found) == (TITLE, FOUND)
            assert data_of(connection, "d1", 1) == PAPER

    def told(self) -> list[str]:
        """Return what a dump of the database tells."""
        with self.world.home.database.reading() as connection:
            texts = list(every_text(connection))
            for column in (
                request_contents.c.photo,
                batch_rows.c.photo,
                document_files.c.data,
            ):
                kept = connection.execute(select(column)).scalars()
                texts += [bytes(one).decode("latin-1") for one in kept if one is not None]
        return [one for one in texts if any(secret in one for secret in SECRETS)]

    def unsealed(self) -> Unsealed:
        """Count them."""
        with self.world.home.database.reading() as connection:
            return count_unsealed(connection, self.world.home.privacy().box.current)

    def put_in_the_clear(self) -> None:
        """Write it all as the version before did."""
        asked = {"kind": "grant", "type": "", "record": RECORD, "basis": None, "level": "B-LT"}
        with self.world.home.database.writing() as connection:
            photo = {"photo": PHOTO}
            connection.execute(update(request_contents).values(content=asked, **photo))
            first = batch_rows.c.number == 1
            connection.execute(update(batch_rows).where(first).values(photo=PHOTO))
            connection.execute(update(document_drafts).values(wishes=WISHES.as_json()))
            facts = {"name": TITLE, "found": FOUND.as_json(), "data": PAPER}
            connection.execute(update(document_files).values(facts))


def test_what_waits_at_the_desk_is_sealed_and_sealed_anew(world: World) -> None:
    waiting = Waiting(world)
    waiting.check()
    assert waiting.told() == []
    assert waiting.unsealed() == Unsealed(0, 0)
    waiting.put_in_the_clear()
    waiting.check()
    assert waiting.told() != []
    assert waiting.unsealed() == Unsealed(4, 0)
    assert seal_codes(world.home, world.home.actor).first == 4
    waiting.check()
    assert (waiting.told(), waiting.unsealed()) == ([], Unsealed(0, 0))
    world.home.code_keys.add()
    assert waiting.unsealed() == Unsealed(0, 5)
    assert rotate_codes(world.home, world.home.actor)[2] == ["c0001"]
    waiting.check()
    assert waiting.unsealed() == Unsealed(0, 0)


def test_a_file_opens_at_its_own_place_alone(sqlite_world: World) -> None:
    world, waiting = sqlite_world, Waiting(sqlite_world)
    with world.home.database.writing() as connection:
        photo = connection.execute(select(request_contents.c.photo)).scalar_one()
        connection.execute(update(batch_rows).values(photo=photo))
        connection.execute(update(document_files).values(data=photo))
        with pytest.raises(UnreadableCodeError):
            photo_of(connection, "r2", 1)
        with pytest.raises(UnreadableCodeError):
            data_of(connection, "d1", 1)
        (file,) = files_of(connection, "d1")
        change_file(connection, "d1", replace(file, name="又致张卫国", clean=True))
        note_wishes(connection, "d1", replace(WISHES, basis="又致张卫国"))
        (file,), draft = files_of(connection, "d1"), find_draft(connection, "d1")
        assert (file.name, file.clean, file.found) == ("又致张卫国", True, FOUND)
        assert draft is not None
        assert draft.wishes.basis == "又致张卫国"
    assert waiting.told() == []
