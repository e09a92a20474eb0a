"""A service's documentation for people and machines: Swagger UI from our own files, and the AsyncAPI document."""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from shared.catalogue.asyncapi import asyncapi_of
from shared.http.access import PUBLIC


def add_documentation(app: FastAPI, name: str) -> None:
    """Serve `/docs` and `/asyncapi.json`."""
    static = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/assets", StaticFiles(directory=static), name="assets")
    asyncapi = asyncapi_of(name)

    @app.get("/asyncapi.json", include_in_schema=False, dependencies=[PUBLIC])
    async def asyncapi_document() -> JSONResponse:
        return JSONResponse(asyncapi)

    @app.get("/docs", include_in_schema=False, dependencies=[PUBLIC])
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=f"{app.title} · API",
            swagger_js_url=f"{root}/assets/swagger-ui-bundle.js",
            swagger_css_url=f"{root}/assets/swagger-ui.css",
            swagger_favicon_url=f"{root}/assets/favicon.png",
            swagger_ui_parameters={"persistAuthorization": True, "tryItOutEnabled": True},
        )
        # Swagger UI starts from an inline script and styles itself inline; nothing else on this page does.
        page.headers["Content-Security-Policy"] = (
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
        )
        return page
