"""How answers are read in the tests of the HTTP kit."""

import re

import httpx


def faults_of(answer: httpx.Response, status: int, code: str, *, english: bool = False) -> list[str]:
    """What is wrong with an answer that should be a problem document."""
    if (answer.status_code, answer.headers.get("content-type")) != (status, "application/problem+json"):
        return [f"{answer.status_code} {answer.text[:200]}"]
    document = answer.json()
    members = ("type", "title", "status", "detail", "action", "code", "instance")
    faults = [f"no {name}" for name in members if not document.get(name)]
    faults += [f"code {document['code']}"] if document["code"] != code else []
    faults += ["status differs"] if document["status"] != status else []
    faults += ["instance is not the request id"] if document["instance"] != f"urn:request:{answer.headers['x-request-id']}" else []
    faults += [f"language {answer.headers['content-language']}"] if answer.headers["content-language"] != ("en" if english else "id") else []
    faults += ["may be cached"] if answer.headers["cache-control"] != "no-store" else []
    return faults


def next_link(answer: httpx.Response) -> str | None:
    links: dict[str, str] = {rel: path for path, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["link"])}
    assert "cursor" not in links["first"]
    return links.get("next")
