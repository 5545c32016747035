"""`xinyin client-key …`: keys by which this service proves itself to identity providers."""

import json

import click

from cli.keeping import messages
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.ids import KeyId
from core.permits import Action
from home.wiring import Home
from identity.tokens.jwk import key_set_of
from keys.model import KeyAlgorithm, KeyPurpose


@click.group("client-key")
def client_key() -> None:
    """Keys of our client at identity providers, in custody. 身份服务客户端密钥。"""


@client_key.command("make")
@click.argument("name")
@key_options
@command_options
def make(home: Home, output: Output, name: str) -> None:
    """Make a key, in its file or on the token, and print the JWKS to register. 生成客户端密钥。

    To exchange one: make another, register the JWKS, which then holds both, at the provider; set
    client_key in identity.toml and restart; then retire the old one (xinyin key retire), and
    register what xinyin client-key jwks prints.

    \b
    Example:
      xinyin client-key make client-2027
    """
    home.permit(Action.MANAGE_KEY)
    home.keys.generate(KeyId(name), KeyPurpose.CLIENT, KeyAlgorithm.ECDSA_P256)
    _print_set(home, output)
    output.say(messages.client_key_made(name))


@client_key.command("jwks")
@command_options
def jwks(home: Home, output: Output) -> None:
    """Print the public keys as a JWKS, without those that are retired. 输出公钥集。

    Needs no passphrase.

    \b
    Example:
      xinyin client-key jwks
    """
    _print_set(home, output)


def _print_set(home: Home, output: Output) -> None:
    ring = home.keys
    keys = {
        str(one.key_id): one.spki
        for one in ring.list_keys()
        if one.purpose is KeyPurpose.CLIENT and ring.may_open(one.key_id, KeyPurpose.CLIENT)
    }
    output.text(json.dumps(key_set_of(keys), ensure_ascii=False))


COMMANDS = (client_key,)
