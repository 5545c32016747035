"""Route of matters: which licences and fields say what a service asks for. It is of no holder."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from issuing_api.calls import Limit, page, tag
from issuing_api.wire import BilingualWire, ToldWire
from registry.bodies.matters import AcceptedLicence, HolderOf, Matter, find_matter, list_matters
from registry.desk.desk import Desk
from registry.desk.rights import CallerStanding as Caller

_Code = Annotated[str | None, Query(max_length=64, description="One matter alone.")]
_Holder = Annotated[HolderOf | None, Query(description="Licences alone that such holders have.")]
_After = Annotated[str | None, Query(max_length=64, description="As `next` has it.")]


class MatterFieldWire(ToldWire):
    """A field that says what the material would."""

    key: str
    label: BilingualWire


class AcceptedWire(ToldWire):
    """A licence type that will do."""

    type: str
    slug: str
    name: BilingualWire
    holders: list[HolderOf]
    fields: list[MatterFieldWire]

    @classmethod
    def of(cls, one: AcceptedLicence) -> "AcceptedWire":
        """Describe a type."""
        return cls(
            type=one.licence_type.code,
            slug=one.licence_type.slug,
            name=BilingualWire.of(one.licence_type.name),
            holders=sorted(one.holders),
            fields=[
                MatterFieldWire(key=field.key, label=BilingualWire.of(field.label))
                for field in one.fields
            ],
        )


class MaterialWire(ToldWire):
    """A material that a matter asks for."""

    name: BilingualWire
    licences: list[AcceptedWire] = Field(description="Any of them will do; none: paper is needed.")


class MatterWire(ToldWire):
    """A matter, and which licences stand for its materials."""

    matter: str
    authority: str
    name: BilingualWire
    materials: list[MaterialWire]

    @classmethod
    def of(cls, one: Matter) -> "MatterWire":
        """Describe a matter."""
        return cls(
            matter=one.code,
            authority=one.authority_id,
            name=BilingualWire.of(one.name),
            materials=[
                MaterialWire(
                    name=BilingualWire.of(material.name),
                    licences=[AcceptedWire.of(accepted) for accepted in material.accepted],
                )
                for material in one.materials
            ],
        )


class MattersWire(ToldWire):
    """Matters by code."""

    matters: list[MatterWire]
    next: str | None = Field(description="Address of the next page, if there is one.")


def add_matters(router: APIRouter, desk: Desk, signed_in: Any) -> None:
    """Add the route of matters, for whoever is signed in."""

    @router.get("/matters", summary="Matters and the licences for them 事项", tags=["matters"])
    def matters(
        *,
        caller: Annotated[Caller, signed_in],
        request: Request,
        response: Response,
        code: _Code = None,
        holder: _Holder = None,
        cursor: _After = None,
        limit: Limit = 100,
    ) -> MattersWire:
        """Tell the licences that stand for what a service asks for, so that no paper is needed."""
        del caller
        with desk.rights.database.reading() as connection:
            if code is not None:
                found = [find_matter(connection, desk.catalogue, code, holder)]
            else:
                found = list_matters(
                    connection, desk.catalogue, holder=holder, after=cursor or "", limit=limit + 1
                )
        shown, following = page(request, response, found, limit, lambda one: one.code)
        told = MattersWire(matters=[MatterWire.of(one) for one in shown], next=following)
        tag(response, told)
        return told
