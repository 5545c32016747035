"""`xinyin init`: a new home with its settings, database, keys and hierarchy."""

from pathlib import Path

import click

from ca.hierarchy.founding import HierarchyNames
from cli import messages
from cli.ca.exchange_commands import tell_request
from cli.init_checks import refuse_bad_addresses, refuse_bad_names
from cli.shell.database_address import VARIABLE, address_to_keep, tell_address
from cli.shell.options import (
    algorithms_option,
    command_options,
    key_options,
    keys_option,
    root_key_options,
)
from cli.shell.output import Output
from core.errors import UsageError
from core.settings import (
    FILE_NAME,
    parse_settings,
)
from core.text import Text
from home.keys import new_namespace
from home.use_cases.making import await_root, begin_home, found_home, refuse_second_root
from home.use_cases.root_requests import standing_request, write_ca_request
from home.wiring import Home

_NO_POLICY = Text(
    "未给出本单位的策略 OID：证书和时间戳将带文档示例 OID（RFC 5612）。"
    "正式签发前，请在 xinyin.toml 的 [ca] 设置 certificate_policy 和 "
    "timestamp_policy。",
    "No policy OID of your own was given: certificates and timestamps will state one "
    "for documentation (RFC 5612). Set certificate_policy and timestamp_policy under "
    "[ca] in xinyin.toml before you issue in earnest.",
)


@click.command("init")
@click.option("--public-url", required=True, help="Address printed into QR codes, for ten years.")
@click.option("--pki-url", required=True, help="http:// address printed into certificates.")
@click.option("--organization", required=True, help="Legal name of the body that runs the CA.")
@click.option("--uscc", required=True, help="Its unified social credit code.")
@click.option("--certificate-policy", help="Your OID for certificates; can be set later.")
@click.option("--timestamp-policy", help="Your OID for timestamps; can be set later.")
@keys_option
@algorithms_option
@click.option(
    "--crl-shards",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Into how many CRLs to divide certificates, for good; above 100,000 seals perhaps.",
)
@click.option(
    "--offline-root",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIRECTORY",
    help="The root is made or kept elsewhere: write a request to it into DIRECTORY.",
)
@click.option(
    "--root-certificate",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="With --offline-root: the certificate (.cer) of a root that is there already.",
)
@click.option(
    "--demo", "is_demo", is_flag=True, help="To try it: licences say 样例, any address will do."
)
@root_key_options
@key_options
@command_options
def init(
    home: Home,
    output: Output,
    *,
    public_url: str,
    pki_url: str,
    organization: str,
    uscc: str,
    uri: str,
    certificate_policy: str | None,
    timestamp_policy: str | None,
    algorithms: str,
    crl_shards: int,
    offline_root: Path | None,
    root_certificate: Path | None,
    is_demo: bool,
) -> None:
    """Make a new home: settings, database, root, CA, OCSP and TSA. 建立新的数据目录。

    Run again after an interruption, it finishes what is missing and changes nothing else.

    With --offline-root the home waits, after this, for `xinyin ca import`.

    \b
    Examples:
      xinyin init --public-url https://verify.example.gov.cn \\
          --pki-url http://pki.example.gov.cn \\
          --organization 青岚市数据局 --uscc 11990000MB00990170
      xinyin init … --keys 'pkcs11:token=ca?module-path=/usr/lib/softhsm/libsofthsm2.so'
      xinyin init --demo --public-url http://127.0.0.1:8440 --pki-url http://127.0.0.1:8440 …
      xinyin init … --offline-root /media/exchange/request
    """
    names = HierarchyNames(organization=organization, uscc=uscc)
    refuse_bad_names(names)
    database = address_to_keep(home)
    settings = parse_settings(
        {
            "service": {"public_url": public_url, "pki_url": pki_url, "demo": is_demo},
            "operator": {"account": home.account},
            "keys": {"uri": uri, "namespace": _namespace(home, uri)},
            "database": {"url": database},
            "ca": {
                "organization": organization,
                "uscc": uscc,
                "certificate_policy": certificate_policy,
                "timestamp_policy": timestamp_policy,
                "algorithms": algorithms,
                "crl_shards": crl_shards,
            },
        },
        "xinyin init",
    )
    refuse_bad_addresses(settings.service)
    if certificate_policy is None or timestamp_policy is None:
        output.say(_NO_POLICY)
    if root_certificate is not None and offline_root is None:
        raise UsageError(messages.ROOT_CERTIFICATE_ALONE)
    begin_home(home, settings)
    tell_address(output, database, home.environment.get(VARIABLE))
    if offline_root is not None:
        _wait_for_root(home, output, offline_root, root_certificate)
        return
    refuse_second_root(home)
    found_home(home, names)
    output.say(messages.home_ready(home.directory))


def _wait_for_root(
    home: Home, output: Output, directory: Path, root_certificate: Path | None
) -> None:
    waiting = await_root(home, root_certificate)
    if waiting is None:
        output.say(messages.home_already_certified(home.directory))
        return
    record, ca = waiting
    told = standing_request(home, directory, record)  # run again, it changes nothing
    tell_request(output, directory, told or write_ca_request(home, directory, record, ca))
    output.say(messages.home_awaits_certificate(home.directory))
    home.audit.signer.sign()


def _namespace(home: Home, uri: str) -> str | None:
    """Run again, an interrupted `init` must find the keys that it made."""
    if (home.directory / FILE_NAME).exists():
        return home.settings.keys.namespace
    return new_namespace(uri)


COMMANDS = (init,)
