"""Gives an outside institution its own login to the event log: it may read the topics named here, in groups of its own, and nothing else.

    python deploy/kafka/grant_consumer.py grant kemensos entaskan.mapping entaskan.facilitation.enterprises
    python deploy/kafka/grant_consumer.py list
    python deploy/kafka/grant_consumer.py revoke kemensos

`grant` makes the user `ext.kemensos` (SCRAM-SHA-512) and lets it read and describe exactly those topics and use the groups whose names
begin with `ext.kemensos.`; run again with other topics it leaves exactly the others. The password is shown once, or written to a file.

Kafka's own tools do the work: those of the jars that `broker.py` fetches, or those of an installation (`--bin-dir /opt/kafka/bin`), run
where the broker is (`--via "docker compose exec -T kafka"`). Passwords go to them by their standard input, never by an argument.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from broker import TOOLS, BrokerError, java

TOPIC_PREFIX = "entaskan."
INSTITUTION = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")  # no dot: no institution's group prefix may begin another's
PASSWORD = re.compile(r"[A-Za-z0-9_.~+/=@%-]{16,128}")
ITERATIONS = 8192
SECONDS = 45  # for one tool; an unreachable broker would otherwise take longer to be told
SCRIPTS = {"acls": "kafka-acls.sh", "configs": "kafka-configs.sh", "topics": "kafka-topics.sh"}

_RESOURCE = re.compile(r"ResourcePattern\(resourceType=(\w+), name=(.+), patternType=(\w+)\)")
_ENTRY = re.compile(r"\(principal=User:(.+), host=(.+), operation=(\w+), permissionType=(\w+)\)")
_CREDENTIAL = re.compile(r"SCRAM credential configs for user-principal '(.+)' are .*SCRAM-SHA-512=")


class Entry(NamedTuple):
    """One permission of a principal."""

    kind: str  # TOPIC or GROUP; others are never made here
    name: str
    pattern: str = "LITERAL"
    operation: str = "READ"
    permission: str = "ALLOW"
    host: str = "*"


def user_of(institution: str) -> str:
    """The user name of an institution."""
    if not INSTITUTION.fullmatch(institution):
        raise BrokerError(f"{institution!r} is no institution code: small letters, digits, '_' and '-', at most 60, no dot")
    return f"ext.{institution}"


def wanted(user: str, topics: list[str]) -> set[Entry]:
    """What an institution may do: nothing but this."""
    return {Entry("TOPIC", topic, operation=each) for topic in topics for each in ("READ", "DESCRIBE")} | {Entry("GROUP", f"{user}.", "PREFIXED")}


@dataclass(frozen=True)
class Tools:
    """Kafka's command-line tools, pointed at one cluster."""

    bootstrap: str
    config: str | None = None  # a properties file with an administrator's login, read where the tools run
    via: tuple[str, ...] = ()
    bin_dir: str | None = None

    def run(self, tool: str, *args: str, stdin: str = "") -> str:
        """The output of a tool; `BrokerError` with its complaint, without the stack trace."""
        command = [*self.via, f"{self.bin_dir}/{SCRIPTS[tool]}"] if self.bin_dir else java(TOOLS[tool])
        command += ["--bootstrap-server", self.bootstrap, *(["--command-config", self.config] if self.config else []), *args]
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise BrokerError(f"no answer from {self.bootstrap} within {SECONDS} s: is the broker up, and may this login administer it?") from None
        except OSError as error:
            raise BrokerError(f"{command[0]} cannot be run: {error.strerror}") from None
        if done.returncode != 0:
            said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip() and not line.startswith(("\t", "Caused by"))]
            if any("SecurityDisabledException" in line for line in said):
                raise BrokerError("this broker has no authorizer, so everybody may read and write: set authorizer.class.name first")
            raise BrokerError(f"kafka-{tool} failed:\n" + "\n".join(said[-5:]))
        return done.stdout

    def topics(self) -> set[str]:
        """The topics that exist."""
        return set(self.run("topics", "--list").split())

    def users(self) -> set[str]:
        """The users that can log in by SCRAM-SHA-512."""
        return set(_CREDENTIAL.findall(self.run("configs", "--describe", "--entity-type", "users")))

    def set_password(self, user: str, password: str) -> None:
        """Make the user, or change its password."""
        text = f"SCRAM-SHA-512=iterations={ITERATIONS},password={password}\n"
        self.run("configs", "--alter", "--entity-type", "users", "--entity-name", user, "--add-config-file", "/dev/stdin", stdin=text)

    def remove_user(self, user: str) -> None:
        """Refuse the user's further logins."""
        self.run("configs", "--alter", "--entity-type", "users", "--entity-name", user, "--delete-config", "SCRAM-SHA-512")

    def entries(self) -> dict[str, set[Entry]]:
        """The permissions of every outside user."""
        found: dict[str, set[Entry]] = {}
        resource: tuple[str, ...] = ()
        for line in self.run("acls", "--list").splitlines():
            if match := _RESOURCE.search(line):
                resource = match.groups()
            elif (match := _ENTRY.search(line)) and match[1].startswith("ext."):
                kind, name, pattern = resource
                found.setdefault(match[1], set()).add(Entry(kind, name, pattern, operation=match[3], permission=match[4], host=match[2]))
        return found

    def change(self, what: str, user: str, entries: set[Entry]) -> None:
        """`--add` or `--remove` permissions, with as few calls as may be."""
        operations: dict[tuple[str, str, str, str, str], list[str]] = {}
        for each in sorted(entries):
            if each.kind not in ("TOPIC", "GROUP"):
                raise BrokerError(f"{user} has a permission that this program does not make; remove it by kafka-acls: {each}")
            operations.setdefault((each.kind, each.pattern, each.permission, each.host, each.name), []).append(each.operation.title().replace("_", ""))
        calls: dict[tuple[str, str, str, str, tuple[str, ...]], list[str]] = {}
        for (kind, pattern, permission, host, name), allowed in operations.items():
            calls.setdefault((kind.lower(), pattern.lower(), permission.lower(), host, tuple(allowed)), []).append(name)
        for (kind, pattern, side, host, chosen), names in calls.items():
            args = [f"--{side}-principal", f"User:{user}", f"--{side}-host", host, "--resource-pattern-type", pattern]
            args += [part for operation in chosen for part in ("--operation", operation)]
            args += [part for name in names for part in (f"--{kind}", name)]
            self.run("acls", what, "--force", *args)


def grant(tools: Tools, institution: str, topics: list[str], password_file: Path | None, new_password: bool) -> list[str]:
    """Let an institution read exactly these topics; what to tell it."""
    user = user_of(institution)
    if new_password and password_file and password_file.exists():
        raise BrokerError(f"{password_file} holds a password already; name another file for the new one")
    given = _read_password(password_file) if password_file and password_file.exists() else None
    if foreign := [topic for topic in topics if not topic.startswith(TOPIC_PREFIX)]:
        raise BrokerError(f"only topics of Entaskan ({TOPIC_PREFIX}*) are given to others, not {', '.join(foreign)}")
    existing, users, entries = _at_once(tools.topics, tools.users, tools.entries)
    if unknown := sorted(set(topics) - existing):
        there = ", ".join(sorted(topic for topic in existing if topic.startswith(TOPIC_PREFIX))) or "none"
        raise BrokerError(f"no such topic: {', '.join(unknown)}; there are: {there}")
    present = user in users
    password = given or (None if present and not new_password else secrets.token_urlsafe(24))
    if password and password_file and not given:
        _write_password(password_file, password)
    has, needs = entries.get(user, set()), wanted(user, topics)
    if surplus := has - needs:
        tools.change("--remove", user, surplus)
    if missing := needs - has:
        tools.change("--add", user, missing)
    if password:
        tools.set_password(user, password)
    shown = "unchanged (--new-password makes another)" if password is None else f"in {password_file}" if password_file else f"{password} (shown only now)"
    return [f"user      {user}", f"password  {shown}", f"topics    {', '.join(sorted(set(topics)))}", f"groups    {user}.<purpose>"]


def revoke(tools: Tools, institution: str) -> list[str]:
    """Take everything from an institution: its permissions at once, then its login."""
    user = user_of(institution)
    all_entries, users = _at_once(tools.entries, tools.users)
    entries, present = all_entries.get(user, set()), user in users
    if entries:
        tools.change("--remove", user, entries)
    if present:
        tools.remove_user(user)
    return [f"{user} has no access any more" if entries or present else f"{user} had no access"]


def listed(tools: Tools) -> list[str]:
    """One line for each outside user."""
    entries, users = _at_once(tools.entries, tools.users)
    lines = []
    for user in sorted(set(entries) | {user for user in users if user.startswith("ext.")}):
        topics = sorted({entry.name for entry in entries.get(user, set()) if entry.kind == "TOPIC"})
        expected = entries.get(user, set()) == wanted(user, topics)
        remarks = [] if user in users else ["cannot log in"]
        remarks += [] if expected else ["permissions differ from what grant makes"]
        lines.append("  ".join([user, ", ".join(topics) or "-", *(f"({remark})" for remark in remarks)]))
    return lines


def _at_once(*questions: Callable[[], Any]) -> list[Any]:
    """The answers to independent questions, each of which starts a Java process."""
    with ThreadPoolExecutor() as pool:
        return [asked.result() for asked in [pool.submit(question) for question in questions]]


def _read_password(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise BrokerError(f"others can read {path}: chmod 600 {path}")
    if not PASSWORD.fullmatch(password := path.read_text().strip()):
        raise BrokerError(f"the password in {path} must be 16 to 128 letters, digits or _ . ~ + / = @ % -")
    return password


def _write_password(path: Path, password: str) -> None:
    """Before the broker is told, so that it cannot be lost."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{password}\n")


def main() -> int:
    """The command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--bootstrap-server", default="127.0.0.1:9092", metavar="HOST:PORT", help="default: %(default)s")
    common.add_argument("--command-config", metavar="FILE", help="properties with an administrator's login, read where the tools run")
    common.add_argument("--bin-dir", metavar="DIR", help="the scripts of a Kafka installation, instead of the jars of broker.py")
    common.add_argument("--via", default="", metavar="COMMAND", help='run them through it, as in "docker compose exec -T kafka" (bin-dir: /opt/kafka/bin)')
    parser = argparse.ArgumentParser(description="Access of outside institutions to the event log")
    commands = parser.add_subparsers(dest="command", required=True)
    grants = commands.add_parser("grant", parents=[common], help="let an institution read exactly these topics")
    grants.add_argument("institution", help="its code, such as kemensos")
    grants.add_argument("topics", nargs="+", metavar="topic")
    grants.add_argument("--password-file", type=Path, help="take the password from it, or write a new one to it (mode 0600) instead of showing it")
    grants.add_argument("--new-password", action="store_true", help="also when the institution has one")
    commands.add_parser("revoke", parents=[common], help="take all access from an institution").add_argument("institution")
    commands.add_parser("list", parents=[common], help="who may read what")
    given = parser.parse_args()
    via = tuple(shlex.split(given.via))
    tools = Tools(given.bootstrap_server, given.command_config, via, given.bin_dir or ("/opt/kafka/bin" if via else None))
    try:
        if given.command == "grant":
            lines = grant(tools, given.institution, given.topics, given.password_file, given.new_password)
        else:
            lines = revoke(tools, given.institution) if given.command == "revoke" else listed(tools)
    except (BrokerError, OSError) as error:
        sys.exit(str(error))
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
