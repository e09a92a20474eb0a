"""The receiver on the page about webhooks, run as it stands there."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

PAGE = Path(__file__).parents[2] / "docs" / "handbook" / "webhooks.md"


async def test_the_receiver_takes_what_is_signed_and_only_once(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(program, names)
    event = {"id": "1", "type": "entaskan.coordination.CommitmentFellOverdue.v1", "subject": "s", "sequence": "3", "data": {"due_on": "2026-06-30"}}
    body, now = json.dumps(event), datetime.now(UTC)
    headers = {"webhook-id": "1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": Webhook(names["SECRET"]).sign("1", now, body)}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(names["app"]), base_url="http://test") as client:
        for content, status in ((body, 204), (body, 204), (body.replace("2026", "2027"), 400)):
            assert (await client.post("/entaskan", content=content, headers=headers)).status_code == status
    assert capsys.readouterr().out.splitlines() == ["entaskan.coordination.CommitmentFellOverdue.v1 s 3 {'due_on': '2026-06-30'}"]
