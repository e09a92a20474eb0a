"""Child processes of a fault run: services as containers run them, and the watch that ends everything when the runner itself dies."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

import httpx

from tests.kafka import free_port

ROOT = Path(__file__).parents[2]
_WATCH = """
import os, sys
children = set()
for line in sys.stdin:
    (children.add if line[0] == "+" else children.discard)(int(line[1:]))
for pid in children:
    try: os.kill(pid, 9)
    except ProcessLookupError: pass
"""


class Watch:
    """A process that outlives a runner killed outright, and then kills the children it was told of."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-S", "-c", _WATCH], stdin=subprocess.PIPE, text=True, start_new_session=True)

    def add(self, pid: int) -> None:
        """Watch over a child."""
        self._tell(f"+{pid}")

    def forget(self, pid: int) -> None:
        """The child was waited for: its number may belong to somebody else from now on."""
        self._tell(f"-{pid}")

    def _tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """Nothing is left to watch over."""
        self._process.communicate()


async def until(condition: object, seconds: float, what: str, every: float = 0.05) -> None:
    """Wait until the (possibly async) condition holds; `TimeoutError` names what did not happen."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        outcome = condition()  # type: ignore[operator]
        if asyncio.iscoroutine(outcome):
            outcome = await outcome
        if outcome:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(every)


class ServiceProcess:
    """One `python -m services.<name>`: started, killed, frozen and thawed at will.

    With `supervised` a process that dies by itself is started again without its crash setting, as a container engine would.
    """

    def __init__(self, name: str, environment: dict[str, str], folder: Path, watch: Watch, number: int = 1) -> None:
        self.name = name
        self.port = free_port()
        self.output = folder / f"{name}-{number}.log"
        self.deaths: list[float] = []
        self.died = asyncio.Event()
        self._environment = environment
        self._watch = watch
        self._process: subprocess.Popen[bytes] | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._file: IO[bytes] | None = None
        self._frozen = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.name}"

    @property
    def pid(self) -> int:
        assert self._process, f"{self.name} is not running"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, crash_at: str | None = None, supervised: bool = True, environment: dict[str, str] | None = None) -> None:
        """Start it; `crash_at` is `<point>:<n>` of the crash points, `environment` is added for this start alone."""
        assert not self.running, f"{self.name} runs already"
        self.died.clear()
        self._launch({"ENTASKAN_CRASH_AT": crash_at or ""} | (environment or {}))
        if supervised:
            self._supervisor = asyncio.create_task(self._supervise())

    def _launch(self, more: dict[str, str]) -> None:
        if self._file is None:
            self._file = self.output.open("ab")
        command = [sys.executable, "-m", f"services.{self.name}"]
        settings = {**self._environment, "PORT": str(self.port), "BIND": "127.0.0.1", **more}
        self._process = subprocess.Popen(command, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, stdout=self._file, stderr=subprocess.STDOUT)
        self._watch.add(self._process.pid)

    async def _supervise(self) -> None:
        while True:
            await until(lambda: not self.running, float("inf"), "", every=0.02)
            self.deaths.append(asyncio.get_running_loop().time())
            self._watch.forget(self.pid)
            self._launch({"ENTASKAN_CRASH_AT": ""})
            self.died.set()

    async def wait_ready(self, seconds: float = 90.0) -> None:
        """Return when /readyz says so."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:

            async def ready() -> bool:
                assert self.running or self._supervisor, f"{self.name} ended: {self.tail()}"
                with suppress(httpx.TransportError):
                    return (await client.get(f"{self.url}/readyz")).status_code == 200
                return False

            await until(ready, seconds, f"{self.name} ready")

    def tail(self) -> str:
        """The end of what it said."""
        return self.output.read_text(errors="replace")[-3000:]

    def freeze(self) -> None:
        """SIGSTOP: alive, silent."""
        os.kill(self.pid, signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)
        self._frozen = False

    async def kill(self) -> None:
        """SIGKILL, and nobody starts it again."""
        await self._end(signal.SIGKILL, 10)

    async def terminate(self, seconds: float = 30.0) -> None:
        """SIGTERM, as a container engine stops it: it must end in order."""
        await self._end(signal.SIGTERM, seconds)

    async def _end(self, how: signal.Signals, seconds: float) -> None:
        if self._supervisor:
            self._supervisor.cancel()
            await asyncio.gather(self._supervisor, return_exceptions=True)
            self._supervisor = None
        if self._process is None:
            return
        if self._frozen:
            self.thaw()
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        try:
            await until(lambda: not self.running, seconds, f"{self.name} ended after {how.name}", every=0.02)
        finally:
            self._process.kill()
            self._process.wait()
            self._watch.forget(self._process.pid)
            self._process = None
            if self._file:
                self._file.close()
                self._file = None

    async def restart(self, *, crash_at: str | None = None, environment: dict[str, str] | None = None) -> None:
        """Stop in order and start again; ready on return."""
        await self.terminate()
        self.start(crash_at=crash_at, environment=environment)
        await self.wait_ready()

    def owns_port(self, port: int) -> bool:
        """Whether a TCP connection of this process leaves from the local `port`: tells which process a database session belongs to."""
        inodes = {fields[9] for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:]) if int(fields[1].split(":")[1], 16) == port}
        for descriptor in Path(f"/proc/{self.pid}/fd").iterdir():
            with suppress(OSError):
                if (target := os.readlink(descriptor)).startswith("socket:[") and target[8:-1] in inodes:
                    return True
        return False
