"""The route that finds enterprises by NIK, NIB or name. A POST: what is searched for must not stand in addresses and logs."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import Select, select

from services.facilitation.enterprises.api import OWNER_READERS, EnterpriseProfile, Nib
from services.facilitation.enterprises.names import keys_of, likeness
from services.facilitation.enterprises.nik import checked_nik
from services.facilitation.enterprises.tables import bearing_any, enterprises, named
from services.facilitation.scope import under, within
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.requests import Name, RegionPrefix, RequestModel, router
from shared.security.identity import Caller
from shared.security.personal_data import Vault

routes = router("enterprises")
SHOWN = 50
LOOKED_AT = 500
ALIKE = 0.75


class SearchEnterprises(RequestModel):
    """One of NIK, NIB or name; a name as it sounds, of the owner or of the enterprise."""

    owner_nik: Annotated[str | None, Field(max_length=32, examples=["5304995708890001"])] = None
    nib: Nib | None = None
    name: Annotated[Name | None, Field(examples=["Moh. Soekarno"])] = None
    region_code: RegionPrefix | None = None

    @model_validator(mode="after")
    def one_of_three(self) -> "SearchEnterprises":
        """Exactly one is searched for."""
        if sum(value is not None for value in (self.owner_nik, self.nib, self.name)) != 1:
            raise ValueError("give exactly one of owner_nik, nib and name")
        return self


class Found(EnterpriseProfile):
    """An enterprise found, and how alike its name or its owner's is."""

    owner_name: str
    likeness: float | None = Field(description="0 to 1; null when it was found by its number")


class FoundEnterprises(BaseModel):
    """The likest first, at most fifty."""

    items: list[Found]


@routes.post("/enterprises/search", operation_id="search_enterprises", summary="Cari usaha mikro / Search enterprises")
async def search(request: Request, body: SearchEnterprises, caller: Annotated[Caller, allow(*OWNER_READERS)]) -> FoundEnterprises:
    """In the caller's regions. Titles and degrees do not count, Soekarno is found as Sukarno, Moh. as Muhammad."""
    e, vault = enterprises.c, request.app.state.vault
    columns = e.id, e.name, e.owner_name, e.region_code, e.kbli_section, e.scale_code, e.status, e.registered_on, e.owner_keys, e.name_keys
    scope = [within(e.region_code, caller), *([under(e.region_code, body.region_code)] if body.region_code else [])]
    statement = select(*columns).where(*scope)
    database: Database = request.app.state.database
    async with database.reading() as connection:
        if body.name is None:
            rows = (await connection.execute(statement.where(_number(body, vault)))).all()
            return FoundEnterprises(items=[_found(row, None) for row in rows])
        keys = keys_of(body.name)
        rows = (await connection.execute(_limited(statement.where(named(keys))))).all() if keys else []
        if not rows and len(keys) > 1:
            rows = (await connection.execute(_limited(statement.where(bearing_any(keys))))).all()
    scored = [(max(likeness(keys, row.owner_keys), likeness(keys, row.name_keys)), row) for row in rows]
    best = sorted((each for each in scored if each[0] >= ALIKE or named_by(keys, each[1])), key=lambda each: (-each[0], each[1].id))
    return FoundEnterprises(items=[_found(row, round(alike, 3)) for alike, row in best[:SHOWN]])


def named_by(keys: list[str], row: Any) -> bool:
    """Whether all keys are among those of a row's owner or name: one who is searched for by half a name is found."""
    return set(keys) <= set(row.owner_keys) or set(keys) <= set(row.name_keys)


def _number(body: SearchEnterprises, vault: Vault) -> Any:
    if body.owner_nik is not None:
        return enterprises.c.owner_nik_index == vault.blind_index(checked_nik(body.owner_nik, today()))
    return enterprises.c.nib == body.nib


def _limited(statement: Select[Any]) -> Select[Any]:
    return statement.limit(LOOKED_AT)


def _found(row: Any, alike: float | None) -> Found:
    return Found(**{name: row._mapping[name] for name in Found.model_fields if name != "likeness"}, likeness=alike)
