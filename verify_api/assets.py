"""Style, script and icons of the verifier's pages."""

from fastapi import APIRouter

from core.web.assets import A_DAY, StaticFiles
from core.web.routing import add_page


class Assets(StaticFiles):
    """The files under static/."""

    def __init__(self) -> None:
        super().__init__("verify_api", ("app.css", "app.js", "icon.svg", "favicon.ico"))

    def add_to(self, router: APIRouter) -> None:
        """Add one route for each file, and the address where browsers look for an icon."""
        super().add_to(router)
        add_page(router, "/favicon.ico", self.serve("favicon.ico", A_DAY))
