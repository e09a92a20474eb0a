"""The import rules of pyproject.toml hold, and cover every concept."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SERVICES = ("coordination", "mapping", "facilitation", "monitoring")
LAYERS = {"api", "consumers", "handlers", "queries", "tables", "domain"}


def contracts() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)["tool"]["importlinter"]
    return {contract["id"]: contract for contract in settings["contracts"]}


def concepts() -> set[str]:
    """Every folder of a service that is a package."""
    folders = (path.parent for service in SERVICES for path in (ROOT / "services" / service).glob("*/__init__.py"))
    return {".".join(folder.relative_to(ROOT).parts) for folder in folders}


def test_the_import_rules_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_concept_is_layered() -> None:
    assert concepts() == set(contracts()["concept-layers"]["containers"]), "add the concept to the layers contract in pyproject.toml"


def test_every_service_is_apart() -> None:
    found = {f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/app.py")}
    assert found == {f"services.{name}" for name in SERVICES} == set(contracts()["services-apart"]["modules"])


def test_no_rule_has_exceptions() -> None:
    assert [contract["id"] for contract in contracts().values() if "ignore_imports" in contract] == []


def test_the_rules_would_notice(tmp_path: Path) -> None:
    """Each rule is broken once, on a copy with one import added."""
    broken = {
        "services-apart": ("services/mapping/reference.py", "import services.coordination.schema"),
        "services-alone": ("services/mapping/reference.py", "import services.embedded.postgres"),
        "shared-below": ("shared/money.py", "import services.coordination"),
        "domain-plain": ("shared/money.py", "import pydantic"),
        "handlers-no-http": ("services/coordination/institutions/handlers.py", "import shared.http.pages"),
        "handlers-no-kafka": ("services/coordination/institutions/handlers.py", "import shared.eventlog"),
        "concept-layers": ("services/coordination/institutions/tables.py", "import services.coordination.institutions.handlers"),
        "downwards-domain": ("services/coordination/institutions/domain.py", "import services.coordination.programmes.tables"),
        "downwards-tables": ("services/coordination/institutions/tables.py", "import services.coordination.programmes.handlers"),
        "downwards-handlers": ("services/coordination/institutions/handlers.py", "import services.coordination.programmes.api"),
        "composition-root": ("shared/http/app.py", "import services.coordination.app"),
    }
    assert broken.keys() == contracts().keys()
    for package in ("services", "shared"):
        for path in (ROOT / package).rglob("*.py"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for rule, (name, line) in broken.items():
        changed = tmp_path / name
        whole = changed.read_text()
        changed.write_text(f"{whole}\n{line}\n")
        command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo", "--contract", rule]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        changed.write_text(whole)
        assert done.returncode == 1 and "BROKEN" in done.stdout, f"{rule}: {done.stdout}{done.stderr}"
