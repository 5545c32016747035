"""`xinyin ca profiles`: by which rules certificates are issued here."""

from collections.abc import Iterator
from datetime import timedelta

import click

from ca.profiles.profiles import DEFAULT_CERTIFICATE_POLICY, Profile, ProfileKind
from cli.ca import messages
from cli.shell.options import command_options
from cli.shell.output import Output
from home.wiring import Home

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@click.command("profiles")
@click.argument("name", required=False, type=click.Choice([kind.value for kind in ProfileKind]))
@command_options
def profiles(home: Home, output: Output, name: str | None) -> None:
    """Show the certificate profiles as validated, each rule with its clause. 证书模板。

    \b
    Examples:
      xinyin ca profiles
      xinyin ca profiles officer-short
    """
    found = home.profiles
    if name is None:
        output.records([_summary(profile) for profile in found.values()])
    else:
        profile = found[ProfileKind(name)]
        output.records([dict(zip(_HEADINGS, row, strict=True)) for row in _rules(profile)])
    if any(_is_documentation(profile) for profile in found.values()):
        output.say(messages.DOCUMENTATION_POLICY_OID)


_HEADINGS = ("rule", "value", "limit", "clause")


def _summary(profile: Profile) -> dict[str, object]:
    return {
        "profile": profile.kind,
        "validity": _duration(profile.validity),
        "key_usage": ", ".join(sorted(profile.rules.key_usage)),
        "algorithms": ", ".join(profile.algorithms),
        "policies": ", ".join(oid.dotted_string for oid in profile.policies),
    }


def _rules(profile: Profile) -> Iterator[tuple[str, str, str, str]]:
    """Yield rule, what holds here, what is allowed at most, and the clause."""
    rules = profile.rules
    usage, policies = sorted(rules.key_usage), [oid.dotted_string for oid in profile.policies]
    marks = [oid for oid, has in _marks(profile) if has]
    lines = (
        ("key_usage", ", ".join(usage), ""),
        ("algorithms", ", ".join(profile.algorithms), _all_algorithms(profile)),
        ("validity", _duration(profile.validity), _duration(rules.longest)),
        ("path_length", "" if rules.path_length is None else str(rules.path_length), ""),
        ("extended_key_usage", _extended_key_usage(profile), ""),
        ("policies", ", ".join(policies), ""),
        ("no_check", "id-pkix-ocsp-nocheck" if rules.no_check else "", ""),
        ("no_revocation", ", ".join(marks), ""),
        ("addresses", _addresses(profile), ""),
    )
    for rule, value, limit in lines:
        if value or rule in rules.clauses:
            yield rule, value, limit, rules.clauses.get(rule, "")


def _marks(profile: Profile) -> tuple[tuple[str, bool], ...]:
    short = profile.rules.short_lived
    return (("noRevAvail", short), ("ext-etsi-valassured-ST-certs", short))


def _all_algorithms(profile: Profile) -> str:
    return ", ".join(name for suite in profile.rules.algorithms.values() for name in suite)


def _extended_key_usage(profile: Profile) -> str:
    usage = profile.rules.extended_key_usage
    if usage is None:
        return "none"
    critical = ", critical" if profile.rules.extended_key_usage_critical else ""
    return f"{usage.dotted_string}{critical}"


def _addresses(profile: Profile) -> str:
    rules = profile.rules
    named = [
        name for name, has in (("CRL", rules.crl_address), ("OCSP", rules.ocsp_address)) if has
    ]
    return ", ".join(named) or "none"


def _duration(duration: timedelta) -> str:
    if duration < 2 * _DAY:
        return f"{duration // _HOUR} h"
    return f"{duration // _DAY} d"


def _is_documentation(profile: Profile) -> bool:
    return DEFAULT_CERTIFICATE_POLICY in {oid.dotted_string for oid in profile.policies}
