"""`xinyin completion`: what makes a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from cli.shell.options import command_options
from cli.shell.output import Output
from home.wiring import Home

_PROGRAM, _VARIABLE = "xinyin", "_XINYIN_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@command_options
def completion(home: Home, output: Output, shell: str) -> None:
    """Print a script that lets a shell complete commands and options. 命令补全脚本。

    \b
    Examples:
      xinyin completion bash > /etc/bash_completion.d/xinyin
      source <(xinyin completion zsh)
      xinyin completion fish > ~/.config/fish/completions/xinyin.fish
    """
    del home
    found = get_completion_class(shell)
    assert found is not None, "click knows the shells that are offered"
    # Without a command line: click's own check of the shell's version would run that shell.
    variables = found(click.Command(_PROGRAM), {}, _PROGRAM, _VARIABLE).source_vars()
    script = found.source_template % variables
    if output.as_json:
        output.data({"shell": shell, "script": script})
    else:
        output.text(script)


COMMANDS = (completion,)
