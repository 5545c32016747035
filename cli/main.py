"""The `xinyin` command."""

import gc
import json
import logging
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from cli import messages
from cli.shell.output import ReaderLeftError, spoken, tell, use_utf8
from cli.speech import choose_language, summarise
from core.errors import StorageError, XinyinError
from core.os_errors import cause_zh, is_refusal, remedy
from core.sanitize import escaped_json
from core.text import Text
from core.web.problems import problem_of

_log = logging.getLogger(__name__)
EXIT_INTERNAL = 1
EXIT_INTERRUPTED = 130
EXIT_READER_LEFT = 141
"""As a shell tells of SIGPIPE (128 + 13), by which other tools end."""
_COLLECT_AFTER = 50_000
"""Objects made and not freed, after which the young are looked at: modules make half a million that
stay, and at Python's 700 a fifth of the time in which they load goes into looking at them."""

EXIT_CODES = """\b
Exit codes:
  0  the document is in force and unaltered; the command did its work
  1  internal error, or a file cannot be written
  2  usage
  3  input cannot be read          4  not signed in or not allowed
  5  a remote part is out of reach
  6  a stored file is missing or damaged
 10  no signature                 11  altered
 12  not issued here              13  genuine, not in force
 14  genuine, expired             15  could not check
 16  a record is in force but no document was looked at
 20  batch finished with failures
130  interrupted                 141  whoever read the output has left
"""


MODULES = {
    "init": "init_command",
    "demo": "demo_command",
    "serve": "serve_command",
    "verify": "licences.verify_command",
    "authority": "bodies.authority_commands",
    "seal": "bodies.authority_commands",
    "login": "remote.login_commands",
    "logout": "remote.login_commands",
    "whoami": "remote.login_commands",
    "enrol": "remote.enrol_command",
    "officer": "bodies.officer_commands",
    "account": "bodies.account_commands",
    "break-glass": "bodies.break_glass_commands",
    "context": "remote.context_commands",
    "request": "bodies.request_commands",
    "job": "remote.job_commands",
    "export": "remote.export_commands",
    "type": "licences.types.commands",
    "matter": "licences.matter_commands",
    "licence": "licences.licence_commands",
    "correction": "licences.correction_commands",
    "batch": "licences.batches.commands",
    "document": "licences.documents.commands",
    "audit": "keeping.audit_commands",
    "doctor": "keeping.doctor_command",
    "archive": "keeping.archive_commands",
    "trust": "keeping.trust_list_commands",
    "ca": "ca.ca_commands",
    "key": "keeping.key_commands",
    "client-key": "keeping.client_key_commands",
    "backup": "keeping.backup_commands",
    "restore": "keeping.backup_commands",
    "journal": "keeping.journal_commands",
    "database": "keeping.database_commands",
    "objects": "keeping.objects_commands",
    "privacy": "keeping.privacy_commands",
    "completion": "completion_command",
}
"""Where each command is. Loaded when it is called: `verify` need not wait for fonts."""


class LazyGroup(click.Group):
    """A group whose commands are imported one by one.

    click would end with 1 where the reader of the output has left (`| head`).
    """

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        """Raise `ReaderLeftError` where nobody reads the help."""
        try:
            return super().make_context(*arguments, **named)
        except BrokenPipeError as error:
            raise ReaderLeftError from error

    def invoke(self, ctx: click.Context) -> Any:
        """Raise `ReaderLeftError` where nobody reads what the command prints."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderLeftError from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, in the order in which they are learnt."""
        del ctx
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, if there is one of that name."""
        del ctx
        if cmd_name not in MODULES:
            return None
        commands: tuple[click.Command, ...] = import_module(f"cli.{MODULES[cmd_name]}").COMMANDS
        return summarise(next(one for one in commands if one.name == cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest a name that is near: `license`, `verfy`."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=MODULES, ctx=ctx
            ) from error


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(package_name="xinyin", prog_name="xinyin")
def xinyin() -> None:
    """Trust service for e-licences. 电子证照与电子签章信任服务。

    \b
    Examples:
      xinyin demo                         the main job, from nothing, in a new home
      xinyin verify licence.pdf           what a document is worth
      xinyin licence issue --type food-operation --data holder.json --out licence.pdf

    Under --json an error is one object on stderr: {"error": {"code", "message"}}.
    """


def run() -> None:
    """Run the command; the exit code says what came of it."""
    gc.set_threshold(_COLLECT_AFTER)
    use_utf8()
    choose_language()
    try:
        result = xinyin(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        if _wants_json():
            _tell_as_json("usage", error.format_message())
        else:
            error.show()
        sys.exit(error.exit_code)
    except XinyinError as error:
        _tell(error)
        sys.exit(problem_of(error.code).exit_code)
    except ReaderLeftError:  # nothing to tell it, nothing more to write
        _stop_writing()
        sys.exit(EXIT_READER_LEFT)
    except OSError as error:
        if not is_refusal(error):
            _end_on(error)
        _tell(_refused(error))
        _stop_writing()
        sys.exit(problem_of(StorageError.code).exit_code)
    except Exception as error:  # noqa: BLE001  # the boundary of the process
        _end_on(error)
    sys.exit(result if isinstance(result, int) else 0)


def _end_on(error: Exception) -> NoReturn:
    """End on a fault of ours. A traceback may quote what SQL was given: names, numbers."""
    if "XINYIN_DEBUG" in os.environ:
        raise error
    _tell_internal(error)
    sys.exit(EXIT_INTERNAL)


def _refused(error: OSError) -> StorageError:
    """Return how a disk's refusal is told that no command saw coming."""
    name = error.filename
    what = messages.OUTPUT if name is None else Text(f"“{name}”", f"“{name}”")
    return StorageError(
        messages.read_write_failed(
            target=what, cause_zh=cause_zh(error), remedy=remedy(error), strerror=error.strerror
        ),
    )


def _stop_writing() -> None:
    """Let what is still buffered go nowhere: the interpreter would fail on it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _wants_json() -> bool:
    """Tell whether `--json` was given; a command line that click refused has no options yet."""
    options = sys.argv[1:]
    return "--json" in (options[: options.index("--")] if "--" in options else options)


def _logs_json() -> bool:
    """Tell whether errors are lines of a JSON log; set it up where the command has not come to."""
    from core import log  # noqa: PLC0415  # only for errors: it takes a while to load
    from core.settings import log_settings  # noqa: PLC0415

    if log.form() is None:
        log.configure(log_settings(os.environ), role=log.COMMAND, service=False)
    return log.form() == "json"


def _command() -> str:
    """Return the command's names without its arguments, which may be personal data."""
    names = [sys.argv[1]] if sys.argv[1:] and sys.argv[1] in MODULES else []
    return " ".join(names)


def _tell(error: XinyinError) -> None:
    if _wants_json():
        _tell_as_json(error.code, spoken(error.text))
    elif _logs_json():
        _log.error(
            "%s %s", error.text.zh, error.text.en, extra={"code": error.code, "command": _command()}
        )
    else:
        tell(f"xinyin: {spoken(error.text)}")


def _tell_as_json(code: str, message: str) -> None:
    """Write an error as one object, on stderr: stdout holds data alone."""
    told = {"error": {"code": code, "message": message}}
    click.echo(escaped_json(json.dumps(told, ensure_ascii=False)), err=True)


def _tell_internal(error: Exception) -> None:
    fields = {"code": "internal", "command": _command()}
    logs_json = _logs_json()
    if not _wants_json():
        _log.critical("internal error", exc_info=error, extra=fields)
    kind = type(error).__name__
    told = messages.internal_error(kind)
    if _wants_json():
        _tell_as_json("internal", spoken(told))
    elif not logs_json:
        tell(f"xinyin: {spoken(told)}")
