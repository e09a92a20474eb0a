"""PostgreSQL of the machine (not the embedded one): durable, killable, with a streaming standby where a fault wants one."""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg

from tests.faults.processes import Watch, until
from tests.kafka import free_port

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "300",
    "wal_level": "replica",
    "wal_log_hints": "on",
    "max_wal_senders": "6",
    "wal_keep_size": "256MB",
    "hot_standby": "on",
    "logging_collector": "off",
}


class PostgresMissing(RuntimeError):
    """No PostgreSQL is installed."""


def _program(name: str) -> str:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda found: float(found.parent.name), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    if found := shutil.which(name):
        return found
    raise PostgresMissing(f"{name} is not installed (Debian: apt-get install postgresql)")


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresMissing("neither the user postgres nor nobody exists")


class Server:
    """One PostgreSQL cluster in `folder` on its own port. It may be stopped, killed and started again; its data stay."""

    def __init__(self, folder: Path, watch: Watch, *, port: int | None = None, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.settings = SETTINGS | (settings or {})
        self.password = secrets.token_hex(16)
        self.passwords: dict[str, str] = {}
        self.log = folder.with_suffix(".log")
        self._as = _unprivileged()
        self._watch = watch
        self._process: subprocess.Popen[bytes] | None = None

    def _run(self, *command: str, environment: dict[str, str] | None = None) -> None:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", env=os.environ | (environment or {}), **self._as)
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr[-2000:]}")

    def _own(self, path: Path) -> None:
        if self._as:
            os.chown(path, self._as["user"], self._as["group"])

    def create(self) -> None:
        """`initdb`, with passwords for everybody."""
        self.folder.mkdir(parents=True, mode=0o700)
        self._own(self.folder)
        secret = self.folder.with_suffix(".password")
        secret.touch(mode=0o600)
        self._own(secret)
        secret.write_text(self.password)
        self._run(_program("initdb"), "-D", str(self.folder), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret}")
        secret.unlink()

    @property
    def pid(self) -> int:
        assert self._process, "PostgreSQL is not running"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start the postmaster without waiting."""
        assert not self.running
        options = [part for name, value in (self.settings | {"port": str(self.port)}).items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            command = [_program("postgres"), "-D", str(self.folder), *options]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True, **self._as)
        self._watch.add(self._process.pid)

    async def start(self, seconds: float = 60.0) -> None:
        """Start and wait until it answers; after a kill it recovers first, and waits for the children of the former postmaster to be gone."""
        self.launch()

        async def answers() -> bool:
            if not self.running:
                self._forget()
                self.launch()
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await asyncpg.connect(self.admin_url("postgres"), timeout=3)
                await connection.close()
                return True
            return False

        try:
            await until(answers, seconds, "PostgreSQL answers", every=0.1)
        except TimeoutError:
            raise RuntimeError(f"PostgreSQL did not start: {self.log.read_text(errors='replace')[-2000:]}") from None

    def _forget(self) -> None:
        if self._process:
            self._process.wait()
            self._watch.forget(self._process.pid)
            self._process = None

    async def _end(self, how: signal.Signals, seconds: float) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        await until(lambda: not self.running, seconds, f"PostgreSQL ended after {how.name}", every=0.02)
        self._forget()

    async def kill(self) -> None:
        """SIGKILL to the postmaster, as on a power cut: nothing is flushed, and the next start recovers from the log."""
        await self._end(signal.SIGKILL, 10)

    async def stop(self) -> None:
        """A fast shutdown."""
        await self._end(signal.SIGINT, 60)

    async def restart(self, *, immediate: bool = False) -> None:
        """`immediate` is `pg_ctl restart -m immediate`."""
        await self._end(signal.SIGQUIT if immediate else signal.SIGINT, 60)
        await self.start()

    def freeze(self) -> None:
        """SIGSTOP to the postmaster: sessions go on, new ones wait."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def admin_url(self, database: str) -> str:
        """For asyncpg, as superuser."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def url(self, service: str, database: str | None = None) -> str:
        """What a service is given, under its own role."""
        return f"postgresql+asyncpg://{service}:{self.passwords[service]}@127.0.0.1:{self.port}/{database or service}"

    async def execute(self, statement: str, *arguments: Any, database: str = "postgres") -> Any:
        """One statement as superuser, outside any transaction; the rows it returns."""
        connection = await asyncpg.connect(self.admin_url(database), timeout=10)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close(timeout=5)

    async def create_roles(self, services: Sequence[str]) -> None:
        """A role for each service, bounded as in the deployment."""
        await self.execute("REVOKE CONNECT, TEMPORARY ON DATABASE postgres FROM PUBLIC")
        for service in services:
            self.passwords[service] = secrets.token_hex(16)
            rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 60"
            await self.execute(f"CREATE ROLE {service} {rights} PASSWORD '{self.passwords[service]}'")

    async def create_database(self, service: str, name: str, template: str = "template0") -> None:
        """A database that no other service's role can enter."""
        await self.execute(f"CREATE DATABASE {name} OWNER {service} TEMPLATE {template}")
        await self.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        if template == "template0":
            await self.execute(f"ALTER SCHEMA public OWNER TO {service}", database=name)
            await self.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC", database=name)

    async def drop_database(self, name: str) -> None:
        """With the sessions that are in it."""
        await self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def standby(self, folder: Path, name: str, **settings: str) -> "Server":
        """A running streaming standby, `application_name` `name`; see `follow_synchronously`."""
        standby = Server(folder, self._watch, settings=self.settings | settings)
        standby.password, standby.passwords = self.password, self.passwords
        folder.mkdir(parents=True, mode=0o700)
        standby._own(folder)
        conninfo = f"host=127.0.0.1 port={self.port} user=postgres application_name={name}"
        environment = {"PGPASSWORD": self.password}
        await asyncio.to_thread(
            self._run, _program("pg_basebackup"), "-D", str(folder), "-d", conninfo, "-X", "stream", "-c", "fast", "-R", environment=environment
        )
        await standby.start()
        return standby

    async def follow_synchronously(self, names: str) -> None:
        """Commits wait for the standbys named, such as `FIRST 1 (a)`; an empty text turns that off. Returns when one of them keeps up."""
        await self.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        await self.execute("SELECT pg_reload_conf()")
        if names:

            async def synchronous() -> bool:
                return bool(await self.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"))

            await until(synchronous, 30, "a synchronous standby")

    async def promote(self) -> None:
        """Make a standby the primary."""
        await self.execute("SELECT pg_promote(true, 30)")


async def standby_of(primary: Server, folder: Path, *, name: str = "standby", synchronous: bool = True) -> Server:
    """A streaming standby of a running server, by default one that every commit waits for."""
    standby = await primary.standby(folder, name)
    if synchronous:
        await primary.follow_synchronously(f"FIRST 1 ({name})")
    return standby
