"""The whole system as its users start it: `entaskan run` as a process, on either event log."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "deploy" / "kafka"))

from broker import Broker, free_port  # noqa: E402  (a script beside the deployment, not a package)


@dataclass
class Running:
    """A started system."""

    url: str
    folder: Path
    log: str
    process: "subprocess.Popen[str]"
    output: Path
    kafka: str | None

    def get(self, path: str, **parameters: Any) -> Any:
        """Read a public resource."""
        answer = httpx.get(self.url + path, params=parameters, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def programme_id(self) -> str:
        """The programme of the demonstration."""
        played: dict[str, Any] = json.loads((self.folder / "demo-played.json").read_text())
        return str(played["programme"]["programme_id"])


@contextmanager
def running(folder: Path, log: str, kafka: str | None, end: signal.Signals = signal.SIGINT) -> Iterator[Running]:
    """`entaskan run` in `folder`, ended by a signal on leaving; it must then end with 0."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / "terminal.txt"
    environment = os.environ | {"ENTASKAN_DATA": str(folder), "PORT": str(port), "COLUMNS": "120"}
    if kafka:
        environment["ENTASKAN_EVENT_LOG"] = f"kafka://{kafka}"
    with output.open("a") as terminal:
        command = [sys.executable, "-m", "services"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=terminal, stderr=subprocess.STDOUT, text=True)
        try:
            system = Running(f"http://127.0.0.1:{port}", folder, log, process, output, kafka)
            wait_for(system, lambda: httpx.get(f"{system.url}/livez").status_code == 200, 60)
            yield system
            process.send_signal(end)
            assert process.wait(30) == 0, output.read_text()[-3000:]
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_for(system: Running, condition: Any, seconds: float) -> None:
    """Wait until it holds, as long as the system lives."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except httpx.TransportError:
            pass  # not listening yet
        assert system.process.poll() is None, system.output.read_text()[-3000:]
        assert time.monotonic() < deadline, system.output.read_text()[-3000:]
        time.sleep(0.1)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real Kafka broker."""
    with Broker(port=free_port(), data=tmp_path_factory.mktemp("kafka")) as started:
        yield started


@pytest.fixture(scope="module", params=["postgres", "kafka"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The system after its demonstration was played."""
    kafka = request.getfixturevalue("broker").bootstrap if request.param == "kafka" else None
    with running(tmp_path_factory.mktemp(f"system-{request.param}"), request.param, kafka) as started:
        wait_for(started, (started.folder / "demo-played.json").exists, 300)
        yield started
