"""The invariants, checked on the evidence of a quiet world. Each violation says which one, what for evidence, and what it counts as.

I1 no event lost · I2 no phantom · I3 no effect twice · I4 order per subject · I5 totals to the rupiah · I6 what was acknowledged is
there, once · I7 everything drained in time, sessions back to normal · I8 healthy, nothing left behind
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tests.faults.state import Logged, Recorded, State

Kind = Literal["lost", "doubled", "reordered", "other"]
SHOWN = 3


@dataclass(frozen=True)
class Violation:
    """An invariant that does not hold."""

    invariant: str
    kind: Kind
    count: int
    message: str

    def __str__(self) -> str:
        return f"{self.invariant} ({self.kind} {self.count}): {self.message}"


@dataclass(frozen=True)
class Counts:
    """The columns of the table. `resent` are copies on the log, which are allowed."""

    events: int
    lost: int
    doubled: int
    reordered: int
    resent: int
    other: int


def check(state: State) -> list[Violation]:
    """Everything that does not hold."""
    return [violation for rule in RULES for violation in rule(state)]


def counts(state: State, violations: Iterable[Violation]) -> Counts:
    """What the violations come to. The same loss may show in several invariants; the greatest of them is its size."""
    largest: dict[str, int] = defaultdict(int)
    for violation in violations:
        largest[violation.kind] = max(largest[violation.kind], violation.count)
    distinct = len({(each.source, each.id) for each in state.log})
    events = sum(map(len, state.outbox.values()))
    return Counts(events, largest["lost"], largest["doubled"], largest["reordered"], len(state.log) - distinct, largest["other"])


def _found(invariant: str, kind: Kind, what: str, evidence: list[Any], count: int | None = None) -> Iterator[Violation]:
    if evidence:
        shown = "; ".join(map(str, evidence[:SHOWN]))
        more = f"; and {len(evidence) - SHOWN} more" if len(evidence) > SHOWN else ""
        yield Violation(invariant, kind, len(evidence) if count is None else count, f"{what}: {shown}{more}")


def _recorded(state: State) -> list[Recorded]:
    return [row for rows in state.outbox.values() for row in rows]


def _logged(state: State) -> list[Logged]:
    return [each for each in state.log if each.subject not in state.allowed.subjects]


def _last(rows: Iterable[Recorded]) -> dict[str, int]:
    last: dict[str, int] = {}
    for row in rows:
        last[row.subject] = max(row.sequence, last.get(row.subject, 0))
    return last


def no_event_lost(state: State) -> Iterator[Violation]:
    """I1: every outbox row is on the log."""
    if state.allowed.log_may_lack:
        return
    there = {(each.source, each.id) for each in state.log}
    missing = [f"{row.source} {row.subject} #{row.sequence}" for row in _recorded(state) if (row.source, row.id) not in there]
    yield from _found("I1", "lost", "in the outbox, not on the log", missing)


def no_phantom(state: State) -> Iterator[Violation]:
    """I2: every event on the log has its outbox row; outbox rows of an aggregate are 1..version, no more and no fewer."""
    recorded = {(row.source, row.id) for row in _recorded(state)}
    yield from _found("I2", "other", "on the log, in no outbox", [each for each in _logged(state) if (each.source, each.id) not in recorded])
    for name, rows in state.outbox.items():
        sequences: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            sequences[row.subject].append(row.sequence)
        versions = state.aggregates.get(name, {})
        wrong = [
            f"{name} {subject}: version {versions.get(subject)}, outbox {sorted(sequences.get(subject, []))[-5:]}"
            for subject in sorted(sequences.keys() | versions.keys())
            if sorted(sequences.get(subject, [])) != list(range(1, versions.get(subject, 0) + 1))
        ]
        yield from _found("I2", "other", "an aggregate's version and its outbox rows differ", wrong)


def no_double_effect(state: State) -> Iterator[Violation]:
    """I3: the view counted as many events as its inbox says were applied, money was posted once, nothing is parked."""
    source_of = {row.subject: row.source for row in _recorded(state)}
    marks: dict[str, int] = defaultdict(int)
    for subject, sequence in state.applied.get("monitoring", {}).items():
        if source := source_of.get(subject):
            marks[source] += sequence
    for source in sorted(marks.keys() | state.counted.keys()):
        extra = state.counted.get(source, 0) - marks[source] - state.allowed.events.get(source, 0)
        text = [f"{source}: {state.counted.get(source, 0)} counted, {marks[source]} by the inbox"]
        yield from _found("I3", "doubled", "the view applied events more often than once", text if extra > 0 else [], extra)
        yield from _found("I3", "lost", "the view applied fewer events than its inbox says", text if extra < 0 else [], -extra)
    wrong = [f"{what}: {events} in events, {rows} in the tables" for what, (events, rows) in sorted(state.posted.items()) if events != rows]
    yield from _found("I3", "doubled", "money in events and in the tables differs", wrong)
    for name, parked in state.parked.items():
        unexpected = [each for each in parked if state.allowed.parked is not None and each[0] not in state.allowed.parked]
        yield from _found("I3", "other", f"{name} holds parked messages", unexpected)


def order_per_subject(state: State) -> Iterator[Violation]:
    """I4: what was applied is 1..n of what was recorded, everywhere; on the log, events appear for the first time in order."""
    for name, topics in state.consumed.items():
        last = _last(row for row in _recorded(state) if row.topic in topics)
        applied = state.applied.get(name, {})
        exempt = state.allowed.subjects | (state.allowed.parked or frozenset())
        behind = [
            f"{subject}: {applied.get(subject, 0)} of {n}" for subject, n in sorted(last.items()) if applied.get(subject, 0) < n and subject not in exempt
        ]
        missed = sum(n - applied.get(subject, 0) for subject, n in last.items() if subject not in exempt and applied.get(subject, 0) < n)
        yield from _found("I4", "lost", f"{name} has not applied all events of a subject", behind, missed)
        ahead = [f"{subject}: {n} of {last.get(subject, 0)}" for subject, n in sorted(applied.items()) if n > last.get(subject, 0) and subject not in exempt]
        yield from _found("I4", "other", f"{name} applied what was never recorded", ahead)
    if state.allowed.log_may_lack:
        return
    highest: dict[str, int] = {}
    seen: set[tuple[str, str]] = set()
    disorder = []
    for each in sorted(_logged(state), key=lambda each: (each.topic, each.partition, each.offset)):
        if (each.source, each.id) in seen:
            continue
        seen.add((each.source, each.id))
        expected = highest.get(each.subject, 0) + 1
        if each.sequence != expected:
            disorder.append(f"{each.subject} #{each.sequence} where #{expected} was due ({each.topic}/{each.partition}@{each.offset})")
        highest[each.subject] = max(each.sequence, highest.get(each.subject, 0))
    yield from _found("I4", "reordered", "out of order on the log", disorder)


def totals_agree(state: State) -> Iterator[Violation]:
    """I5: the view's figures are the sums over the services' own tables."""
    for kind, sign in (("lost", 1), ("doubled", -1)):
        differing = [
            f"{figure[2]} of {figure[1]}: {state.view.get(figure, 0)} in the view, {state.own.get(figure, 0)} in the tables"
            for figure in sorted(state.view.keys() | state.own.keys())
            if sign * (state.own.get(figure, 0) - state.view.get(figure, 0)) > 0
        ]
        yield from _found("I5", kind, "totals differ", differing)  # type: ignore[arg-type]


def acknowledged_is_there(state: State) -> Iterator[Violation]:
    """I6: each acknowledged command is there, exactly once; one with an unknown outcome at most once; nothing else was made."""
    asked: dict[str, set[str]] = {name: set(ids) for name, ids in state.known.items()}
    missing, twice, refused = [], [], []
    for sent in state.sent:
        rows = state.marked.get(sent.mark, []) if sent.mark else []
        asked.setdefault(sent.service, set()).update(rows)
        told = f"{sent.path} with key {sent.key[:8]} ({sent.outcome}, {sent.attempts} attempts, id {sent.id})"
        if len(rows) > 1:
            twice.append(f"{told}: rows {rows}")
        if sent.outcome == "acked":
            if sent.mark and sent.id not in rows:
                missing.append(f"{told}: rows {rows}")
            elif state.aggregates[sent.service].get(str(sent.id), 0) < (sent.version or 0):
                missing.append(f"{told}: version {state.aggregates[sent.service].get(str(sent.id))}, acknowledged {sent.version}")
        elif sent.outcome == "refused" and rows:
            refused.append(f"{told} {sent.code}: rows {rows}")
    yield from _found("I6", "lost", "acknowledged, but not there", missing)
    yield from _found("I6", "doubled", "one key made more than one", twice)
    yield from _found("I6", "other", "refused, but there", refused)
    versions = Counter((sent.service, sent.id, sent.version) for sent in state.sent if sent.outcome == "acked")
    yield from _found("I6", "doubled", "two commands were given the same version", [key for key, n in versions.items() if n > 1])
    for name, found in state.aggregates.items():
        unknown = found.keys() - asked.get(name, set()) - state.allowed.subjects if name in asked and name not in REACTING else set()
        unasked = sorted(subject for subject in unknown if state.caused.get(subject) not in asked[name])
        yield from _found("I6", "doubled", f"{name} holds what nobody asked for", unasked)


REACTING: frozenset[str] = frozenset({"mapping", "monitoring"})
"""Services whose aggregates no command of the load makes."""


def drained_in_time(state: State) -> Iterator[Violation]:
    """I7: nothing is on its way, and there are no more sessions than the pools hold."""
    waiting = [f"{name}: {n} unpublished" for name, n in state.backlog.unpublished.items() if n]
    waiting += [f"{name}: {n} unread" for name, n in state.backlog.lag.items() if n]
    yield from _found("I7", "other", "still on its way", waiting)
    many = [f"{name}: {n}, at most {state.sessions_allowed[name]}" for name, n in state.sessions.items() if n > state.sessions_allowed[name]]
    yield from _found("I7", "other", "more database sessions than before", many)


def nothing_left_behind(state: State) -> Iterator[Violation]:
    """I8: everything says that it is ready; no transaction and no lock was left behind."""
    yield from _found("I8", "other", "not ready", state.unready)
    yield from _found("I8", "other", "idle in a transaction", state.idle_in_transaction)
    yield from _found("I8", "other", "an advisory lock is held on", state.locks)


RULES: tuple[Callable[[State], Iterator[Violation]], ...] = (
    no_event_lost,
    no_phantom,
    no_double_effect,
    order_per_subject,
    totals_agree,
    acknowledged_is_there,
    drained_in_time,
    nothing_left_behind,
)
