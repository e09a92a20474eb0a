"""Who acts in the demonstration: callers of the public HTTP APIs with tokens of the demo issuer."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import httpx
from rich.progress import Progress

from shared.security.demo_issuer import issue_token
from shared.security.identity import Role


class DemoFailed(Exception):
    """A request of the story was not answered as the story needs; the text says which and why."""


class Actor:
    """A person with a token."""

    def __init__(self, client: httpx.AsyncClient, folder: Path, name: str, role: Role, institution_id: UUID | None, regions: list[str]) -> None:
        self._client = client
        self._name = name
        token = issue_token(folder / "demo-issuer", subject=name, role=role, institution_id=institution_id, regions=regions)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    async def create(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """POST something new, or get it back when it was made before."""
        created: dict[str, Any] = await self._send("POST", path, json=body, headers={"Idempotency-Key": f"demo-{key}"})
        return created

    async def change(
        self, path: str, verb: str, body: dict[str, Any] | None = None, *, key: str | None = None, read_as: "Actor | None" = None
    ) -> dict[str, Any]:
        """A transition from the version that `read_as` (or this actor) sees now."""
        seen = await self._client.get(path, headers=(read_as or self)._headers)
        _refuse_failure(seen, path)
        headers = {"If-Match": seen.headers["ETag"], "Idempotency-Key": f"demo-{key or path + verb}"}
        changed: dict[str, Any] = await self._send("POST", f"{path}/{verb}", json=body, headers=headers)
        return changed

    async def get(self, path: str, **parameters: str) -> Any:
        """Read."""
        return await self._send("GET", path, params=parameters)

    async def all(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        items: list[dict[str, Any]] = []
        while True:
            page = await self.get(path, limit="200", **parameters)
            items += page["items"]
            if not page.get("next_cursor"):
                return items
            parameters["cursor"] = page["next_cursor"]

    async def _send(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = await self._client.request(method, path, **kwargs | {"headers": self._headers | kwargs.pop("headers", {})})
        _refuse_failure(answer, path)
        return answer.json()


def _refuse_failure(answer: httpx.Response, path: str) -> None:
    if answer.is_error:
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        why = f"{problem.get('code', '')} {problem.get('detail', answer.text[:200])} {problem.get('errors', '')}"
        raise DemoFailed(f"{answer.request.method} {path}: {answer.status_code} {why}")


class Stage:
    """One line of the progress display."""

    def __init__(self, progress: Progress, description: str, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task(description, total=total)

    def __enter__(self) -> Self:
        return self

    def advance(self, steps: int = 1) -> None:
        """So many steps are done."""
        self._progress.advance(self._task, steps)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.refresh()
