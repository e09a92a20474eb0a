"""Crash points: named places where a fault test has this process killed outright. Inert unless ENTASKAN_CRASH_AT is set."""

import os
import signal

POINTS = frozenset(
    {
        "api.before_commit",
        "api.mid_tx",
        "api.after_commit",
        "relay.after_select",
        "relay.mid_batch",
        "relay.after_send",
        "relay.after_ack",
        "consumer.before_tx",
        "consumer.mid_tx",
        "consumer.after_tx",
    }
)


def _armed(setting: str) -> tuple[str | None, int]:
    if not setting:
        return None, 0
    name, _, count = setting.partition(":")
    if name not in POINTS or not (count or "1").isdecimal():
        raise SystemExit(f"ENTASKAN_CRASH_AT must be <point>:<n>, with one of {', '.join(sorted(POINTS))}")
    return name, int(count or 1)


_point, _left = _armed(os.environ.get("ENTASKAN_CRASH_AT", ""))


def point(name: str) -> None:
    """Die here by SIGKILL, as on a power cut, when ENTASKAN_CRASH_AT is `<name>:<n>` and this is the n-th time."""
    global _left
    if name == _point:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
