"""Serving: one service, or several on one port, under uvicorn."""

import os
import sys

import uvicorn
from starlette.types import ASGIApp

from shared.http.app import Service, create_app
from shared.http.host import host
from shared.settings import SettingsError, load_settings
from shared.telemetry import configure_logging


def serve(service: Service) -> None:
    """Run one service alone under its path, as a container does; ends with 2 and a list of mistakes when its settings are wrong."""
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    configure_logging(settings.log_level)
    run(host({service.name: create_app(service, settings)}), bind=os.environ.get("BIND", "127.0.0.1"), port=int(os.environ.get("PORT", "8000")))


def run(app: ASGIApp, *, bind: str, port: int) -> None:
    """Serve until told to stop; open connections get ten seconds."""
    uvicorn.run(app, host=bind, port=port, log_config=None, server_header=False, timeout_graceful_shutdown=10, access_log=False)
