"""Opening of the store that the settings name: files in the home, or a bucket."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core.errors import ConfigurationError
from core.settings import ObjectsSettings
from registry.objects import messages
from registry.objects.bucket import BucketReader, BucketStore
from registry.objects.credentials import read_credentials
from registry.objects.files import FileStore
from registry.objects.place import BucketPlace
from registry.objects.store import ObjectReader, ObjectStore

FOLDER = "objects"
"""Folder of a home."""
_READERS_SECONDS = 5.0
"""Longest wait of a reader that somebody waits for."""


def open_store(
    settings: ObjectsSettings, home: Path, environment: Mapping[str, str]
) -> ObjectStore:
    """Return the store that is in use. Raises `ConfigurationError`."""
    if settings.place == "files":
        return FileStore(home / FOLDER)
    return open_bucket(settings, home, environment)


def open_bucket(
    settings: ObjectsSettings, home: Path, environment: Mapping[str, str]
) -> BucketStore:
    """Return the bucket that the settings name, in use or not. Raises `ConfigurationError`."""
    return BucketStore(bucket_place(settings, home, environment))


def open_reader(
    settings: ObjectsSettings, home: Path, environment: Mapping[str, str]
) -> ObjectReader:
    """Return a reader of the store in use, which cannot change it and does not wait long.

    Raises `ConfigurationError`.
    """
    if settings.place == "files":
        return FileStore(home / FOLDER)
    patient = bucket_place(settings, home, environment)
    seconds = min(patient.seconds, _READERS_SECONDS)
    return BucketReader(replace(patient, seconds=seconds, attempts=1))


def bucket_place(
    settings: ObjectsSettings, home: Path, environment: Mapping[str, str]
) -> BucketPlace:
    """Return the bucket's place and key. Raises `ConfigurationError`."""
    if settings.endpoint is None or settings.bucket is None:
        raise ConfigurationError(messages.BUCKET_NOT_SET)
    if settings.ca_file is not None and not settings.ca_file.is_file():
        raise ConfigurationError(messages.ca_file_missing(settings.ca_file))
    return BucketPlace(
        endpoint=settings.endpoint,
        bucket=settings.bucket,
        region=settings.region,
        prefix=f"{settings.prefix}/" if settings.prefix else "",
        credentials=read_credentials(settings.secret_file, home, environment),
        ca_file=settings.ca_file,
        seconds=settings.timeout_seconds,
        attempts=settings.attempts,
    )
