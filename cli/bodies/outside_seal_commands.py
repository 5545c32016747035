"""`xinyin seal request` and `xinyin seal import`: a seal's certificate from a CA outside."""

from pathlib import Path

import click

from ca.outside.exchange import read_small
from ca.outside.path import load_certificates
from ca.outside.seal import OutsideUnit
from cli.bodies import messages
from cli.shell.options import command_options, key_options
from cli.shell.output import Output
from core.errors import UsageError
from core.files import PUBLIC, write_atomically
from core.ids import AuthorityId, SealId
from core.permits import Action
from home.use_cases.adoption import take_seal_certificate
from home.wiring import Home
from registry.bodies.seal_making import SealOrder

_IN = click.Path(path_type=Path, dir_okay=False, exists=True)
_OUT = click.Path(path_type=Path, dir_okay=False)


@click.command("request")
@click.argument("seal_id")
@click.option("--authority", "authority_id", help="Authority that owns a new seal.")
@click.option("--name", default="", help="A new special seal's name below the star (…专用章).")
@click.option("--out", type=_OUT, required=True, help="Where the request (PKCS#10, PEM) goes.")
@key_options
@command_options
def seal_request(
    home: Home, output: Output, *, seal_id: str, authority_id: str | None, name: str, out: Path
) -> None:
    """Ask a CA outside to certify a seal: its key is made here and stays. 申请外部证书。

    For a seal that is there already, the key of its next certificate.

    \b
    Example:
      xinyin seal request market-food --authority market --out market-food.csr
    """
    home.permit(Action.MANAGE_SEAL)
    csr = home.seal_maker.request(_order(seal_id, authority_id, name))
    try:
        write_atomically(out, csr, overwrite=False, mode=PUBLIC)
    except FileExistsError as error:
        raise UsageError(messages.output_exists(out)) from error
    output.say(messages.request_written(out))


@click.command("import")
@click.argument("seal_id")
@click.option("--certificate", type=_IN, required=True, help="The seal's, as issued.")
@click.option("--chain", type=_IN, required=True, help="Those above it (PEM), the root's too.")
@click.option("--root-sha256", required=True, help="SHA-256 of the root, had by other means.")
@click.option("--authority", "authority_id", help="Authority that owns a new seal.")
@click.option("--name", default="", help="A new special seal's name below the star (…专用章).")
@click.option("--tsa-url", help="That CA's time-stamping unit; else ours stamps.")
@click.option("--tsa-chain", type=_IN, help="The unit's certificate and chain (PEM).")
@click.option("--tsa-root-sha256", help="SHA-256 of its root, if that is another one.")
@click.option("--tsa-policy", help="OID of the policy that its timestamps must state.")
@key_options
@command_options
def seal_import(  # what an outside CA consists of
    home: Home,
    output: Output,
    *,
    seal_id: str,
    certificate: Path,
    chain: Path,
    root_sha256: str,
    authority_id: str | None,
    name: str,
    tsa_url: str | None,
    tsa_chain: Path | None,
    tsa_root_sha256: str | None,
    tsa_policy: str | None,
) -> None:
    """Take in a seal's certificate from a CA outside. 导入外部 CA 签发的印章证书。

    From then on that CA's OCSP or CRL, and its TSA if one is named, speak for the seal in the
    documents that it seals; when they cannot be had, licences stay pending.

    \b
    Example:
      xinyin seal import market-food --authority market --certificate seal.pem \\
          --chain chain.pem --root-sha256 57ab… \\
          --tsa-url http://tsa.example.gov.cn/ --tsa-chain tsa.pem
    """
    permit = home.permit(Action.MANAGE_SEAL)
    order = _order(seal_id, authority_id, name)
    unit = _unit(tsa_url, tsa_chain, tsa_root_sha256 or root_sha256, tsa_policy)
    made, unreachable = take_seal_certificate(
        home, order, read_small(certificate), read_small(chain), root_sha256, unit, permit
    )
    if unreachable is not None:
        output.say(unreachable.text)
    output.say(messages.seal_in_use(made.seal_id))


def _unit(
    url: str | None, chain: Path | None, root_sha256: str, policy: str | None
) -> OutsideUnit | None:
    if (url is None) != (chain is None):
        raise UsageError(messages.TSA_URL_NEEDS_CHAIN)
    if url is None or chain is None:
        return None
    return OutsideUnit(url, load_certificates(read_small(chain)), root_sha256, policy)


def _order(seal_id: str, authority_id: str | None, name: str) -> SealOrder:
    return SealOrder(
        SealId(seal_id), None if authority_id is None else AuthorityId(authority_id), name
    )


OUTSIDE_COMMANDS = (seal_request, seal_import)
