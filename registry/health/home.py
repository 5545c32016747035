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
from core.text import Text
from registry.db.tables import audit_events
from registry.health.health import HealthFinding, HealthSubject, fail, ok, warn

_SCARCE, _SPENT = 2 * 1024**3, 256 * 1024**2
"""Free bytes below which is warned, and below which a grant may fail."""
_AHEAD = timedelta(minutes=5)


def check_settings(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the settings can be read, and that a real home has real addresses."""
    service = subject.settings.service
    if service.demo:
        yield ok("演示数据目录。", "a demo home.")
        return
    for key in ("public_url", "pki_url"):
        address = getattr(service, key)
        if is_loopback(address):
            yield fail(
                Text(f"{key} 是本机地址 {address}。", f"{key} is the loopback address {address}."),
                Text(
                    "它印在二维码和证书里；请用正式地址新建数据目录。",
                    "It stands in QR codes and certificates: make a new home with a real address.",
                ),
            )


def check_files(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that the home is its owner's alone."""
    home = subject.directory
    for name in ("", FILE_NAME, "registry.db", "objects", "keys", "root-keys", "journal"):
        path = home / name
        if not path.exists():
            continue
        found = path.stat()
        shown = name or str(home)
        if stat.S_IMODE(found.st_mode) & 0o077:
            right = "700" if path.is_dir() else "600"
            yield fail(
                Text(f"“{shown}”对他人开放。", f"“{shown}” is open to others."),
                Text(f"请执行 chmod {right} {path}", f"Run: chmod {right} {path}"),
            )
        if found.st_uid != os.geteuid():
            yield warn(
                Text(
                    f"“{shown}”属于用户 {found.st_uid}，不是当前用户。",
                    f"“{shown}” belongs to user {found.st_uid}, not to who runs this.",
                ),
                Text("请以数据目录的属主运行。", "Run as the owner of the home."),
            )


def check_secrets(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See where passphrases and PINs come from; reads none of them."""
    for key, path in _secret_files(subject.settings):
        if path.resolve().is_relative_to(subject.directory.resolve()):
            yield fail(
                Text(f"口令文件 {key} 在数据目录之内。", f"{key} lies inside the home."),
                Text(
                    "把它移到别处：备份或丢失的数据目录不应带有口令。",
                    "Move it elsewhere: a stolen home or backup must not bring its passphrase.",
                ),
            )
        elif not path.exists():
            yield warn(
                Text(f"没有口令文件 {path}。", f"There is no file {path} ({key})."),
                Text("建立它，或改正设置。", "Make it, or correct the setting."),
            )
        elif path.stat().st_mode & 0o077:
            yield fail(
                Text(f"口令文件 {path} 对他人可读。", f"{path} ({key}) is open to others."),
                Text(f"请执行 chmod 600 {path}", f"Run: chmod 600 {path}"),
            )


def check_disk(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that there is room to write."""
    places = {subject.directory, subject.settings.journal_directory(subject.directory)}
    for place in sorted(one for one in places if one.exists()):
        free = shutil.disk_usage(place).free
        said = Text(
            f"“{place}”所在磁盘剩余 {free / 1024**3:.1f} GiB。",
            f"{free / 1024**3:.1f} GiB are free where “{place}” is.",
        )
        advice = Text("请清理或扩容磁盘。", "Free some, or enlarge the disk.")
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
            Text(
                f"时钟早于最新记录（{newest:%Y-%m-%d %H:%M}Z）。",
                f"The clock is behind the newest record ({newest:%Y-%m-%d %H:%M}Z).",
            ),
            Text("核对时间后再签发任何东西。", "Set it right before anything is signed."),
        )
    kernel = read_kernel_clock()
    if kernel is not None and not kernel.synchronised:
        yield warn(
            Text("内核报告时钟未同步。", "The kernel says that nothing keeps the clock in step."),
            Text("启用 chrony 等时间同步服务。", "Run chrony or another time service."),
        )


def _secret_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    for key, value in settings.keys:
        if key.endswith("passphrase_file") and value is not None:
            yield f"keys.{key}", value
