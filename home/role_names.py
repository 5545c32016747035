"""The names of the roles, apart from what they are made of: whoever names one need not load all."""

from enum import StrEnum


class RoleName(StrEnum):
    """Values of `--role`."""

    ALL = "all"
    VERIFY = "verify"
    TRUST = "trust"
    ISSUING = "issuing"
    CA = "ca"
