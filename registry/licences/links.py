"""The address that a licence's QR code opens; printed on paper, so one place says how it looks."""

from registry.model import Licence


def link_prefix(public_url: str) -> str:
    """Return the prefix of every licence's link; its token follows."""
    return f"{public_url}/v/"


def link_of(public_url: str, licence: Licence) -> str:
    """Return a licence's own link."""
    return f"{link_prefix(public_url)}{licence.link_token}"
