"""An institution's own login reads what it was granted and nothing else, on a broker with the settings that the handbook gives."""

import asyncio
import ssl
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import confluent_kafka
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from confluent_kafka.admin import AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, ResourcePatternType, ResourceType
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.coordination.app import SERVICE
from shared.contracts.coordination import ProgrammeSubmitted
from shared.contracts.mapping import PrioritisationModelApproved
from shared.eventlog import event_log
from shared.security.identity import Role
from tests.consumers.page import COMMANDS, KAFKA_JARS, ROOT, broker_settings, read
from tests.kafka import Broker, free_port
from tests.kit import Person
from tests.messages import record

SCRIPT = ROOT / "deploy" / "kafka" / "grant_consumer.py"
GRANTED, WITHHELD = "entaskan.mapping", "entaskan.coordination"
EVENTS = 30
SERVICES_PASSWORD = "password-of-the-services/%1"

pytestmark = pytest.mark.kafka


@dataclass
class Secured:
    """A broker with a listener for outsiders, and what one needs to know to use it."""

    broker: Broker
    external: str
    ca: Path
    folder: Path
    passwords: dict[str, str] = field(default_factory=dict)

    def script(self, *args: str, succeeds: bool = True) -> str:
        """What the script prints, or its complaint."""
        command = [sys.executable, str(SCRIPT), args[0], "--bootstrap-server", self.broker.bootstrap, *args[1:]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert (done.returncode == 0) is succeeds, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if succeeds else done.stderr

    def grant(self, institution: str, *args: str) -> None:
        """Grant with a password file, as an operator who does not want to see the password."""
        file = self.folder / institution
        assert "password  in " in self.script("grant", institution, *args, "--password-file", str(file))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        self.passwords[f"ext.{institution}"] = file.read_text().strip()

    def options(self, user: str, password: str | None = None) -> dict[str, Any]:
        """For a client of aiokafka."""
        return {
            "bootstrap_servers": self.external,
            "security_protocol": "SASL_SSL",
            "ssl_context": ssl.create_default_context(cafile=str(self.ca)),
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": password or self.passwords[user],
        }

    def environment(self, user: str, group: str, topic: str, count: int) -> dict[str, str]:
        """For a reader of the page."""
        login = {"KAFKA_USER": user, "KAFKA_PASSWORD": self.passwords[user], "KAFKA_CA": str(self.ca)}
        return {"KAFKA_SERVERS": self.external, "KAFKA_TOPICS": topic, "KAFKA_GROUP": group, "COUNT": str(count), **login}

    def services_url(self) -> str:
        """The event log as the services are given it."""
        return f"kafka://entaskan:{quote(SERVICES_PASSWORD, safe='')}@{self.external}?ca={self.ca}"


def _certificates(folder: Path) -> tuple[Path, Path]:
    """An authority of our own, and a key with a certificate for this host signed by it, both as PEM."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test CA")]), datetime.now(UTC)

    def certificate(name: x509.Name, public: ec.EllipticCurvePublicKey, extensions: list[x509.ExtensionType]) -> bytes:
        builder = x509.CertificateBuilder(authority, name, public, x509.random_serial_number(), now - timedelta(hours=1), now + timedelta(days=1))
        for each in extensions:
            builder = builder.add_extension(each, critical=isinstance(each, (x509.BasicConstraints, x509.KeyUsage)))
        return builder.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    uses = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
    signs = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **uses)
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    hosts = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    ca, server = folder / "ca.pem", folder / "kafka.pem"
    ca.write_bytes(certificate(authority, authority_key.public_key(), [x509.BasicConstraints(True, 0), signs, identifier]))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server.write_bytes(private + certificate(name, key.public_key(), [hosts, issued_by]))
    return ca, server


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A broker with the page's settings; what differs are its addresses and where its key is. Both topics hold events."""
    folder = tmp_path_factory.mktemp("secured")
    ca, key = _certificates(folder)
    port, controller, external = free_port(), free_port(), free_port()
    here = {
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},EXTERNAL://127.0.0.1:{external}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port},EXTERNAL://127.0.0.1:{external}",
        "listener.name.external.ssl.keystore.location": str(key),
    }
    assert here.keys() < broker_settings().keys()
    made = ["--add-scram", f"SCRAM-SHA-512=[name=entaskan,password={SERVICES_PASSWORD}]"]
    with Broker(port, folder / "data", voters={1: controller}, settings=broker_settings() | here, format_args=made) as broker:
        yield Secured(broker, f"127.0.0.1:{external}", ca, folder)


@pytest.fixture(scope="module", autouse=True)
def _events(secured: Secured) -> None:
    """The services make both topics, write and read them through the listener that asks for a login."""

    async def write() -> None:
        log = event_log(secured.services_url())
        await log.start([GRANTED, WITHHELD])
        subject = uuid4()
        for sequence in range(1, EVENTS + 1):
            model = PrioritisationModelApproved(model_id=subject, model_version=sequence, model_hash="0" * 64)
            submitted = ProgrammeSubmitted(programme_id=subject, area_quota=sequence, province_quota=1)
            await log.append([record(event, subject=subject, sequence=sequence) for event in (model, submitted)])
        await log.close()
        await asyncio.sleep(0.1)  # until its TLS connections are closed

    asyncio.run(write())


@pytest.fixture(scope="module")
def kemensos(secured: Secured) -> str:
    """An institution that was granted one of the two topics; its user name."""
    secured.grant("kemensos", GRANTED)
    return "ext.kemensos"


@pytest.fixture(scope="module")
def bps(secured: Secured) -> str:
    """An institution that was granted the other topic; its user name."""
    secured.grant("bps", WITHHELD)
    return "ext.bps"


@pytest.fixture(scope="module")
def bi(secured: Secured) -> str:
    """An institution that was granted a topic, with a password of its own, by the scripts of an installation; its user name.

    They stand in for those of a container: named as Kafka names them, and run by a command that adds something to their surroundings.
    """
    folder = secured.folder / "bin"
    folder.mkdir()
    mains = {"acls": "org.apache.kafka.tools.AclCommand", "configs": "kafka.admin.ConfigCommand", "topics": "org.apache.kafka.tools.TopicCommand"}
    for name, main in mains.items():
        script = folder / f"kafka-{name}.sh"
        script.write_text(f'#!/bin/sh\necho "$WHERE kafka-{name}.sh $*" >>{folder}/calls\nexec java -XX:TieredStopAtLevel=1 -cp "{KAFKA_JARS}/*" {main} "$@"\n')
        script.chmod(0o755)
    password = secured.folder / "bi"
    password.write_text(own := "own-password-" + "a" * 32)
    password.chmod(0o600)
    secured.grant("bi", GRANTED, "--bin-dir", str(folder), "--via", "env WHERE=inside")
    assert secured.passwords["ext.bi"] == own
    return "ext.bi"


@asynccontextmanager
async def _started(client: Any) -> AsyncIterator[Any]:
    """A client of aiokafka, also stopped when its start is refused, and its TLS connections closed before the test ends."""
    try:
        await client.start()
        yield client
    finally:
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())
        await asyncio.sleep(0.1)


async def _first(secured: Secured, user: str, topic: str, group: str) -> None:
    consumer = AIOKafkaConsumer(topic, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, **secured.options(user))
    async with _started(consumer):
        await asyncio.wait_for(consumer.getone(), 20)


def _permissions(secured: Secured, user: str) -> set[tuple[str, ...]]:
    """What the broker itself says that a user may do."""
    admin = AdminClient({"bootstrap.servers": secured.broker.bootstrap})
    anything = AclBindingFilter(ResourceType.ANY, None, ResourcePatternType.ANY, f"User:{user}", None, AclOperation.ANY, AclPermissionType.ANY)
    return {(a.restype.name, a.name, a.resource_pattern_type.name, a.operation.name, a.permission_type.name) for a in admin.describe_acls(anything).result(20)}


def _exactly(user: str, *topics: str) -> set[tuple[str, ...]]:
    reading = {("TOPIC", topic, "LITERAL", operation, "ALLOW") for topic in topics for operation in ("READ", "DESCRIBE")}
    return reading | {("GROUP", f"{user}.", "PREFIXED", "READ", "ALLOW")}


def _recent_librdkafka(folder: Path) -> Path:
    """A folder with the library that confluent-kafka brings: that of Debian 12 (2.0.2) cannot log in to Kafka 4 by SCRAM, as the page says."""
    (library,) = (Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs").glob("librdkafka-*.so.1")
    (folder / "librdkafka.so.1").symlink_to(library)
    return folder


async def test_a_granted_topic_is_read_by_all_four_readers_of_the_page(secured: Secured, kemensos: str, tmp_path: Path) -> None:
    given = {name: secured.environment(kemensos, f"{kemensos}.{name}", GRANTED, EVENTS) for name in COMMANDS}
    given["read_kcat.sh"]["LD_LIBRARY_PATH"] = str(_recent_librdkafka(tmp_path))
    for name, lines in read(tmp_path, given).items():
        assert [line["sequence"] for line in lines] == list(range(1, EVENTS + 1)), name


async def test_another_topic_is_refused(secured: Secured, kemensos: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await _first(secured, kemensos, WITHHELD, f"{kemensos}.other")
    async with _started(AIOKafkaAdminClient(**secured.options(kemensos))) as admin:
        assert await admin.list_topics() == [GRANTED]


@pytest.mark.parametrize("group", ["ext.kemenkes.reader", "ext.kemensos2.reader", "monitoring", "ext.kemensos"])
async def test_a_group_of_somebody_else_is_refused(secured: Secured, kemensos: str, group: str) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await _first(secured, kemensos, GRANTED, group)


async def test_writing_and_making_topics_are_refused(secured: Secured, kemensos: str) -> None:
    async with _started(AIOKafkaProducer(enable_idempotence=False, **secured.options(kemensos))) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await asyncio.wait_for(producer.send_and_wait(GRANTED, b"{}", key=b"x"), 20)
    async with _started(AIOKafkaAdminClient(**secured.options(kemensos))) as admin:
        answer = await admin.create_topics([NewTopic("entaskan.mine", 1, 1)])
        assert [code for _, code, *_ in answer.topic_errors] == [TopicAuthorizationFailedError.errno]
        answer = await admin.delete_topics([GRANTED])
        assert [code for _, code, *_ in answer.topic_error_codes] == [TopicAuthorizationFailedError.errno]


def _refusals(secured: Secured, user: str, password: str) -> list[int]:
    """The codes of the errors until a login is refused, or none when it is accepted."""
    errors: list[Any] = []
    options = {
        "bootstrap.servers": secured.external,
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": str(secured.ca),
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": password,
        "group.id": f"{user}.login",
        "error_cb": errors.append,
        "log_level": 0,
    }
    with confluent_kafka.Consumer(options) as consumer:
        for _ in range(40):
            try:
                consumer.list_topics(timeout=0.5)
                return []
            except confluent_kafka.KafkaException:
                consumer.poll(0)
            if refused := [error.code() for error in errors if error.code() == confluent_kafka.KafkaError._AUTHENTICATION]:
                return refused
    raise AssertionError(f"neither accepted nor refused: {errors}")


def test_a_wrong_password_is_refused(secured: Secured, kemensos: str) -> None:
    assert _refusals(secured, kemensos, secured.passwords[kemensos]) == []
    assert _refusals(secured, kemensos, "x" * 32)
    assert _refusals(secured, "ext.nobody", secured.passwords[kemensos])


def test_granting_again_changes_the_topics_and_not_the_password(secured: Secured, bps: str) -> None:
    assert _permissions(secured, bps) == _exactly(bps, WITHHELD)
    shown = secured.script("grant", "bps", WITHHELD, GRANTED)
    assert "unchanged" in shown
    assert secured.passwords[bps] not in shown
    assert _permissions(secured, bps) == _exactly(bps, GRANTED, WITHHELD)
    assert _refusals(secured, bps, secured.passwords[bps]) == []
    former, shown = secured.passwords[bps], secured.script("grant", "bps", WITHHELD, "--new-password")
    secured.passwords[bps] = shown.split("password  ")[1].split()[0]
    assert _permissions(secured, bps) == _exactly(bps, WITHHELD)
    assert _refusals(secured, bps, former)
    assert _refusals(secured, bps, secured.passwords[bps]) == []


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["Kemensos", GRANTED], "no institution code"),
        (["kemensos.pusat", GRANTED], "no institution code"),
        (["kemensos", "entaskan.mappping"], f"no such topic: entaskan.mappping; there are: {WITHHELD}, {GRANTED}"),
        (["kemensos", "__consumer_offsets"], "only topics of Entaskan"),
        (["kemensos", "*"], "only topics of Entaskan"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(secured: Secured, kemensos: str, args: list[str], complaint: str) -> None:
    assert complaint in secured.script("grant", *args, succeeds=False)
    assert _permissions(secured, kemensos) == _exactly(kemensos, GRANTED)


def test_a_permission_given_by_hand_is_noticed_and_taken_back(secured: Secured, kemensos: str, bps: str) -> None:
    by_hand = AclBinding(ResourceType.TOPIC, WITHHELD, ResourcePatternType.LITERAL, f"User:{kemensos}", "*", AclOperation.WRITE, AclPermissionType.ALLOW)
    admin = AdminClient({"bootstrap.servers": secured.broker.bootstrap})
    for made in admin.create_acls([by_hand]).values():
        made.result(20)
    shown = secured.script("list")
    assert f"{bps}  {WITHHELD}\n" in shown
    assert f"{kemensos}  {WITHHELD}, {GRANTED}  (permissions differ from what grant makes)\n" in shown
    secured.grant("kemensos", GRANTED)
    assert _permissions(secured, kemensos) == _exactly(kemensos, GRANTED)


def test_the_scripts_of_an_installation_are_used_where_the_broker_is(secured: Secured, bi: str) -> None:
    calls = (secured.folder / "bin" / "calls").read_text()
    assert {line.split()[1] for line in calls.splitlines()} == {"kafka-acls.sh", "kafka-configs.sh", "kafka-topics.sh"}
    assert all(line.startswith("inside ") for line in calls.splitlines())
    assert secured.passwords[bi] not in calls, "no password among arguments, where every user of the host can see it"


def test_a_password_file_gives_the_password_unless_others_can_read_it(secured: Secured, bi: str, tmp_path: Path) -> None:
    assert _refusals(secured, bi, secured.passwords[bi]) == []
    open_to_all = tmp_path / "password"
    open_to_all.write_text(secured.passwords[bi])
    open_to_all.chmod(0o644)
    assert "others can read" in secured.script("grant", "bi", GRANTED, "--password-file", str(open_to_all), succeeds=False)


async def test_after_revoke_a_connected_reader_and_a_new_login_are_refused(secured: Secured, bi: str) -> None:
    async with _started(AIOKafkaConsumer(GRANTED, group_id=None, auto_offset_reset="earliest", **secured.options(bi))) as consumer:
        await asyncio.wait_for(consumer.getone(), 20)
        assert await asyncio.to_thread(secured.script, "revoke", "bi") == "ext.bi has no access any more\n"
        with pytest.raises(TopicAuthorizationFailedError):
            for _ in range(EVENTS + 1):  # what was fetched before is still handed out
                await asyncio.wait_for(consumer.getone(), 20)
    assert await asyncio.to_thread(_refusals, secured, bi, secured.passwords[bi])
    assert _permissions(secured, bi) == set()
    assert await asyncio.to_thread(secured.script, "revoke", "bi") == "ext.bi had no access\n"


def test_a_broker_without_authorizer_is_told_from_one_that_protects(kafka: Broker) -> None:
    command = [sys.executable, str(SCRIPT), "list", "--bootstrap-server", kafka.bootstrap]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr == "this broker has no authorizer, so everybody may read and write: set authorizer.class.name first\n"


async def test_the_services_read_back_what_they_wrote_through_the_listener_with_login(secured: Secured) -> None:
    log = event_log(secured.services_url())
    try:
        await log.check()
        replayed = [each async for _, records in log.replay([GRANTED], {}) for each in records]
        assert len(replayed) == EVENTS
        async with log.subscribe("monitoring", [GRANTED]) as subscription:
            batches: list[Any] = []
            async with asyncio.timeout(20):
                while not batches:
                    batches = await subscription.fetch(max_records=100, timeout=1)
            for partition, records in batches:
                assert await subscription.commit({partition: records[-1].offset + 1})
    finally:
        await log.close()
        await asyncio.sleep(0.1)


async def test_what_a_service_publishes_reaches_an_institution_with_its_own_login(
    secured: Secured, bps: str, serving: Callable[..., Any], person: Callable[..., Person], tmp_path: Path
) -> None:
    served = await serving(SERVICE, event_log=secured.services_url())
    body = {"code": "kemenkop", "name": "Kementerian Koperasi", "institution_type": "ministry"}
    registered = UUID((await served.post("/v1/institutions", person(Role.PROGRAMME_OWNER), body)).json()["id"])
    environment = secured.environment(bps, f"{bps}.register", WITHHELD, EVENTS + 1)
    lines = (await asyncio.to_thread(read, tmp_path, {"read_confluent.py": environment}))["read_confluent.py"]
    assert {"type": "entaskan.coordination.InstitutionRegistered.v1", "subject": str(registered), "sequence": 1} in lines
    assert (await served.get("/readyz")).json()["ready"] is True
