"""The bucket of a real S3-compatible store, over TLS; what it gives back is checked."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ConfigurationError, StorageError
from core.ids import Sha256
from core.permits import Action
from core.settings import ObjectsSettings, parse_settings
from core.web.problems import problem_of
from registry.answers.answers import Outcome
from registry.answers.stored import StoredDocuments
from registry.backup.backup import Parts, make_backup
from registry.backup.check import check_backup
from registry.granting.granting import GrantStep
from registry.health.health import HealthLevel, HealthSubject
from registry.health.store import check_store
from registry.licences.licences import list_pending, list_revisions
from registry.objects.bucket import BucketReader, BucketStore
from registry.objects.files import FileStore
from registry.objects.moving import copy_objects, remove_objects
from registry.objects.opening import open_bucket, open_reader, open_store
from registry.objects.store import (
    DamagedObjectError,
    LockedObjectError,
    MissingObjectError,
    StoreUnreachableError,
    sha256_of,
)
from signing.sandbox import Sandbox
from tests.forked import run
from tests.object_store.service import StoreService
from tests.world import copy_world

NOWHERE = Path("/nonexistent-home")


def open_(settings: ObjectsSettings) -> BucketStore:
    return open_bucket(settings, NOWHERE, {})


def overwrite(service: StoreService, settings: ObjectsSettings, name: str, data: bytes) -> None:
    """Put other content under a name, as who runs the store could."""
    answer = open_(settings).requests.ask("PUT", f"{name[:2]}/{name[2:]}", {}, data)
    assert answer.status == 200


def test_what_is_put_comes_back_under_its_digest(store_service: StoreService) -> None:
    settings, store = store_service.bucket(versioned=True)
    sha256 = store.put(b"data")
    assert sha256 == sha256_of(b"data")
    assert store.put(b"data") == sha256, "the same content is no error"
    assert open_(settings).get(sha256) == b"data"
    assert store.list_objects() == [sha256]
    with pytest.raises(MissingObjectError):
        store.get(sha256_of(b"other"))


def test_other_content_is_a_fault_of_the_store_and_no_verdict(
    store_service: StoreService, caplog: pytest.LogCaptureFixture
) -> None:
    settings, store = store_service.bucket()
    sha256 = sha256_of(b"data")
    overwrite(store_service, settings, sha256, b"Data")
    for act in (lambda: store.get(sha256), lambda: store.put(b"data")):
        with pytest.raises(DamagedObjectError) as caught:
            act()
        assert "fault of the store" in caught.value.text.en
        assert problem_of(caught.value.code).exit_code == 6
    kept = store.requests.ask("GET", store._key(sha256)).body
    assert kept == b"Data", "what has the name is never written over"
    stored = StoredDocuments(open_reader(settings, NOWHERE, {}))
    assert stored(sha256) is None
    assert "alarm damaged_object" in caplog.text


def test_a_prefix_keeps_to_itself(store_service: StoreService) -> None:
    settings, store = store_service.bucket()
    below = open_(settings.model_copy(update={"prefix": "xinyin/one"}))
    sha256 = below.put(b"data")
    assert below.list_objects() == [sha256]
    assert store.list_objects() == []
    below.erase(sha256)
    assert below.list_objects() == []


def test_erasing_leaves_no_version(
    store_service: StoreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, store = store_service.bucket(versioned=True)
    sha256 = store.put(b"data")
    overwrite(store_service, settings, sha256, b"more of the holder")
    key = store._key(sha256)
    assert len(list(store._versions(key))) == 2
    store.erase(sha256)
    assert list(store._versions(key)) == []
    store.erase(sha256)  # gone already
    # Swift has no lock: what S3 answers where one holds (DeleteObject, 403 AccessDenied).
    store.put(b"data")
    asked = store.requests.ask

    def held(method: str, *arguments: object) -> object:
        answer = asked(method, *arguments)  # type: ignore[arg-type]
        if arguments[-1] == {"object-lock": ""}:
            body = b"<C><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
            body += b"<Mode>COMPLIANCE</Mode><Days>30</Days></DefaultRetention></Rule></C>"
            return type(answer)(200, {}, body)
        return type(answer)(403, {}, b"") if method == "DELETE" else answer

    monkeypatch.setattr(store.requests, "ask", lambda m, k="", query=None: held(m, k, query))
    with pytest.raises(LockedObjectError):
        store.erase(sha256)
    assert store.lock == "COMPLIANCE 30 days"


def test_a_reader_cannot_change_anything(store_service: StoreService, tmp_path: Path) -> None:
    settings, store = store_service.bucket()
    reader = open_reader(settings, NOWHERE, {})
    assert reader.get(store.put(b"data")) == b"data"
    assert type(reader) is BucketReader
    assert not {"put", "erase", "list_objects", "requests"} & set(dir(reader))


def test_what_does_not_answer_is_told_in_time_without_the_key(
    store_service: StoreService, tmp_path: Path
) -> None:
    settings, store = store_service.bucket()
    sha256 = store.put(b"data")
    other = tmp_path / "secret"
    other.touch(0o600)
    other.write_text("test:tester\nsome-other-secret\n")
    for changed, why in (
        ({"secret_file": other}, "SignatureDoesNotMatch"),
        ({"bucket": "none-of-that-name"}, "NoSuchBucket"),
        ({"endpoint": "https://127.0.0.1:9", "attempts": 1}, "does not answer"),
        ({"ca_file": None}, "does not answer"),  # its certificate is of no CA that we trust
    ):
        wrong = open_(settings.model_copy(update=changed))
        for act in (lambda: wrong.get(sha256), lambda: wrong.put(b"x"), wrong.list_objects):  # noqa: B023
            with pytest.raises(StoreUnreachableError, match=why) as caught:
                act()
            assert "secret" not in caught.value.text.en + repr(caught.value.__cause__)
        with pytest.raises(StoreUnreachableError):
            wrong.check_reach()
    assert store.get(sha256) == b"data"


def test_a_verifier_does_not_wait_again_and_again(
    store_service: StoreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = store_service.bucket()
    away = settings.model_copy(update={"endpoint": "https://127.0.0.1:9"})
    reader = open_reader(away, NOWHERE, {})
    stored = StoredDocuments(reader)
    asked: list[str] = []
    get = reader.get

    def counted(one: Sha256) -> bytes:
        asked.append(one)
        return get(one)

    monkeypatch.setattr(reader, "get", counted)
    assert [stored(sha256_of(b"x")) for _ in range(3)] == [None] * 3
    assert len(asked) == 1


def test_a_process_forked_after_the_first_use_is_refused_not_hung(
    store_service: StoreService,
) -> None:
    settings, store = store_service.bucket()
    sha256 = store.put(b"data")
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            open_(settings).get(sha256)
        except RuntimeError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_moving_there_and_back(store_service: StoreService, tmp_path: Path) -> None:
    _, bucket = store_service.bucket()
    files, back = FileStore(tmp_path / "objects"), FileStore(tmp_path / "back")
    names = sorted(files.put(bytes([one])) for one in range(5))

    def cut_off(objects: list[str]) -> list[str]:
        return objects[:2]

    assert copy_objects(files, bucket, cut_off) == (2, 0)  # type: ignore[arg-type]
    assert copy_objects(files, bucket, list) == (3, 2)
    assert bucket.list_objects() == names
    with pytest.raises(ConfigurationError):
        remove_objects(files, bucket, list, in_use=True)
    bucket.erase(names[0])
    with pytest.raises(MissingObjectError):
        remove_objects(files, bucket, list, in_use=False)
    assert files.list_objects() == names, "what the target lacks stays"
    assert copy_objects(files, bucket, list) == (1, 4)
    assert remove_objects(files, bucket, list, in_use=False) == 5
    assert files.list_objects() == []
    assert copy_objects(bucket, back, list) == (5, 0)
    assert back.list_objects() == names


def test_doctor_tells_what_the_store_lacks(
    store_service: StoreService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, store = store_service.bucket()
    subject = object.__new__(HealthSubject)
    subject.__dict__["store"] = store
    said = [(one.level, one.said.en) for one in check_store(subject)]
    assert [level for level, _ in said] == [HealthLevel.OK, *[HealthLevel.WARN] * 2]
    assert "ms" in said[0][1]
    assert "no versions" in said[1][1]
    assert "object lock" in said[2][1]
    _, versioned = store_service.bucket(versioned=True)
    subject.__dict__["store"] = versioned
    assert len(list(check_store(subject))) == 2
    subject.__dict__["store"] = open_(settings.model_copy(update={"bucket": "none-of-it"}))
    with pytest.raises(StoreUnreachableError, match="NoSuchBucket"):
        list(check_store(subject))
    subject.__dict__["store"] = FileStore(tmp_path)
    assert [one.level for one in check_store(subject)] == [HealthLevel.OK]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"endpoint": "http://10.0.0.1:9000"}, "https"),
        ({"bucket": "Of Somebody"}, "bucket"),
        ({"prefix": "../x"}, "prefix"),
    ],
)
def test_settings_that_cannot_hold(given: dict[str, str], fault: str) -> None:
    rest = {
        "service": {"public_url": "http://127.0.0.1", "pki_url": "http://127.0.0.1"},
        "operator": {"account": "x"},
    }
    with pytest.raises(ConfigurationError, match=fault):
        parse_settings({**rest, "objects": given}, "xinyin.toml")


def test_the_access_key_is_guarded(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    settings = ObjectsSettings(place="bucket", endpoint="https://s3.example", bucket="documents")

    def opened(**changed: object) -> Callable[[], object]:
        environment = changed.pop("environment", {})
        return lambda: open_store(settings.model_copy(update=changed), home, environment)  # type: ignore[arg-type]

    secret = tmp_path / "secret"
    secret.write_text("id\nhidden\n")
    secret.chmod(0o644)
    inside = home / "secret"
    inside.touch(0o600)
    inside.write_text("id\nhidden\n")
    malformed = tmp_path / "malformed"
    malformed.touch(0o600)
    malformed.write_text("hidden\n")
    session = {f"AWS_{one}": "hidden" for one in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
    for wrong in (
        opened(),
        opened(secret_file=secret),
        opened(secret_file=inside),
        opened(secret_file=malformed),
        opened(bucket=None),
        opened(ca_file=tmp_path / "none"),
        opened(environment=session | {"AWS_SESSION_TOKEN": "hidden"}),
    ):
        with pytest.raises(ConfigurationError) as caught:
            wrong()
        assert "hidden" not in str(caught.value)
    for right in (opened(environment=session), opened(secret_file=secret)):
        secret.chmod(0o600)
        store = right()
        assert isinstance(store, BucketStore)
        assert "hidden" not in repr(store._place)


def test_a_file_larger_than_any_of_ours_is_not_put(
    store_service: StoreService, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, store = store_service.bucket()
    sha256 = store.put(b"data")
    monkeypatch.setattr("registry.objects.bucket.MAX_OBJECT_BYTES", 3)
    with pytest.raises(StorageError):
        store.put(b"more")
    with pytest.raises(DamagedObjectError):
        open_(settings).get(sha256)


def test_a_grant_killed_after_its_document_was_put(
    store_service: StoreService, sqlite_template: Path, tmp_path: Path, sandbox: Sandbox
) -> None:
    """Killed between put and registration, it is resumed; the backup has what the bucket has."""
    settings, store = store_service.bucket()
    environment = store_service.environment(settings)
    with copy_world(sqlite_template, tmp_path, sandbox=sandbox, environment=environment) as world:
        code, _, err = run(
            "tests.registry.killed_grant",
            world.home.directory,
            GrantStep.STORED,
            "k" * 64,
            env={**os.environ, **environment},
        )
        assert code == -signal.SIGKILL, err
        assert len(store.list_objects()) == 1
        with world.home.database.reading() as connection:
            ((pending, _),) = list_pending(connection)
        world.clock.at = datetime.now(UTC)
        world.home.granting.resume(pending, world.home.permit(Action.GRANT))
        world.check_everything()
        assert len(store.list_objects()) == 2, "the seal's timestamp is another"
        with world.home.database.reading() as connection:
            (revision,) = list_revisions(connection, pending)
        pdf = store.get(revision.sha256)
        overwrite(store_service, settings, revision.sha256, pdf[:-1])
        answer = world.home.verifier.by_digest(revision.sha256)
        assert answer.outcome is Outcome.COULD_NOT_CHECK, "the store's fault, never a verdict"
        store.erase(revision.sha256)
        store.put(pdf)
        assert world.home.verifier.by_digest(revision.sha256).outcome is Outcome.IN_FORCE
        assert not (world.home.directory / "objects").exists(), "nothing lies in the home"
        parts = Parts(
            world.home.directory,
            world.home.database,
            world.home.store,
            world.home.journal,
            world.home.journal_directory,
            world.clock,
        )
        snapshot, manifest = make_backup(parts, tmp_path / "backups", list)
        assert sorted(manifest.objects) == store.list_objects()
        check_backup(snapshot, snapshot.parent / "objects", list)
