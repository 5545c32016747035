"""Fields of a form that was not taken: they go back into the page, and nowhere else."""

from collections.abc import Mapping

from issuing_api.callers import FORM_TOKEN
from issuing_api.pages.asking import KEY
from issuing_api.pages.fields import KEPT_PHOTO
from issuing_api.pages.visits import Visit

_OURS = frozenset({FORM_TOKEN, KEY, KEPT_PHOTO, "do", "confirmed"})
"""Fields that nobody typed."""


def kept_fields(visit: Visit) -> Mapping[str, str]:
    """Return the fields with which a form can be sent on; none where nothing was typed.

    Without the token of a session: the next one shows the form again before anything is done.
    """
    fields = {name: value for name, value in visit.form.fields.items() if value.strip()}
    if not fields.keys() - _OURS and not visit.form.files:
        return {}
    return {name: value for name, value in fields.items() if name != FORM_TOKEN}
