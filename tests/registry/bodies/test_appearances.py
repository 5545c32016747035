"""Names that a seal's ring cannot hold are refused when the seal is made."""

from dataclasses import replace

import pytest

from core.ids import AuthorityId, KeyId, SealId
from keys.model import KeyNotFoundError
from registry.bodies.authorities import add_authority, find_authority
from signing.render.errors import FieldTooLongError
from tests.permits import MANAGE_AUTHORITY, MANAGE_SEAL
from tests.world import World

LONG = "青" * 40  # as a real ministry's branch has


def test_a_seal_whose_ring_cannot_hold_the_name_gets_no_key(sqlite_world: World) -> None:
    home = sqlite_world.home
    kind = sqlite_world.types["food-operation"]
    with home.database.reading() as connection:
        known = find_authority(connection, kind.authority_id)
    body = replace(known, authority_id=AuthorityId("long"), name=LONG, uscc="11990100MB0099033T")
    with home.database.writing() as connection:
        add_authority(connection, body, MANAGE_AUTHORITY)
    with pytest.raises(FieldTooLongError) as caught:
        home.seal_maker.make(SealId("long"), AuthorityId("long"), "", MANAGE_SEAL)
    assert "40 个字符" in caught.value.text.zh
    with pytest.raises(KeyNotFoundError):
        home.keys.find(KeyId("seal-long"))
