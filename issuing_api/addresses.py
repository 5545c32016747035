"""The address at which people sign in, beside others at which this machine answers itself."""

from urllib.parse import urlsplit

from starlette.requests import Request

from identity.addresses import is_loopback, public_address

_MOST_HOST = 300


def better_address(request: Request, public_url: str) -> str | None:
    """Return the address at which a page should be opened instead; None where it is already.

    Only from one name of this machine to the other, at the same port: `127.0.0.1` for `localhost`.
    A proxy may ask under a name of its own.
    """
    wanted = urlsplit(public_url)
    try:
        asked = urlsplit(f"{wanted.scheme}://{request.headers.get('host', '')[:_MOST_HOST]}")
        port = asked.port
    except ValueError:
        return None
    name, public = asked.hostname or "", wanted.hostname or ""
    if name == public or port != wanted.port or not (is_loopback(name) and is_loopback(public)):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return public_address(public_url, f"{request.url.path}{query}")
