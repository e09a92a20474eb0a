"""The operator's command line: `entaskan run`, `entaskan demo`, `entaskan token`, `entaskan migrate`, `entaskan republish`."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import UUID

import typer
import uvloop
from rich.console import Console

from shared.security.demo_issuer import issue_token
from shared.security.identity import REGIONAL, Role
from shared.settings import Settings, SettingsError, load_settings
from shared.telemetry import configure_logging

if TYPE_CHECKING:
    from shared.http.app import Service

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, help="Entaskan: koordinasi, pemetaan, fasilitasi, pemantauan.")
console = Console(stderr=False)


def _fail(message: object) -> NoReturn:
    Console(stderr=True).print(str(message), style="bold red", highlight=False, markup=False)
    raise typer.Exit(2)


@app.command()
def run(
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535)] = 8000,
    demo: Annotated[bool, typer.Option(help="play the demonstration once, if it was not played before")] = True,
) -> None:
    """Run all four services in one process on an embedded PostgreSQL; data stay in `.data` (ENTASKAN_DATA) between runs."""
    # Imported here: the other commands should not wait for four services.
    from services.embedded.demo import play_once
    from services.embedded.postgres import PostgresError
    from services.embedded.system import Address, PortTaken, data_folder, serve_embedded

    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.jsonl").open("a", buffering=1) as log:
        configure_logging(os.environ.get("ENTASKAN_LOG_LEVEL", "INFO"), log)

        async def when_serving(address: Address) -> None:
            _welcome(address.url, folder)
            if demo:
                await play_once(address.url, folder, console)

        # Until uvicorn takes signals itself: as Ctrl-C it lets the database be stopped too, instead of ending us at once.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            uvloop.run(serve_embedded(folder, port, when_serving))
        except (PostgresError, PortTaken, SettingsError) as error:
            _fail(error)
        except KeyboardInterrupt:
            pass
    console.print("Entaskan berhenti. / Entaskan stopped.")


def _welcome(url: str, folder: Path) -> None:
    lines = [
        ("Portal", f"{url}/"),
        ("Dasbor / dashboard", f"{url}/monitoring/dashboard"),
        *((f"API {name}", f"{url}/{name}/docs") for name in ("coordination", "mapping", "facilitation", "monitoring")),
        ("Peristiwa / events", f"{url}/mapping/asyncapi.json (dan tiga lainnya / and three more)"),
        ("Token", "entaskan token --role programme_owner"),
        ("Log", str(folder / "log.jsonl")),
    ]
    console.print("\n[bold green]Entaskan berjalan. / Entaskan is running.[/] Ctrl-C menghentikan / stops it.")
    for name, value in lines:
        console.print(f"  {name:<20} {value}", highlight=False, soft_wrap=True)


@app.command()
def demo(url: Annotated[str, typer.Option(help="where the embedded system answers")] = "http://127.0.0.1:8000") -> None:
    """Play the demonstration against a running embedded system; repeating it changes nothing."""
    from services.embedded.demo import DemoFailed, play
    from services.embedded.system import data_folder

    try:
        asyncio.run(play(url, data_folder(), console))
    except DemoFailed as error:
        _fail(error)


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="one role of the role matrix")],
    institution: Annotated[UUID | None, typer.Option(help="id of the institution acted for")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Kemendagri code; may be repeated")] = None,
    subject: Annotated[str, typer.Option(help="pseudonym of the person")] = "",
    hours: Annotated[int, typer.Option(min=1, max=720)] = 12,
) -> None:
    """Print a bearer token of the demo issuer (embedded mode only)."""
    from services.embedded.system import data_folder

    if role in REGIONAL and not region:
        _fail(f"--region is needed for the role {role}: without it the token sees nothing")
    try:
        issued = issue_token(
            data_folder() / "demo-issuer",
            subject=subject or f"demo-{role}",
            role=role,
            institution_id=institution,
            regions=region or (),
            seconds=hours * 3600,
        )
    except FileNotFoundError:
        _fail("there is no demo issuer yet: start `entaskan run` once in this folder")
    sys.stdout.write(issued + "\n")


@app.command()
def migrate(service: Annotated[str, typer.Argument(help="coordination, mapping, facilitation or monitoring")]) -> None:
    """Bring a service's database (ENTASKAN_DATABASE_URL) to the newest revision, with its reference tables."""
    from services.embedded.system import prepare

    chosen, settings = _chosen(service)
    asyncio.run(prepare(chosen, settings.database_url))
    console.print(f"{service}: up to date")


@app.command()
def republish(service: Annotated[str, typer.Argument(help="coordination, mapping, facilitation or monitoring")]) -> None:
    """Have a service's events that the log lost published again, from its outbox; to be run after a loss of the log's data.

    The running service publishes them. Consumers drop what they know; bring their groups back to the earliest offset as well.
    """
    from shared.database import create_engine
    from shared.eventlog import LogUnavailable, event_log
    from shared.republish import republish_missing

    chosen, settings = _chosen(service)

    async def compare() -> tuple[int, int]:
        engine, log = create_engine(settings.database_url), event_log(settings.event_log)
        try:
            return await republish_missing(service, engine, chosen.metadata, log)
        finally:
            await log.close()
            await engine.dispose()

    try:
        published, missing = asyncio.run(compare())
    except LogUnavailable as error:
        _fail(f"the event log cannot be read, nothing was changed: {error}")
    console.print(f"{service}: {published} events were published, {missing} of them are not on the log and are published again")


def _chosen(service: str) -> "tuple[Service, Settings]":
    """A service by its name, and the settings of this process; both are told what is wrong with them."""
    from services.embedded.system import SERVICES

    known = {each.name: each for each in SERVICES}
    if service not in known:
        _fail(f"unknown service; choose one of {', '.join(known)}")
    try:
        settings = load_settings()
    except SettingsError as error:
        _fail(error)
    configure_logging(settings.log_level)
    return known[service], settings


if __name__ == "__main__":
    app()
