"""Invented enterprises, and callers that send one request after the other."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.facilitation.enterprise_imports.rows import COLUMNS
from shared.security.demo_issuer import issue_token
from shared.security.identity import Role
from tests.faults.world import World

_FIRST = ("Siti", "Maria", "Yohana", "Sumarni", "Lodia", "Agus", "Bambang", "Dewi", "Eko", "Fitri", "Hendra", "Indah", "Joko", "Kartini", "Made", "Putu")
_LAST = ("Nenohai", "Bria", "Sukarno", "Rahayu", "Wibowo", "Siregar", "Tambunan", "Lubis", "Pasaribu", "Sinaga", "Taek", "Uskono", "Yosefina")


@dataclass(frozen=True)
class Invented:
    """An enterprise, and what nobody may read elsewhere."""

    nik: str
    owner: str
    cells: list[str]


def invented(region_code: str, count: int, random: Random) -> list[Invented]:
    """So many for one regency; sub-district 99 exists nowhere, so nobody holds these NIKs, and each name holds a token found nowhere else."""
    found = []
    for serial in range(1, count + 1):
        born = date(1960, 1, 1) + timedelta(days=random.randrange(16_000))
        woman = random.random() < 0.6
        nik = f"{region_code.replace('.', '')}99{born.day + 40 * woman:02d}{born:%m%y}{serial:04d}"
        owner = f"{random.choice(_FIRST)} {random.choice(_LAST)} Qz{random.getrandbits(40):010x}"
        cells = {
            "name": f"Usaha {region_code}-{serial}",
            "owner_name": owner,
            "owner_nik": nik,
            "owner_sex": "P" if woman else "L",
            "region_code": region_code,
            "kbli_section": "C",
            "kbli_code": "13121",
            "capital_idr": str(1_000_000 * random.randint(2, 60)),
            "annual_sales_idr": str(1_000_000 * random.randint(10, 200)),
            "nib": "",
            "consent_purpose": "programme_facilitation",
            "consent_on": "2025-06-01",
        }
        found.append(Invented(nik, owner, [cells[name] for name in COLUMNS]))
    return found


def as_csv(rows: Sequence[Invented]) -> bytes:
    """The file that a regency sends."""
    out = io.StringIO()
    csv.writer(out).writerows([list(COLUMNS.values()), *(row.cells for row in rows)])
    return out.getvalue().encode()


class Refused(Exception):
    """The story asks for nothing that may be refused."""


@dataclass
class Caller:
    """Somebody with a token; `refusals` keeps the texts of errors, which are searched for personal data too."""

    world: World
    http: httpx.AsyncClient
    name: str
    role: Role
    institution: str | None = None
    regions: tuple[str, ...] = ()
    refusals: list[str] = field(default_factory=list)
    requests: int = 0

    def __post_init__(self) -> None:
        institution = UUID(self.institution) if self.institution else None
        token = issue_token(self.world.issuer, subject=self.name, role=self.role, institution_id=institution, regions=self.regions)
        self._headers = {"Authorization": f"Bearer {token}"}

    async def send(self, method: str, path: str, body: Any = None, *, version: int | None = None, **how: Any) -> httpx.Response:
        """One request to facilitation; `Refused` unless it succeeds."""
        headers = self._headers | {"Idempotency-Key": uuid4().hex} | ({"If-Match": f'"{version}"'} if version else {}) | how.pop("headers", {})
        self.requests += 1
        answer = await self.http.request(method, f"{self.world.services['facilitation'].url}/v1/{path}", headers=headers, json=body, **how)
        if answer.is_error:
            self.refusals.append(answer.text)
            raise Refused(f"{self.name}: {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    async def get(self, path: str, **params: Any) -> Any:
        """What is there."""
        return (await self.send("GET", path, params=params)).json()

    async def create(self, path: str, body: Any = None) -> Any:
        """Something new."""
        return (await self.send("POST", path, body)).json()

    async def change(self, path: str, verb: str, body: Any = None, *, version: int) -> tuple[Any, int]:
        """A transition from a version; the answer and the new version."""
        answer = await self.send("POST", f"{path}/{verb}", body, version=version)
        return answer.json(), int(answer.headers["ETag"].strip('"'))

    async def changes(self, path: str, *verbs: tuple[str, Any], version: int) -> tuple[Any, int]:
        """Several in a row."""
        document: Any = None
        for verb, body in verbs:
            document, version = await self.change(path, verb, body, version=version)
        return document, version
