"""Faults of the database, told apart, each with what to do about it."""

import os
import sqlite3
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import UnreachableError
from core.text import Text
from registry.db.engines import file_of

_NAMED = 8
"""Missing parts of a schema that are named."""


class DatabaseBusyError(UnreachableError):
    """The database is locked, full, read-only or out of reach just now; nothing was changed."""


class UnknownOutcomeError(UnreachableError):
    """The connection broke while a transaction was being committed: it may have taken effect."""

    code = "unknown_outcome"


class DamagedDatabaseError(UnreachableError):
    """The file is no database, or no longer a whole one."""


class OtherSchemaError(UnreachableError):
    """The database lacks a table or column that this version asks for."""


class FaultCause(StrEnum):
    """Cause of a failed database operation."""

    BUSY = "busy"
    CONNECTIONS = "connections"
    FULL = "full"
    READ_ONLY = "read_only"
    FORBIDDEN = "forbidden"
    RESOURCES = "resources"
    DISK = "disk"
    AWAY = "away"
    REFUSED = "refused"
    BROKEN_OFF = "broken_off"
    OTHER = "other"


_SAID = {
    FaultCause.BUSY: Text(
        "数据库正被其他进程占用，未作任何更改。请稍后重试；长时间如此的，请查看是否有进程停滞。",
        "The database is busy with another process; nothing was changed. Try again shortly; if it "
        "stays so, look for a process that is stuck.",
    ),
    FaultCause.CONNECTIONS: Text(
        "数据库连接都在使用，未作任何更改。请稍后重试。",
        "All connections to the database are in use; nothing was changed. Try again shortly.",
    ),
    FaultCause.FULL: Text(
        "数据库服务器的磁盘已满，未作任何更改。请在该服务器上腾出空间，再执行一次。",
        "The disk of the database server is full; nothing was changed. Free space there, then do "
        "the same again.",
    ),
    FaultCause.READ_ONLY: Text(
        "数据库为只读，未作任何更改。请检查地址（XINYIN_DATABASE_URL、[database] url）是否指向备库"
        "或只读账户，或数据库是否已被设为只读。",
        "The database is read-only; nothing was changed. See whether its address "
        "(XINYIN_DATABASE_URL, [database] url) is that of a standby or of a reader's account, or "
        "whether it was set read-only.",
    ),
    FaultCause.FORBIDDEN: Text(
        "数据库账户无权进行此操作，未作任何更改。请检查该账户的授权。",
        "The account on the database may not do this; nothing was changed. Check what it was "
        "granted.",
    ),
    FaultCause.RESOURCES: Text(
        "数据库服务器的内存或连接数已用尽，未作任何更改。请稍后重试；再次出现的，请查看服务器的运行记录。",
        "The database server is out of memory or connections; nothing was changed. Try again "
        "shortly; if it comes again, see the server's log.",
    ),
    FaultCause.DISK: Text(
        "数据库读写磁盘出错，未作任何更改。请停止服务，检查磁盘；必要时从备份恢复。",
        "The database cannot read or write its disk; nothing was changed. Stop the service and "
        "check the disk; restore a backup if need be.",
    ),
    FaultCause.AWAY: Text(
        "无法连接数据库服务器，未作任何更改。请检查它是否在运行、地址（XINYIN_DATABASE_URL、"
        "[database] url）和网络，再执行一次。",
        "The database server cannot be reached; nothing was changed. See whether it runs, check "
        "its address (XINYIN_DATABASE_URL, [database] url) and the network, then try again.",
    ),
    FaultCause.REFUSED: Text(
        "数据库服务器拒绝了连接，未作任何更改：可能正在启动、连接数已满，或账户、口令、数据库名"
        "不对。请查看服务器的运行记录和地址（XINYIN_DATABASE_URL、[database] url）。",
        "The database server refused the connection; nothing was changed. It may be starting or "
        "have no connection left, or account, password or name are wrong: see its log and the "
        "address (XINYIN_DATABASE_URL, [database] url).",
    ),
    FaultCause.BROKEN_OFF: Text(
        "与数据库的连接中断，未作任何更改。请稍后重试。",
        "The connection to the database broke; nothing was changed. Try again shortly.",
    ),
    FaultCause.OTHER: Text(
        "数据库未能完成操作，未作任何更改。请查看数据库的运行记录后重试。",
        "The database could not do this; nothing was changed. See its log, then try again.",
    ),
}
_SQLITE = {
    sqlite3.SQLITE_BUSY: FaultCause.BUSY,
    sqlite3.SQLITE_LOCKED: FaultCause.BUSY,
    sqlite3.SQLITE_FULL: FaultCause.FULL,
    sqlite3.SQLITE_READONLY: FaultCause.READ_ONLY,
    sqlite3.SQLITE_IOERR: FaultCause.DISK,
    sqlite3.SQLITE_CANTOPEN: FaultCause.DISK,
}
"""By primary result code; extended ones have it in their low byte."""
_POSTGRESQL = {
    "55P03": FaultCause.BUSY,  # lock_not_available
    "57014": FaultCause.BUSY,  # query_canceled: by statement_timeout
    "40001": FaultCause.BUSY,  # serialization_failure
    "40P01": FaultCause.BUSY,  # deadlock_detected
    "53100": FaultCause.FULL,
    "53": FaultCause.RESOURCES,
    "25006": FaultCause.READ_ONLY,
    "42501": FaultCause.FORBIDDEN,
    "58": FaultCause.DISK,
    "57P": FaultCause.BROKEN_OFF,
    "08": FaultCause.BROKEN_OFF,
}
"""By SQLSTATE, or the beginning that a class of them shares; the first that fits."""
_REFUSALS = ("FATAL:", "致命错误")
"""In libpq's message when the server itself answered no; it gives no SQLSTATE before a session."""


def translated(url: str, error: DBAPIError | PoolTimeoutError) -> UnreachableError | None:
    """Return the error for a driver's; None where the statement itself is at fault."""
    if isinstance(error, PoolTimeoutError):
        return _told(FaultCause.CONNECTIONS)
    if type(error.orig) is sqlite3.DatabaseError:  # its subclasses mean other things
        return damaged()
    if _lacks_schema(error):
        return other_schema()
    cause = _cause(error)
    if cause is None:
        return None
    return _at_file(file_of(url), cause) if url.startswith("sqlite") else _told(cause)


def not_copied(path: Path, error: sqlite3.OperationalError) -> DatabaseBusyError:
    """Return why an SQLite file could not be copied."""
    return _at_file(path, _sqlite_cause(error))


def may_write(path: Path) -> bool:
    """Tell whether an SQLite file could be written: it and its directory, for the WAL."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _cause(error: DBAPIError) -> FaultCause | None:
    if isinstance(error.orig, sqlite3.OperationalError):
        return _sqlite_cause(error.orig)
    state = getattr(error.orig, "sqlstate", None) or ""
    named = next((cause for begin, cause in _POSTGRESQL.items() if state.startswith(begin)), None)
    if named is not None:
        return named
    if error.connection_invalidated:
        return FaultCause.BROKEN_OFF
    if type(error).__name__ != "OperationalError":
        return None
    if state:
        return FaultCause.OTHER
    refused = any(word in str(error.orig) for word in _REFUSALS)
    return FaultCause.REFUSED if refused else FaultCause.AWAY


def _sqlite_cause(error: sqlite3.OperationalError) -> FaultCause:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _SQLITE.get(code, FaultCause.OTHER)


def _told(cause: FaultCause) -> DatabaseBusyError:
    return DatabaseBusyError(_SAID[cause])


def _at_file(path: Path, cause: FaultCause) -> DatabaseBusyError:
    """Say what is so where that can be seen: to wait would not mend it."""
    if not path.exists():
        return DatabaseBusyError(
            Text(
                f"数据库文件“{path}”不在原处，未作任何更改。请移回原处，或从备份恢复。",
                f"The database file “{path}” is not in its place; nothing was changed. Put it "
                "back, or restore a backup.",
            ),
        )
    if cause is FaultCause.FULL:
        return DatabaseBusyError(
            Text(
                f"磁盘已满，数据库“{path}”无法写入，未作任何更改。请在该磁盘上腾出空间，再执行一次。",
                f"The disk is full: the database “{path}” cannot grow; nothing was changed. Free "
                "space on that disk, then do the same again.",
            ),
        )
    if not may_write(path):
        return DatabaseBusyError(
            Text(
                f"数据库文件“{path}”或其目录不可写：SQLite 读取时也须写入。请以数据目录的属主运行，"
                "或恢复写权限。",
                f"The database file “{path}” or its directory cannot be written, which SQLite "
                "needs for reading too. Run as the owner of the home, or make it writable again.",
            ),
        )
    return _told(cause)


def _lacks_schema(error: DBAPIError) -> bool:
    """Tell whether a table or column is not there: SQLite says so in words, PostgreSQL by code."""
    words, state = str(error.orig), getattr(error.orig, "sqlstate", None)
    return words.startswith(("no such table", "no such column")) or state in ("42P01", "42703")


def other_schema() -> OtherSchemaError:
    """Return the error of a database that lacks a table or column."""
    return OtherSchemaError(
        Text(
            "数据库的结构与此版本不符，未作任何更改。请运行 xinyin database migrate 查明。",
            "The database's schema is not this version's; nothing was changed. Look into it with "
            "xinyin database migrate.",
        ),
    )


def older_schema(found: str, newest: str) -> OtherSchemaError:
    """Return the error of a schema from before this version."""
    return OtherSchemaError(
        Text(
            f"数据库结构 {found} 早于此版本（{newest}），未作任何更改。请停止服务、备份，"
            "然后运行 xinyin database migrate。",
            f"The database's schema {found} is older than this version's ({newest}); nothing "
            "was changed. Stop the services, back up, then run xinyin database migrate.",
        ),
    )


def newer_schema(found: str) -> OtherSchemaError:
    """Return the error of a schema that this version does not know."""
    return OtherSchemaError(
        Text(
            f"数据库结构 {found} 属于更新的版本，未作任何更改。请升级本程序。",
            f"The database's schema {found} is of a newer version; nothing was changed. Upgrade "
            "this program.",
        ),
    )


def incomplete_schema(revision: str, missing: Sequence[str]) -> OtherSchemaError:
    """Return the error of a schema that lacks what its revision should have."""
    named = ", ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
    return OtherSchemaError(
        Text(
            f"数据库结构标为 {revision}，却缺少：{named}。它不是由正式版本（而是例如开发中的版本）"
            "建立或更新的，更新命令不能补齐。请停止服务，运行 xinyin backup，再用 xinyin restore "
            "--journal 恢复到新的数据目录。",
            f"The database's schema says {revision} and lacks: {named}. No version that was given "
            "out made it so (a development tree may have), and migrating cannot mend it. Stop the "
            "services, run xinyin backup, and restore that into a new home with xinyin restore "
            "--journal.",
        ),
    )


def no_register() -> OtherSchemaError:
    """Return the error of a database without any schema."""
    return OtherSchemaError(
        Text(
            "数据库中没有登记库，未作任何更改。请检查数据库地址（XINYIN_DATABASE_URL、"
            "[database] url）；新建用 xinyin init，恢复用 xinyin restore。",
            "There is no register in the database; nothing was changed. Check its address "
            "(XINYIN_DATABASE_URL, [database] url); xinyin init makes one, xinyin restore brings "
            "one back.",
        ),
    )


def damaged() -> DamagedDatabaseError:
    """Return the error of a file that is no whole database."""
    return DamagedDatabaseError(
        Text(
            "数据库文件已损坏。请停止服务并从备份恢复。",
            "The database file is damaged. Stop the service and restore a backup.",
        ),
    )
