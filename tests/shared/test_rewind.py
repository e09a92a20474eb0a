"""A log that went back is noticed, once; what only looks so for a moment is not."""

from aiokafka.structs import TopicPartition

from shared.eventlog.rewind import PATIENCE_SECONDS, Rewinds

HERE, THERE = TopicPartition("entaskan.test", 0), TopicPartition("entaskan.test", 1)


def test_records_from_before_what_was_settled_are_noticed_once() -> None:
    rewinds = Rewinds()
    rewinds.settle(HERE, 100)
    assert not rewinds.begins_before(HERE, 100)
    assert not rewinds.begins_before(THERE, 0)
    assert rewinds.begins_before(HERE, 0)
    assert not rewinds.begins_before(HERE, 3)


def test_what_was_fetched_and_not_settled_may_come_again() -> None:
    rewinds = Rewinds()
    rewinds.settle(HERE, 10)
    assert not rewinds.begins_before(HERE, 10)
    assert not rewinds.begins_before(HERE, 90)
    assert not rewinds.begins_before(HERE, 10)


def test_what_is_settled_never_shrinks_by_being_told_less() -> None:
    rewinds = Rewinds()
    rewinds.settle(HERE, 10)
    rewinds.settle(HERE, 0)  # the group's offsets went with the topic
    assert rewinds.begins_before(HERE, 0)


def test_an_end_before_what_was_settled_is_noticed_when_it_stays() -> None:
    rewinds = Rewinds()
    rewinds.settle(HERE, 100)
    assert not rewinds.ends_before(HERE, 100, now=0)
    assert not rewinds.ends_before(HERE, 0, now=1)
    assert not rewinds.ends_before(HERE, 0, now=1 + PATIENCE_SECONDS / 2)
    assert rewinds.ends_before(HERE, 0, now=1 + PATIENCE_SECONDS)
    assert not rewinds.ends_before(HERE, 0, now=2 + 2 * PATIENCE_SECONDS)


def test_an_end_that_recovers_in_time_is_no_loss() -> None:
    rewinds = Rewinds()
    rewinds.settle(HERE, 100)
    assert not rewinds.ends_before(HERE, 99, now=0)
    assert not rewinds.ends_before(HERE, 101, now=1)
    assert not rewinds.ends_before(HERE, 99, now=PATIENCE_SECONDS + 1)
