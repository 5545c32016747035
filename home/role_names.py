"""The names of the roles, apart from what they are made of: whoever names one need not load all."""

from enum import StrEnum

from home.keys import ALL_BUT_ROOT
from keys.life import KeyDomain


class RoleName(StrEnum):
    """Values of `--role`."""

    ALL = "all"
    VERIFY = "verify"
    TRUST = "trust"
    ISSUING = "issuing"
    CA = "ca"


DOMAINS = {
    RoleName.ALL: ALL_BUT_ROOT,
    RoleName.VERIFY: frozenset[KeyDomain](),
    RoleName.TRUST: frozenset({KeyDomain.TRUST}),
    RoleName.ISSUING: frozenset({KeyDomain.ISSUING}),
    RoleName.CA: frozenset({KeyDomain.CA, KeyDomain.AUDIT}),
}
"""The keys that each may reach."""
