"""The readers and settings that docs/handbook/consuming.md shows: the page is their only source, and these run it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "handbook" / "consuming.md").read_text()
KAFKA_JARS = ROOT / ".kafka" / "libs"
COMMANDS = {
    "read_aiokafka.py": [sys.executable],
    "read_confluent.py": [sys.executable],
    "ReadEvents.java": ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", f"{KAFKA_JARS}/*"],
    "read_kcat.sh": ["bash"],
}

Line = dict[str, Any]


def blocks(language: str) -> list[str]:
    """The page's code blocks in a language, in order."""
    return [
        re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE)
    ]


def readers() -> dict[str, str]:
    """The page's readers by the file names in their first lines."""
    return {name[1]: text for language in ("python", "java", "bash") for text in blocks(language) if (name := re.match(r"(?:#|//) (\S+)\n", text))}


def broker_settings() -> dict[str, str]:
    """The page's environment of the container as lines of server.properties, by the rule of the container's entry point."""
    (text,) = blocks("yaml")
    environment: dict[str, str] = yaml.safe_load(text)
    return {name.removeprefix("KAFKA_").lower().replace("_", ".").replace("...", "-").replace("..", "_"): value for name, value in environment.items()}


def read(folder: Path, environment: Mapping[str, Mapping[str, str]]) -> dict[str, list[Line]]:
    """Run readers at the same time, each with its environment; what each printed. One that fails or does not end is an error."""
    running = {}
    try:
        for name, text in readers().items():
            if name in environment:
                (folder / name).write_text(text)
                command = [*COMMANDS[name], str(folder / name)]
                given = {"PATH": os.environ["PATH"], **environment[name]}
                running[name] = subprocess.Popen(command, env=given, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        printed = {}
        for name, process in running.items():
            out, complaint = process.communicate(timeout=60)
            assert process.returncode == 0, f"{name}: {complaint[-3000:]}"
            printed[name] = [json.loads(line) for line in out.splitlines()]
        return printed
    finally:
        for process in running.values():
            process.kill()
            process.communicate()
