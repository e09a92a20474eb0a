"""A real Apache Kafka broker (KRaft: no ZooKeeper) for development, tests and CI, from the jars that pom.xml beside this file names.

    python deploy/kafka/broker.py fetch                  download the jars to .kafka/libs, unless they are there
    python deploy/kafka/broker.py run --port 9092        run one broker in the foreground; its data stay in .kafka/data
    python deploy/kafka/broker.py tool topics --list --bootstrap-server 127.0.0.1:9092

It listens on 127.0.0.1 only and, unless `settings` say otherwise, without authentication. Tests use the class (or `cluster`):

    with Broker(port=free_port(), data=tmp_path) as broker:
        ... broker.bootstrap ...
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".kafka"
CLUSTER_ID = "EntaskanKafka-local-Aw"  # 16 bytes in URL-safe base64, as Kafka wants
JAVA = "openjdk-17-jre-headless"  # or a newer one
TOOLS = {
    "acls": "org.apache.kafka.tools.AclCommand",
    "configs": "kafka.admin.ConfigCommand",
    "groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "storage": "kafka.tools.StorageTool",
    "topics": "org.apache.kafka.tools.TopicCommand",
}
# Chosen for a short start: one compiler tier and the plain collector. A broker under sustained load would rather have neither.
JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Djava.awt.headless=true"]
# A small process that outlives a parent killed outright: its stdin ends when the parent does, and it then stops the broker. PDEATHSIG
# was not used: it fires when the *thread* that started the broker ends, and needs a preexec_fn, which is unsafe beside threads.
WATCH = """trap '' INT TERM HUP; read -r _; kill -TERM "$1" || exit 0
for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$1" || exit 0; done; kill -KILL "$1" """


class BrokerError(RuntimeError):
    """The broker, or something it needs, could not be had; the message says which and what to do."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago. It lies below the range from which Linux takes the ports of outgoing
    connections, so that no client can come to hold it (not even by connecting to itself) while a broker is down.
    """
    while True:
        with contextlib.suppress(OSError), socket.socket() as sock:
            sock.bind(("127.0.0.1", port := random.randrange(20000, 32000)))
            return port


def _program(name: str, package: str) -> str:
    if found := shutil.which(name):
        return found
    raise BrokerError(f"{name} is not on the PATH; install it (on Debian: apt-get install {package})")


def _complete(command: list[str], failure: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise BrokerError(f"{failure}:\n{done.stdout[-2000:]}")


def fetch() -> Path:
    """Copies the jars to .kafka/libs unless those of this very pom.xml are there; safe to call from several processes at once."""
    _program("java", JAVA)
    HOME.mkdir(exist_ok=True)
    with (HOME / "fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pom, libs, fresh = HERE / "pom.xml", HOME / "libs", HOME / "libs.new"
        if not (libs / "pom.xml").is_file() or (libs / "pom.xml").read_bytes() != pom.read_bytes():
            shutil.rmtree(fresh, ignore_errors=True)
            goal = ["dependency:copy-dependencies", f"-DoutputDirectory={fresh}", "-DincludeScope=runtime"]
            _complete([_program("mvn", "maven"), "-q", "-B", "-f", str(pom), *goal], "mvn could not fetch the Kafka jars")
            shutil.copy(pom, fresh)
            shutil.rmtree(libs, ignore_errors=True)
            fresh.rename(libs)
    return libs


def java(main: str, *args: str, heap: str = "256m") -> list[str]:
    """The command line that runs a main class of the jars (fetched if need be), logging as log4j2.properties says."""
    log = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
    return [_program("java", JAVA), f"-Xmx{heap}", *JVM, log, "-cp", f"{fetch()}/*", main, *args]


@dataclass
class Broker:
    """One Kafka node, broker and controller at once: a Java process, its data directory and its ports. After `stop` or `kill` it may be
    started again. After a `kill` that takes 3 s longer, until the session of the former run has ended.
    """

    port: int = field(default_factory=free_port)
    data: Path = HOME / "data"
    heap: str = "512m"
    node_id: int = 1
    voters: dict[int, int] = field(default_factory=dict)  # each node's controller port by node id; none: this node, a free port
    settings: dict[str, str] = field(default_factory=dict)  # lines for server.properties; these win
    format_args: list[str] = field(default_factory=list)  # for the storage tool at first use, such as --add-scram
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _watches: list[subprocess.Popen[bytes]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.data = Path(self.data).resolve()
        self.log = self.data / "broker.log"
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.voters = self.voters or {self.node_id: free_port()}

    def __enter__(self) -> Broker:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def properties(self) -> str:
        """What server.properties will hold: the files beside this one, then this node's lines; of two lines for a key the last wins."""
        values = {
            "node.id": str(self.node_id),
            "log.dirs": str(self.data / "store"),
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self.voters[self.node_id]}",
            # Fixed voters, not a voter set kept in the metadata log: so the controllers' ports may differ from run to run.
            "controller.quorum.voters": ",".join(f"{node}@127.0.0.1:{port}" for node, port in self.voters.items()),
            **self.settings,
        }
        files = ["server.properties", "three.properties"] if len(self.voters) >= 3 else ["server.properties"]
        return "".join([*((HERE / name).read_text() for name in files), *(f"{key}={value}\n" for key, value in values.items())])

    def launch(self) -> None:
        """Formats the storage at first use and starts the process, without waiting for it to be ready."""
        if self.process is not None:
            raise BrokerError("this broker is already running")
        self.data.mkdir(parents=True, exist_ok=True)
        config = self.data / "server.properties"
        config.write_text(self.properties())
        if not (self.data / "store" / "meta.properties").is_file():
            args = ("format", "--cluster-id", CLUSTER_ID, "--config", str(config), *self.format_args)
            _complete(java(TOOLS["storage"], *args), "the storage could not be formatted")
        if self.log.is_file():
            self.log.replace(self.log.with_suffix(".log.1"))
        command, null = java("kafka.Kafka", str(config), heap=self.heap), subprocess.DEVNULL
        with self.log.open("wb") as out:  # its own session: a Ctrl-C reaches this process, which then stops the broker in order
            self.process = subprocess.Popen(command, stdin=null, stdout=out, stderr=out, cwd=self.data, start_new_session=True)
        watch = ["/bin/sh", "-c", WATCH, "kafka-watch", str(self.process.pid)]
        self._watches = [subprocess.Popen(watch, stdin=subprocess.PIPE, stdout=null, stderr=null, start_new_session=True)]

    def wait_ready(self, timeout: float = 60.0) -> Broker:
        """Returns when the log says that the server has started and the client port answers an ApiVersions request."""
        deadline = time.monotonic() + timeout
        while b"Kafka Server started" not in self.log.read_bytes() or not self.answers():
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise BrokerError(f"Kafka {'ended' if ended else 'was still'} not ready; {self.tail()}")
            time.sleep(0.05)
        return self

    def start(self, timeout: float = 60.0) -> Broker:
        """Starts the broker and waits until it is ready; leaves nothing running when that fails."""
        self.launch()
        try:
            return self.wait_ready(timeout)
        except BaseException:
            self.kill()
            raise

    def answers(self) -> bool:
        """Whether the client port answers ApiVersions (key 18, version 0) without an error; never so on a TLS listener."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=2) as sock:
            sock.sendall(bytes.fromhex("0000000a 0012 0000 00000001 ffff"))  # length, key, version, correlation, no client id
            return sock.recv(10, socket.MSG_WAITALL)[4:] == bytes.fromhex("00000001 0000")  # correlation, no error
        return False

    def tail(self) -> str:
        """The end of the broker's log, for a message."""
        return f"the end of {self.log}:\n{self.log.read_text(errors='replace')[-3000:]}"

    def stop(self, timeout: float = 20.0) -> int | None:
        """Stops the broker in order, or after `timeout` seconds at once; gives its exit status (143: it stopped in order)."""
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout)
        return self.kill()

    def kill(self) -> int | None:
        """Ends the broker with SIGKILL, if it still runs, as a crash would; its data stay. Gives its exit status."""
        if self.process is None:
            return None
        self.process.kill()
        status = self.process.wait()
        for watch in self._watches:
            watch.kill()
            watch.communicate()
        self.process, self._watches = None, []
        return status


def cluster(data: Path, count: int = 3) -> list[Broker]:
    """`count` nodes that form one cluster, none started: `launch` all, then `wait_ready` each, since one alone has no majority. For
    the same reason the last of them cannot stop in order: give `stop` a short timeout, or `kill` it.
    """
    voters = {node: free_port() for node in range(1, count + 1)}
    return [Broker(data=data / str(node), node_id=node, voters=voters) for node in voters]


def run(broker: Broker) -> int:
    """Runs a broker in the foreground until SIGTERM, SIGHUP, Ctrl-C or its own end; gives the exit status."""
    signals = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

    def interrupt(*_: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)  # a stop takes its time, and a second signal does not cut it short
        raise KeyboardInterrupt

    for each in signals:
        signal.signal(each, interrupt)
    try:
        print(f"kafka ready on {broker.start().bootstrap}", flush=True)
        while broker.process is not None and broker.process.poll() is None:
            time.sleep(0.2)
        raise BrokerError(f"Kafka ended by itself; {broker.tail()}")
    except KeyboardInterrupt:
        return 0
    finally:
        broker.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description="A real Apache Kafka broker on 127.0.0.1")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="download the jars, unless they are there")
    runs = commands.add_parser("run", help="run a broker in the foreground")
    runs.add_argument("--port", type=int, default=9092)
    runs.add_argument("--controller-port", type=int, help="a free port unless given")
    runs.add_argument("--data", type=Path, default=HOME / "data", help="kept between runs (default: .kafka/data)")
    runs.add_argument("--heap", default="512m")
    runs.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a line for server.properties; may be repeated")
    tool = commands.add_parser("tool", help="run one of Kafka's own command-line tools")
    tool.add_argument("name", choices=sorted(TOOLS))
    tool.add_argument("args", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    try:
        if given.command == "tool":
            return subprocess.call(java(TOOLS[given.name], *given.args))
        if given.command == "run":
            voters = {1: given.controller_port} if given.controller_port else {}
            return run(Broker(given.port, given.data, given.heap, voters=voters, settings=dict(line.split("=", 1) for line in given.set)))
        fetch()
        return 0
    except BrokerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    sys.exit(main())
