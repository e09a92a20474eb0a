"""What FastAPI's own OpenAPI document cannot be told: which errors look how, who needs a token, and which headers are required."""

from typing import Any

from fastapi import FastAPI

_OPERATIONS = ("get", "put", "post", "delete", "patch")
PROBLEM = "application/problem+json"


def describe_exactly(app: FastAPI, public: frozenset[tuple[str, str]]) -> None:
    """Have the application's document say what its answers are. `public` holds (method, path) of the routes that anybody may call."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for path, item in generate()["paths"].items():
                for method in _OPERATIONS:
                    if method in item:
                        _correct(item[method], public=(method, path) in public)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _correct(operation: dict[str, Any], *, public: bool) -> None:
    for response in operation["responses"].values():
        content = response.get("content", {})
        if PROBLEM in content and str(content.get("application/json", {}).get("schema", {}).get("$ref", "")).endswith("/ProblemDocument"):
            content[PROBLEM] = content.pop("application/json")  # FastAPI puts every model under the media type of success
    if public and "security" in operation:  # a token may be sent
        operation["security"] = [{}, *operation["security"]]
    headers = {parameter["name"]: parameter for parameter in operation.get("parameters", []) if parameter["in"] == "header"}
    # Their absence has answers of its own (400 and 428) rather than 422, so they are optional in the code.
    for name in ("if-match",) if "if-match" in headers else ("idempotency-key",):
        if name in headers:
            headers[name]["required"] = True
            headers[name]["schema"] = {key: value for key, value in headers[name]["schema"].items() if key != "anyOf"} | {"type": "string"}
