"""The checker is checked: on a small fabricated state that is right, every way of tampering with it is found by its invariant."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.client import Mark, Sent
from tests.faults.invariants import check, counts
from tests.faults.state import Allowed, Logged, Recorded, State
from tests.faults.world import Backlog

SOURCE, TOPIC = "/entaskan/coordination", "entaskan.coordination"
MARK = Mark("coordination", "commitments", "output_unit", "unit_1")
PLACE = ("programme", "53.04", "pledged_idr")


def right() -> State:
    """Two commitments, the first with three events, all applied by monitoring."""
    recorded = [Recorded(f"e{n}", SOURCE, TOPIC, "c1", n) for n in (1, 2, 3)] + [Recorded("f1", SOURCE, TOPIC, "c2", 1)]
    return State(
        outbox={"coordination": recorded, "monitoring": []},
        log=[Logged(TOPIC, 0, offset, each.id, SOURCE, each.subject, each.sequence) for offset, each in enumerate(recorded)],
        aggregates={"coordination": {"c1": 3, "c2": 1}, "monitoring": {}},
        consumed={"monitoring": (TOPIC,)},
        applied={"monitoring": {"c1": 3, "c2": 1}},
        parked={"monitoring": []},
        counted={SOURCE: 4},
        view={PLACE: 7_000_000},
        own={PLACE: 7_000_000},
        posted={"pledged_idr": (7_000_000, 7_000_000)},
        sent=[
            Sent("k1", "coordination", "commitments", {}, outcome="acked", id="c1", version=1, mark=MARK),
            Sent("k2", "coordination", "commitments/c1/progress-reports", {}, outcome="acked", id="c1", version=3),
        ],
        marked={MARK: ["c1"]},
        known={"coordination": {"c2"}, "monitoring": set()},
        backlog=Backlog({"coordination": 0}, {"monitoring": 0}),
        sessions={"coordination": 8},
        sessions_allowed={"coordination": 8},
    )


def test_a_right_state_is_found_right() -> None:
    assert check(right()) == []


def _log_lacks_an_event(state: State) -> None:
    del state.log[3]


def _log_has_a_phantom(state: State) -> None:
    state.log.append(Logged(TOPIC, 0, 9, "x", SOURCE, "c3", 1))


def _outbox_lacks_a_row(state: State) -> None:
    state.outbox["coordination"] = [row for row in state.outbox["coordination"] if row.id != "e2"]


def _aggregate_is_older_than_its_events(state: State) -> None:
    state.aggregates["coordination"]["c1"] = 2


def _event_applied_twice(state: State) -> None:
    state.counted[SOURCE] += 1


def _effect_rolled_back_but_marked(state: State) -> None:
    state.counted[SOURCE] -= 1


def _money_posted_twice(state: State) -> None:
    state.posted["pledged_idr"] = (14_000_000, 7_000_000)


def _message_parked(state: State) -> None:
    state.parked["monitoring"].append(("c1", 3, "refused"))


def _event_never_applied(state: State) -> None:
    state.applied["monitoring"]["c1"] = 2
    state.counted[SOURCE] -= 1


def _applied_beyond_what_was_recorded(state: State) -> None:
    state.applied["monitoring"]["c1"] = 4
    state.counted[SOURCE] += 1


def _order_swapped(state: State) -> None:
    first, second = state.log[0], state.log[1]
    state.log[0], state.log[1] = replace(second, offset=0), replace(first, offset=1)


def _rupiah_missing(state: State) -> None:
    state.view[PLACE] -= 1


def _rupiah_too_many(state: State) -> None:
    state.view[PLACE] += 1


def _acknowledged_row_removed(state: State) -> None:
    state.marked[MARK] = []


def _acknowledged_change_removed(state: State) -> None:
    state.aggregates["coordination"]["c1"] = 2
    state.outbox["coordination"] = [row for row in state.outbox["coordination"] if row.id != "e3"]
    state.log = [each for each in state.log if each.id != "e3"]
    state.applied["monitoring"]["c1"], state.counted[SOURCE] = 2, 3


def _one_key_made_two(state: State) -> None:
    state.marked[MARK] = ["c1", "c2"]


def _refused_but_there(state: State) -> None:
    state.sent[0].outcome = "refused"


def _two_commands_got_one_version(state: State) -> None:
    state.sent.append(Sent("k3", "coordination", "commitments/c1/progress-reports", {}, outcome="acked", id="c1", version=3))


def _made_without_being_asked(state: State) -> None:
    state.known["coordination"] = set()


def _unpublished(state: State) -> None:
    state.backlog.unpublished["coordination"] = 1


def _unread(state: State) -> None:
    state.backlog.lag["monitoring"] = 1


def _sessions_leak(state: State) -> None:
    state.sessions["coordination"] = 9


def _not_ready(state: State) -> None:
    state.unready.append("monitoring: event_log: unavailable")


def _idle_in_transaction(state: State) -> None:
    state.idle_in_transaction.append("coordination: session 1")


def _lock_left(state: State) -> None:
    state.locks.append("coordination: session 1")


@pytest.mark.parametrize(
    ("tamper", "invariant", "kind"),
    [
        (_log_lacks_an_event, "I1", "lost"),
        (_log_has_a_phantom, "I2", "other"),
        (_outbox_lacks_a_row, "I2", "other"),
        (_aggregate_is_older_than_its_events, "I2", "other"),
        (_event_applied_twice, "I3", "doubled"),
        (_effect_rolled_back_but_marked, "I3", "lost"),
        (_money_posted_twice, "I3", "doubled"),
        (_message_parked, "I3", "other"),
        (_event_never_applied, "I4", "lost"),
        (_applied_beyond_what_was_recorded, "I4", "other"),
        (_order_swapped, "I4", "reordered"),
        (_rupiah_missing, "I5", "lost"),
        (_rupiah_too_many, "I5", "doubled"),
        (_acknowledged_row_removed, "I6", "lost"),
        (_acknowledged_change_removed, "I6", "lost"),
        (_one_key_made_two, "I6", "doubled"),
        (_refused_but_there, "I6", "other"),
        (_two_commands_got_one_version, "I6", "doubled"),
        (_made_without_being_asked, "I6", "doubled"),
        (_unpublished, "I7", "other"),
        (_unread, "I7", "other"),
        (_sessions_leak, "I7", "other"),
        (_not_ready, "I8", "other"),
        (_idle_in_transaction, "I8", "other"),
        (_lock_left, "I8", "other"),
    ],
)
def test_tampering_is_found(tamper: Callable[[State], None], invariant: str, kind: str) -> None:
    state = right()
    tamper(state)
    found = {(violation.invariant, violation.kind) for violation in check(state)}
    assert (invariant, kind) in found, found


def test_a_copy_on_the_log_is_no_violation_but_is_counted() -> None:
    state = right()
    state.log += [replace(each, offset=each.offset + 4) for each in state.log]
    assert check(state) == []
    assert counts(state, []).resent == 4


def test_what_a_fault_put_there_itself_is_allowed() -> None:
    state = right()
    _log_has_a_phantom(state)
    state.parked["monitoring"].append(("c3", 1, "malformed"))
    assert check(state)
    state.allowed = Allowed(subjects=frozenset({"c3"}), parked=frozenset({"c3"}))
    assert check(state) == []


def test_the_size_of_a_loss_is_counted_once() -> None:
    state = right()
    _event_never_applied(state)
    _rupiah_missing(state)
    assert counts(state, check(state)).lost == 1
