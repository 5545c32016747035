"""`xinyin login`, `logout`, `whoami`: who is at this command line, for a server."""

import os
import secrets
import time
import webbrowser
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric import ec

from cli.remote import messages
from cli.remote.contexts import server_option
from cli.remote.server import RemoteServer
from cli.remote.sign_in_file import KeptSignIn, SignInFile
from cli.shell.output import Output, tell, terminal_language
from core.clock import SystemClock
from core.errors import ConfigurationError, UsageError, XinyinError
from identity.oidc.errors import SignInPendingError
from identity.oidc.grants import ask_device, begin_device, revoke
from identity.oidc.loopback import LoopbackReceiver
from identity.oidc.provider import Provider
from identity.oidc.sign_in import SignedIn, SignInClient

FRESH_SECONDS = 60


def server_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--server` and `--json`; hand the command a `RemoteServer`, the file and an `Output`."""

    @server_option
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @wraps(function)
    def wrapper(
        server: str | None,
        as_json: bool,  # noqa: FBT001
        **arguments: object,
    ) -> object:
        if server is None:
            raise UsageError(messages.SERVER_NEEDED)
        language = terminal_language(os.environ)
        file = SignInFile(os.environ)
        remote = RemoteServer(server, file, SystemClock(), secrets.token_bytes, language)
        return function(remote, file, Output(as_json=as_json, language=language), **arguments)

    return wrapper


@click.command("login")
@click.option("--provider", "alias", help="Identity provider, where there are several.")
@click.option("--device", is_flag=True, help="Sign in on another device, by a code.")
@click.option("--strong", is_flag=True, help="Afresh and by strong means, as some acts need.")
@server_options
def login(
    remote: RemoteServer,
    file: SignInFile,
    output: Output,
    *,
    alias: str | None,
    device: bool,
    strong: bool,
) -> None:
    """Sign in at a server, in the browser or on another device. 登录。

    What a seal or a certificate hangs on is approved within ten minutes of a strong sign-in.

    \b
    Examples:
      xinyin login --server https://issuing.example.gov.cn
      xinyin login --server https://issuing.example.gov.cn --device
    """
    if device and strong:
        raise UsageError(messages.STRONG_IN_BROWSER)
    provider, means = _chosen(remote.providers(), alias)
    client, key = remote.client_of(provider), ec.generate_private_key(ec.SECP256R1())
    if device:
        signed_in = _on_another_device(client, key, output)
    else:
        signed_in = _in_browser(client, key, output, means if strong else None)
    with file.locked():
        file.keep(KeptSignIn(remote.address, provider, signed_in.tokens, key))
    me = remote.ask("GET", "/me")
    if output.as_json:
        output.data(me)
    output.say(messages.signed_in(name=str(me["name"]), server=remote.address))


@click.command("logout")
@server_options
def logout(remote: RemoteServer, file: SignInFile, output: Output) -> None:
    """Sign out at a server, and have the tokens taken back. 退出登录。

    \b
    Example:
      xinyin logout --server https://issuing.example.gov.cn
    """
    with file.locked():
        try:
            kept = file.find(remote.address)
        except ConfigurationError as error:  # what cannot be read is forgotten all the same
            output.say(error.text)
            kept = None
        gone = file.forget(remote.address)
    if not gone:
        output.say(messages.KEYRING_KEPT)
    if kept is not None:
        try:
            taken_back = revoke(remote.client_of(kept.provider), kept.tokens)
        except XinyinError:
            taken_back = False
        if not taken_back:
            output.say(messages.SIGN_OUT_UNFINISHED)
            return
    output.say(messages.signed_out(remote.address))


@click.command("whoami")
@server_options
def whoami(remote: RemoteServer, file: SignInFile, output: Output) -> None:
    """Show who is signed in, with roles, authorities and certificates. 当前登录者。

    \b
    Example:
      xinyin whoami --server https://issuing.example.gov.cn
    """
    del file
    me = remote.ask("GET", "/me") | remote.ask("GET", "/me/certificates")
    if output.as_json:
        output.data(me)
        return
    output.text(f"{me['name']} ({me['id']})")
    for role in me["roles"]:
        output.text(f"  {role['role']}: {role['authority'] or '*'}")
    for one in me["certificates"]:
        state = one["state"] if one["usable"] else "ENDED"
        output.text(f"  {one['serial']} {one['profile']} {state} {one['not_after']}")


def _chosen(
    providers: dict[str, tuple[Provider, tuple[str, ...]]], alias: str | None
) -> tuple[Provider, tuple[str, ...]]:
    if not providers:
        raise UsageError(messages.NO_COMMAND_LINE_SIGN_IN)
    found = next(iter(providers.values())) if alias is None else providers.get(alias)
    if found is None:
        known = ", ".join(providers)
        raise UsageError(messages.no_such_provider(alias=str(alias)[:40], known=known))
    return found


def _in_browser(
    client: SignInClient,
    key: ec.EllipticCurvePrivateKey,
    output: Output,
    strong: tuple[str, ...] | None,
) -> SignedIn:
    """Sign in in the browser; by one of the `strong` means and afresh, unless None."""
    with LoopbackReceiver() as receiver:
        address, pending = client.begin(
            receiver.redirect_uri,
            max_age=None if strong is None else FRESH_SECONDS,
            acr_values=strong or (),
        )
        receiver.expect(pending.state)
        tell(address)
        webbrowser.open(address)
        output.say(messages.BROWSER_OPENED)
        return client.finish(pending, receiver.wait(), key)


def _on_another_device(
    client: SignInClient, key: ec.EllipticCurvePrivateKey, output: Output
) -> SignedIn:
    clock = SystemClock()
    device = begin_device(client, clock)
    output.say(messages.device_code(address=device.address, code=device.user_code))
    if device.whole_address is not None:
        tell(device.whole_address)
    while True:
        time.sleep(device.interval)
        try:
            return ask_device(client, device, clock, key)
        except SignInPendingError:
            continue


COMMANDS = (login, logout, whoami)
