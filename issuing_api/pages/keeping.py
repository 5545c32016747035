"""Fields of a form that was not taken: they go back into the page, and nowhere else.

Not its files: a browser sends none of its own accord, and of who is not signed in nothing is kept.
"""

from collections.abc import Mapping

from issuing_api.callers import FORM_TOKEN
from issuing_api.pages.asking import KEY
from issuing_api.pages.fields import KEPT_PHOTO, LOST_FILES
from issuing_api.pages.visits import Visit

_OURS = frozenset({FORM_TOKEN, KEY, KEPT_PHOTO, LOST_FILES, "do", "confirmed"})
"""Fields that nobody typed."""


def kept_fields(visit: Visit) -> Mapping[str, str]:
    """Return the fields with which a form can be sent on; none where nothing was typed.

    Without the token of a session: the next one shows the form again before anything is done.
    """
    fields = {name: value for name, value in visit.form.fields.items() if value.strip()}
    if not fields.keys() - _OURS and not visit.form.files:
        return {}
    kept = {name: value for name, value in fields.items() if name != FORM_TOKEN}
    # Files are not kept here: who is not signed in could fill the disk with what belongs to nobody.
    return kept | ({LOST_FILES: "1"} if visit.form.files or visit.form.cut is not None else {})
