"""Trust lists: one form only, signed by a pinned key, never an older one again, and for a time."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from core.text import Text
from signing.trust.anchors import Anchor, AnchorKind, AnchorService
from signing.trust.list_file import (
    LIST,
    SEEN,
    SIGNERS,
    TrustListFolder,
    is_signed_by,
    own_root_files,
)
from signing.trust.lists import BadTrustListError, TrustList, in_order, read_signed_list
from signing.trust.state import ListState
from tests.signing.material import NOW, make_pki
from tests.signing.trust.lists import KEY, OTHER_KEY, a_list, entry, publish, signed

WRITTEN = (
    b'{"entries":[{"certificate":"MIA=","kind":"government","list":"L","name":{"en":"N","zh":"\xe5'
    b'\x90\x8d"},"recognised_from":"2020-01-01T00:00:00.000000+00:00","recognised_until":null,'
    b'"service":"certificates"}],"issued_at":"2026-03-01T08:00:00.000000+00:00","key":'
    b'"trust-list-1","next_update":"2026-06-01T00:00:00.000000+00:00","type":"xinyin-trust-list",'
    b'"version":7}'
)
"""Written by hand: what is signed."""
CONTENT = TrustList(
    7,
    datetime(2026, 3, 1, 8, tzinfo=UTC),
    datetime(2026, 6, 1, tzinfo=UTC),
    (
        Anchor(
            b"\x30\x80",
            Text("名", "N"),
            "L",
            AnchorKind.GOVERNMENT,
            AnchorService.CERTIFICATES,
            datetime(2020, 1, 1, tzinfo=UTC),
        ),
    ),
)


def test_what_is_signed_is_written_in_one_form() -> None:
    one = signed(CONTENT)
    assert one.statement() == WRITTEN
    value = json.loads(one.encode())
    assert base64.b64decode(value.pop("signature")) == one.signature
    assert value == json.loads(WRITTEN)
    assert read_signed_list(one.encode()) == one
    assert is_signed_by(one, [KEY.public_key()])
    assert is_signed_by(one, [OTHER_KEY.public_key(), KEY.public_key()])
    assert not is_signed_by(one, [OTHER_KEY.public_key()])
    assert not is_signed_by(one, [ec.generate_private_key(ec.SECP521R1()).public_key()])
    assert not is_signed_by(one, [])


def changed(**more: object) -> bytes:
    value = json.loads(signed(a_list(entry())).encode())
    text = json.dumps(value | more, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def test_what_is_rewritten_unchanged_is_a_list() -> None:
    """Else the cases below would be refused for another reason than theirs."""
    assert read_signed_list(changed()).content == a_list(entry())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"{}",
        changed(comment="not signed"),
        changed(type="xinyin-audit-head"),
        changed(version=0),
        changed(version=True),
        changed(version="1"),
        changed(issued_at="2026-03-01T08:00:00"),
        changed(next_update=5),
        changed(entries={}),
        changed(entries=[{}]),
        changed(signature="?"),
        changed(key=None),
        changed().replace(b'"government"', b'"own"'),
        changed().replace(b'"any"', b'"everything"'),
        json.dumps(json.loads(changed()), indent=1).encode(),
        b" " * (16 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_list(data: bytes) -> None:
    with pytest.raises(BadTrustListError):
        read_signed_list(data)


def test_entries_stand_in_order_and_once() -> None:
    first, second = entry(), entry(make_pki().root.der)
    assert in_order([first, second, first]) == in_order([second, first])
    assert len(in_order([first, second, first])) == 2
    later = entry(recognised_from=NOW)
    assert len(in_order([first, later])) == 2, "recognised twice, at different times"


def state(home: Path, at: datetime = NOW) -> ListState:
    return TrustListFolder(home).read(at).state


def test_a_list_is_in_force_until_its_next_update(tmp_path: Path) -> None:
    assert state(tmp_path) is ListState.ABSENT
    publish(tmp_path, a_list(entry(), next_update=NOW + timedelta(days=30)))
    reading = TrustListFolder(tmp_path).read(NOW)
    assert reading.state is ListState.IN_FORCE
    assert reading.trusted is not None
    assert reading.trusted.entries == (entry(),)
    end = NOW + timedelta(days=30)
    assert state(tmp_path, end - timedelta(seconds=1)) is ListState.IN_FORCE
    assert state(tmp_path, end) is ListState.EXPIRED
    assert TrustListFolder(tmp_path).read(end).trusted is None


def test_only_a_pinned_key_signs(tmp_path: Path) -> None:
    folder = publish(tmp_path, a_list(entry()), signer=OTHER_KEY)
    reading = TrustListFolder(tmp_path).read(NOW)
    assert (reading.state, reading.trusted) == (ListState.NOT_SIGNED, None)
    assert not (folder / SEEN).exists(), "what nobody signed is not remembered"
    publish(tmp_path, None, pinned=(KEY, OTHER_KEY))
    assert state(tmp_path) is ListState.IN_FORCE
    (folder / SIGNERS).unlink()
    assert state(tmp_path) is ListState.NOT_SIGNED


def test_a_changed_list_is_not_used(tmp_path: Path) -> None:
    folder = publish(tmp_path, a_list(entry(), version=4))
    data = (folder / LIST).read_bytes()
    (folder / LIST).write_bytes(data.replace(b'"version":4', b'"version":5'))
    assert state(tmp_path) is ListState.NOT_SIGNED
    (folder / LIST).write_bytes(data[:-1])
    assert state(tmp_path) is ListState.UNREADABLE
    (folder / LIST).write_bytes(data)
    (folder / SIGNERS).write_bytes(b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert state(tmp_path) is ListState.UNREADABLE


def test_an_older_version_is_refused_for_good(tmp_path: Path) -> None:
    publish(tmp_path, a_list(entry(), version=2))
    assert state(tmp_path) is ListState.IN_FORCE
    publish(tmp_path, a_list(version=3))
    assert state(tmp_path) is ListState.IN_FORCE
    publish(tmp_path, a_list(entry(), version=2))
    assert state(tmp_path) is ListState.ROLLED_BACK
    publish(tmp_path, a_list(entry(), version=3))
    assert state(tmp_path) is ListState.ROLLED_BACK, "another list of the same version"
    publish(tmp_path, a_list(version=3))
    assert state(tmp_path) is ListState.IN_FORCE


def test_an_expired_list_is_remembered_too(tmp_path: Path) -> None:
    publish(tmp_path, a_list(version=3, next_update=NOW))
    assert state(tmp_path) is ListState.EXPIRED
    publish(tmp_path, a_list(version=2))
    assert state(tmp_path) is ListState.ROLLED_BACK


def test_a_verifier_that_cannot_write_remembers_by_itself(tmp_path: Path) -> None:
    folder = publish(tmp_path, a_list(version=2))
    (folder / SEEN).mkdir()  # nothing can be written there, by root neither
    reader = TrustListFolder(tmp_path)
    assert reader.read(NOW).state is ListState.UNREADABLE, "a record that cannot be read"
    (folder / SEEN).rmdir()
    assert reader.read(NOW).state is ListState.IN_FORCE
    (folder / SEEN).unlink()
    publish(tmp_path, a_list(version=1))
    assert reader.read(NOW).state is ListState.ROLLED_BACK
    assert state(tmp_path) is ListState.IN_FORCE, "another process has nothing to go by"


@pytest.mark.parametrize("record", ["[]", "1", "null", '{"version": "1", "sha256": ""}', "{"])
def test_a_record_of_versions_that_is_none_is_unreadable(tmp_path: Path, record: str) -> None:
    folder = publish(tmp_path, a_list(version=2))
    (folder / SEEN).write_text(record)
    assert state(tmp_path) is ListState.UNREADABLE


def test_root_files(tmp_path: Path) -> None:
    assert own_root_files(tmp_path) == []
    (tmp_path / "trust" / "roots").mkdir(parents=True)
    for name in ("b.cer", "a.cer", "notes.txt"):
        (tmp_path / "trust" / "roots" / name).touch()
    assert [path.name for path in own_root_files(tmp_path)] == ["a.cer", "b.cer"]
