"""The `xinyin` command."""

import os
import sys

import click

from cli import (
    audit_commands,
    authority_commands,
    batch_commands,
    ca_commands,
    demo_command,
    init_command,
    licence_commands,
    serve_command,
    type_commands,
    verify_command,
)
from cli.output import terminal_language, use_utf8
from core.errors import XinyinError
from core.problems import problem_of
from core.text import Text

EXIT_INTERNAL = 1
EXIT_INTERRUPTED = 130

EXIT_CODES = """\b
Exit codes:
  0  the document is in force and unaltered; the command did its work
  1  internal error                2  usage
  3  input cannot be read          4  not signed in or not allowed
  5  a remote part is out of reach
 10  no signature                 11  altered
 12  not issued here              13  genuine, not in force
 14  genuine, expired             15  could not check
 16  a record is in force but no document was looked at
 20  batch finished with failures
130  interrupted
"""


@click.group(
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
    """


for module in (
    init_command,
    demo_command,
    serve_command,
    verify_command,
    authority_commands,
    type_commands,
    licence_commands,
    batch_commands,
    audit_commands,
    ca_commands,
):
    for command in module.COMMANDS:
        xinyin.add_command(command)


def run() -> None:
    """Run the command; the exit code says what came of it."""
    use_utf8()
    try:
        result = xinyin(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except XinyinError as error:
        language = terminal_language(os.environ)
        click.echo(f"xinyin: {error.text.to(language)}", err=True)
        sys.exit(problem_of(error.code).exit_code)
    except BrokenPipeError:
        # The reader has left (`| head`): nothing to tell it, nothing more to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_INTERNAL)
    except Exception as error:
        # The boundary of the process. A traceback may quote what SQL was given: names, numbers.
        if "XINYIN_DEBUG" in os.environ:
            raise
        _tell_internal(error)
        sys.exit(EXIT_INTERNAL)
    sys.exit(result if isinstance(result, int) else 0)


def _tell_internal(error: Exception) -> None:
    kind = type(error).__name__
    told = Text(
        f"内部错误（{kind}）。设 XINYIN_DEBUG=1 再次运行可看到详情，其中可能含个人信息。",
        f"Internal error ({kind}). Run again with XINYIN_DEBUG=1 for the details, which may hold "
        "personal data.",
    )
    click.echo(f"xinyin: {told.to(terminal_language(os.environ))}", err=True)
