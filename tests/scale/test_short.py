"""The story in small, on the real system; `python -m tests.scale` tells it for 48 locations, 1,000 groups and 20,000 enterprises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.processes import ROOT


@pytest.mark.kafka
def test_from_a_priority_location_to_a_settled_loan_and_a_paid_order(tmp_path: Path) -> None:
    out = tmp_path / "scale.json"
    command = [sys.executable, "-m", "tests.scale", "--locations", "3", "--groups", "6", "--enterprises", "130", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-6000:]
    report = json.loads(out.read_text())
    assert report["differences"] == {"enterprises": 0, "active groups": 0, "granted rupiah": 0}
    assert report["personal_data_found"] == {"events": [], "logs": [], "errors": [], "metrics": [], "monitoring": []}
    assert all(report["searched"].values()), "something was searched everywhere"
    assert (report["of_which"]["FinancingSettled"], report["of_which"]["OrderPaid"]) == (6, 6)
