"""Checks of a home's files, settings, disk and clock."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from core.kernel_clock import read_kernel_clock
from core.settings import FILE_NAME, Settings, is_loopback
from registry.db.tables import audit_events
from registry.health import messages
from registry.health.health import HealthFinding, HealthSubject, fail, ok, warn

_SCARCE, _SPENT = 2 * 1024**3, 256 * 1024**2
"""Free bytes below which is warned, and below which a grant may fail."""
_AHEAD = timedelta(minutes=5)


def check_settings(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the settings can be read, and that a real home has real addresses."""
    service = subject.settings.service
    if service.demo:
        yield ok(messages.DEMO_HOME)
        return
    for key in ("public_url", "pki_url"):
        address = getattr(service, key)
        if is_loopback(address):
            yield fail(
                messages.loopback_address_configured(setting=key, address=address),
                messages.REMAKE_HOME_WITH_REAL_ADDRESS,
            )


def check_files(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the home is its owner's alone."""
    home = subject.directory
    for name in (
        "",
        FILE_NAME,
        "registry.db",
        "objects",
        "keys",
        "root-keys",
        "journal",
        "privacy",
    ):
        path = home / name
        if not path.exists():
            continue
        found = path.stat()
        shown = name or str(home)
        if stat.S_IMODE(found.st_mode) & 0o077:
            right = "700" if path.is_dir() else "600"
            yield fail(
                messages.path_open_to_others(shown),
                messages.restrict_permissions(mode=right, path=path),
            )
        if found.st_uid != os.geteuid():
            yield warn(
                messages.path_owned_by_another(path=shown, owner=found.st_uid),
                messages.RUN_AS_HOME_OWNER,
            )


def check_secrets(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See where passphrases and PINs come from; reads none of them."""
    for key, path in _secret_files(subject.settings):
        if path.resolve().is_relative_to(subject.directory.resolve()):
            yield fail(
                messages.passphrase_file_inside_home(key),
                messages.MOVE_PASSPHRASE_FILE,
            )
        elif not path.exists():
            yield warn(
                messages.passphrase_file_missing(path=path, setting=key),
                messages.CREATE_PASSPHRASE_FILE,
            )
        elif path.stat().st_mode & 0o077:
            yield fail(
                messages.passphrase_file_open_to_others(path=path, setting=key),
                messages.make_file_private(path),
            )


def check_disk(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that there is room to write."""
    places = {subject.directory, subject.settings.journal_directory(subject.directory)}
    for place in sorted(one for one in places if one.exists()):
        free = shutil.disk_usage(place).free
        said = messages.disk_space_left(directory=place, free_gib=free / 1024**3)
        advice = messages.CLEAR_OR_ENLARGE_DISK
        if free < _SPENT:
            yield fail(said, advice)
        elif free < _SCARCE:
            yield warn(said, advice)


def check_clock(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the clock is not behind what is on record, and that something keeps it right."""
    with subject.database.reading() as connection:
        newest = connection.execute(select(func.max(audit_events.c.at))).scalar_one()
    now = subject.clock.now()
    if newest is not None and newest > now + _AHEAD:
        yield fail(
            messages.clock_behind_records(newest),
            messages.CORRECT_CLOCK_BEFORE_SIGNING,
        )
    kernel = read_kernel_clock()
    if kernel is not None and not kernel.synchronised:
        yield warn(messages.CLOCK_UNSYNCHRONISED, messages.START_TIME_SERVICE)


def _secret_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    for key, value in settings.keys:
        if key.endswith("passphrase_file") and value is not None:
            yield f"keys.{key}", value
