"""Negotiation of a reader's language (RFC 9110 12.5.4). Chinese unless asked otherwise."""

from starlette.requests import HTTPConnection

from core.text import Language

MAX_HEADER = 1024
"""Browsers send some 60 characters; the rest is not read."""


def language_of(connection: HTTPConnection) -> Language:
    """Return the language of `?lang=`, else the one that Accept-Language likes best."""
    chosen = connection.query_params.get("lang")
    if chosen in ("zh", "en"):
        return "zh" if chosen == "zh" else "en"
    return accepted_language(connection.headers.get("accept-language", ""))


def accepted_language(header: str) -> Language:
    """Return the language with the greater weight; on a tie the first named, else Chinese."""
    weights: dict[str, float] = {}
    for item in header[:MAX_HEADER].split(","):
        tag, _, parameter = item.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary in ("zh", "en"):
            weights[primary] = max(weights.get(primary, 0.0), _weight(parameter))
    best = max(weights, key=lambda primary: weights[primary], default="zh")
    return "en" if best == "en" and weights["en"] > 0 else "zh"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
