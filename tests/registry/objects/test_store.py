"""The object store: what is stored never changes, and damage is noticed."""

import os
import stat
from pathlib import Path

import pytest

from core.errors import StorageError
from core.files import write_together
from registry.objects.files import FileStore
from registry.objects.store import DamagedObjectError, sha256_of


def test_what_is_put_comes_back_under_its_digest(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "objects")
    sha256 = store.put(b"data")
    assert sha256 == sha256_of(b"data")
    assert store.get(sha256) == b"data"
    assert store.list_objects() == [sha256]
    assert stat.S_IMODE(store.path(sha256).stat().st_mode) == 0o600


def test_putting_again_writes_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "objects")
    path = store.path(store.put(b"data"))
    before = path.stat().st_mtime_ns
    store.put(b"data")
    assert path.stat().st_mtime_ns == before


def test_damage_is_noticed(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "objects")
    sha256 = store.put(b"data")
    store.path(sha256).write_bytes(b"Data")
    with pytest.raises(DamagedObjectError):
        store.get(sha256)


def test_a_damaged_object_is_mended_by_putting_it_again(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "objects")
    sha256 = store.put(b"data")
    store.path(sha256).write_bytes(b"Data")
    assert store.put(b"data") == sha256
    assert store.get(sha256) == b"data"


def test_a_folder_is_durable_before_what_it_holds_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash may forget a folder whose parent was not synced, and the object with it."""
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    store = FileStore(tmp_path / "objects")
    path = store.path(store.put(b"data"))
    for folder in (tmp_path, tmp_path / "objects", path.parent):
        assert str(folder) in synced


def test_a_refused_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path / "objects")

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(StorageError, match="No space"):
            store.put(b"data")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_store_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "objects").write_bytes(b"a file where the folder should be")
    with pytest.raises(StorageError):
        FileStore(tmp_path / "objects").put(b"data")


def test_several_are_put_at_once_and_what_is_there_is_made_durable_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A killed process may have written an object and not flushed it."""
    store, flushed = FileStore(tmp_path / "objects"), []
    known = store.put(b"known")

    def note(files: list[tuple[Path, bytes | None]], **_: int) -> None:
        flushed.extend(files)
        write_together(files)

    monkeypatch.setattr("registry.objects.files.write_together", note)
    store.path(damaged := store.put(b"damaged")).write_bytes(b"x")
    flushed.clear()
    digests = store.put_all([b"new", b"known", b"damaged", b"new"])
    assert digests == [sha256_of(b"new"), known, damaged, sha256_of(b"new")]
    assert flushed == [
        (store.path(digests[0]), b"new"),
        (store.path(known), None),
        (store.path(damaged), b"damaged"),
    ]
    assert [store.get(one) for one in digests] == [b"new", b"known", b"damaged", b"new"]
    flushed.clear()
    store.put(b"known")
    assert flushed == [(store.path(known), None)]
