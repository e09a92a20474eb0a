"""A few faults on the real system through the runner itself: 2 and 5 (API, relay killed at their worst moments), 7 and 11."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.processes import ROOT


@pytest.mark.kafka
def test_nothing_is_lost_doubled_or_reordered_when_services_are_killed(tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    command = [sys.executable, "-m", "tests.faults", "--short", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-6000:]
    rows = json.loads(out.read_text())
    assert {2, 5, 7, 11} <= {row["fault"] for row in rows}
    for row in rows:
        assert row["acked"] > 0
        assert (row["lost"], row["doubled"], row["reordered"]) == (0, 0, 0)
