"""Checks of `xinyin doctor` on what `home` reads itself."""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

from core.errors import ConfigurationError
from core.text import Text
from home import messages
from home.identity.file import read_client_key, read_identity_file
from registry.bodies.authorities import list_authorities
from registry.facts.journal_line import RegisterLine, compare, known_end
from registry.facts.line_opening import open_line
from registry.health.health import HealthCheck, HealthFinding, HealthSubject, fail, ok, warn
from registry.journal.journal import Journal
from registry.journal.position import Position
from signing.workers.confinement import Confinement, probe


def check_identity(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that `identity.toml` and the client keys can be read, and name authorities on record."""
    try:
        file = read_identity_file(subject.directory)
        for one in file.providers if file is not None else ():
            read_client_key(subject.directory, one)
    except ConfigurationError as error:
        yield fail(error.text, messages.MEND_IDENTITY_FILE)
        return
    if file is None:
        yield ok(messages.NOBODY_SIGNS_IN)
        return
    with subject.database.reading() as connection:
        known = {one.authority_id for one in list_authorities(connection)}
    for group in file.groups:
        if group.authority is not None and group.authority not in known:
            said = messages.group_of_unknown_authority(group.group, group.authority)
            yield fail(said, messages.MEND_IDENTITY_FILE)


def check_sandbox(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See whether the kernel confines what reads hostile files, as processes of this account."""
    confinement = Confinement(subject.settings.sandbox.confinement)
    why = probe()
    if not why:
        yield ok(messages.FILES_ARE_CONFINED)
    elif confinement is Confinement.REQUIRE:
        yield fail(messages.files_are_not_confined(why), messages.LET_THE_KERNEL_CONFINE)
    else:
        yield warn(messages.files_are_not_confined(why), messages.PREFERRED_ONLY)


def check_shared_journal(subject: HealthSubject) -> Iterator[HealthFinding]:
    """See that this machine's copy of the shared journal is that of the store; with --full, all."""
    known = known_end(subject.database)
    if not subject.settings.journal.shared and known is None:
        yield ok(messages.JOURNAL_IS_OWN)
        return
    with closing(open_line(subject.settings, subject.directory, subject.environment)) as line:
        yield _compared(subject, line, known)


def _compared(subject: HealthSubject, line: RegisterLine, known: Position | None) -> HealthFinding:
    own = Journal(subject.settings.journal_directory(subject.directory), subject.clock)
    end = own.end.sequence
    if known is None:
        return fail(messages.journal_copy(end, 0), messages.SHARE_FURTHEST)
    if subject.full:
        compare(own, line)
    if end < known.sequence and line.get(end + 1) is None:
        return fail(messages.journal_copy(end, known.sequence), messages.SHARE_FURTHEST)
    return ok(messages.journal_copy(end, known.sequence))


CHECKS: Final = (
    HealthCheck("shared-journal", Text("共用的恢复日志", "shared journal"), check_shared_journal),
    HealthCheck("identity", Text("统一身份", "identity"), check_identity),
    HealthCheck("sandbox", Text("隔离", "sandbox"), check_sandbox),
)
