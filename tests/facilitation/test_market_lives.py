"""The transition tables of market access: what the lifecycles say, what the code's one table says, and what every command does in every state."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.facilitation.group_products.domain import Certificate, CertificateKind, GroupProduct, ProductStatus
from services.facilitation.linkages.domain import Channel, LinkageStatus, MarketLinkage
from services.facilitation.market_demands.domain import DemandStatus, Found, Lot, MarketDemand, Shortfall
from services.facilitation.orders.domain import Order
from services.facilitation.orders.state import Delivered, Delivery, OrderLine, OrderStatus, Share
from services.facilitation.traded import Side
from shared.aggregate import Living
from shared.errors import IllegalTransition
from shared.money import Rupiah

ME, OTHER, PRODUCT = UUID(int=1), UUID(int=2), UUID(int=3)
DAY, DUE, LATER = date(2026, 3, 2), date(2026, 6, 30), date(2026, 7, 31)

# command: states it starts from -> state it leads to ("=": unchanged), written down from the published lifecycles and their additions:
# a later run may find another part, and a product has a life of its own.
LIVES = {
    MarketDemand: """
        match_part: open partly_matched unmatched -> partly_matched
        match: open partly_matched unmatched -> matched
        unmatch: open partly_matched unmatched -> unmatched
        fulfil: matched partly_matched -> fulfilled
        close: open matched partly_matched unmatched -> closed""",
    MarketLinkage: """
        accept: proposed -> accepted
        decline: proposed -> declined
        contract: accepted -> contracted
        onboard: accepted contracted -> =
        activate: contracted -> active
        suspend: active -> suspended
        resume: suspended -> active
        end: contracted active suspended -> ended""",
    Order: """
        confirm: placed -> confirmed
        deliver_part: confirmed partly_delivered -> partly_delivered
        deliver: confirmed partly_delivered -> delivered
        accept: delivered -> accepted
        dispute: delivered -> disputed
        resolve: disputed -> accepted
        invoice: accepted -> invoiced
        late: invoiced -> payment_late
        pay: invoiced payment_late -> paid
        cancel: placed confirmed -> cancelled""",
    GroupProduct: """
        revise: listed -> =
        certify: listed -> =
        lapse: listed -> =
        file_evidence: listed -> =
        withdraw: listed -> withdrawn""",
}
STATES: dict[type[Living], type[Any]] = {MarketDemand: DemandStatus, MarketLinkage: LinkageStatus, Order: OrderStatus, GroupProduct: ProductStatus}


def demand(status: Any) -> MarketDemand:
    return MarketDemand(
        id=ME, region_code="53.04", buyer_institution_id=OTHER, category_code="woven_cloth", quantity=10, unit="piece", needed_by=DUE,
        price_ceiling_idr=Rupiah(5), certificates=[], specifications=[], max_distance_km=None, registered_on=DAY, status=status,
    )  # fmt: skip


def linkage(status: Any) -> MarketLinkage:
    return MarketLinkage(
        id=ME, region_code="53.04", buyer_institution_id=OTHER, group_id=ME, channel=Channel.PADI, category_codes=["woven_cloth"], proposed_by=Side.BUYER,
        proposed_on=DAY, status=status,
    )  # fmt: skip


def order(status: Any) -> Order:
    delivered = {OrderStatus.PLACED: 0, OrderStatus.CONFIRMED: 0, OrderStatus.CANCELLED: 0, OrderStatus.PARTLY_DELIVERED: 4}.get(status, 10)
    line = OrderLine(
        product_id=PRODUCT, group_id=ME, region_code="53.04", category_code="woven_cloth", quantity=10, unit_price_idr=Rupiah(5), delivered=delivered
    )
    delivery = Delivery(delivery_no=1, delivered_on=DAY, lines=[Delivered(product_id=PRODUCT, quantity=delivered)], evidence_hashes=[])
    return Order(
        id=ME, region_code="53.04", buyer_institution_id=OTHER, linkage_id=ME, group_id=ME, demand_id=None, deliver_by=DUE, placed_on=DAY, lines=[line],
        status=status, shares=[Share(enterprise_id=ME, product_id=PRODUCT, quantity=10)], deliveries=[delivery] if delivered else [], delivered_on=DAY,
        payable_idr=Rupiah(50), invoiced_on=DAY, due_on=DUE,
    )  # fmt: skip


def product(status: Any) -> GroupProduct:
    expired = Certificate(kind=CertificateKind.HALAL, number="H-1", expires_on=DAY)
    return GroupProduct(
        id=ME, region_code="53.04", group_id=ME, category_code="woven_cloth", kbli_code="13121", unit="piece", price_idr=Rupiah(5), monthly_capacity=10,
        minimum_lot=1, specifications=[], status=status, certificates=[expired],
    )  # fmt: skip


def found(*quantities: int) -> Found:
    lots = [Lot(product_id=PRODUCT, group_id=ME, quantity=each, distance_km=0) for each in quantities]
    short = [Shortfall(codes=["capacity_insufficient"], would_add_at_least=1)]
    return Found(match_id=OTHER, algorithm_version="a", ordered=0, lots=lots, shortfalls=short)


COMMANDS: dict[type[Living], tuple[Callable[[Any], Any], dict[str, Callable[[Any], object]]]] = {
    MarketDemand: (demand, {
        "match_part": lambda d: d.take(found(4)),
        "match": lambda d: d.take(found(4, 6)),
        "unmatch": lambda d: d.take(found()),
        "fulfil": lambda d: d.fulfil(10),
        "close": lambda d: d.close("r"),
    }),
    MarketLinkage: (linkage, {
        "accept": lambda k: k.accept(Side.GROUP),
        "decline": lambda k: k.decline(Side.GROUP, ["r"]),
        "contract": lambda k: k.contract(contract_ref="c", contract_value_idr=Rupiah(5), term_months=1, on=DAY),
        "onboard": lambda k: k.onboard(1, []),
        "activate": lambda k: k.activate(),
        "suspend": lambda k: k.suspend("r"),
        "resume": lambda k: k.resume(),
        "end": lambda k: k.end("r", open_orders=0, total_value_idr=5, order_count=1),
    }),
    Order: (order, {
        "confirm": lambda o: o.confirm([Share(enterprise_id=ME, product_id=PRODUCT, quantity=10)]),
        "deliver_part": lambda o: o.deliver({PRODUCT: 1}, [], DAY, DAY),
        "deliver": lambda o: o.deliver({PRODUCT: max(1, o.undelivered()[PRODUCT])}, [], DAY, DAY),
        "accept": lambda o: o.accept(DAY),
        "dispute": lambda o: o.dispute("r"),
        "resolve": lambda o: o.resolve("d", None, DAY),
        "invoice": lambda o: o.invoice("I-1", None, DAY),
        "late": lambda o: o.fall_late(LATER),
        "pay": lambda o: o.pay(Rupiah(50), DAY, DAY),
        "cancel": lambda o: o.cancel("r"),
    }),
    GroupProduct: (product, {
        "revise": lambda p: p.revise(price_idr=Rupiah(6), monthly_capacity=10, minimum_lot=1),
        "certify": lambda p: p.certify(CertificateKind.SNI, "S-1", None, DAY),
        "lapse": lambda p: p.lapse(LATER),
        "file_evidence": lambda p: p.file_evidence("nib", "ab" * 32, DAY),
        "withdraw": lambda p: p.withdraw("r"),
    }),
}  # fmt: skip


def written(aggregate: type[Living]) -> dict[str, tuple[set[str], str]]:
    lines = [line.strip() for line in LIVES[aggregate].strip().splitlines()]
    return {line.split(":")[0]: (set(line.split(":")[1].split("->")[0].split()), line.split("->")[1].strip()) for line in lines}


@pytest.mark.parametrize("aggregate", LIVES, ids=lambda each: each.__name__)
def test_the_table_of_the_code_is_the_one_written_down(aggregate: type[Living]) -> None:
    coded = {command: ({str(state) for state in row.sources}, str(row.target) if row.target else "=") for command, row in aggregate.LIFE.items()}
    assert coded == written(aggregate)
    assert set(COMMANDS[aggregate][1]) == set(coded), "every command is tried"


CASES = [
    pytest.param(aggregate, command, state, id=f"{aggregate.__name__}-{command}-{state}")
    for aggregate, (_, commands) in COMMANDS.items()
    for command in commands
    for state in STATES[aggregate]
]


@pytest.mark.parametrize(("aggregate", "command", "state"), CASES)
def test_every_command_in_every_state(aggregate: type[Living], command: str, state: Any) -> None:
    make, commands = COMMANDS[aggregate]
    table = written(aggregate)
    sources, target = table[command]
    subject: Living = make(state)
    if state in sources:
        commands[command](subject)
        assert subject.status == (state if target == "=" else target)
        assert subject.recorded, "a change without an event does not exist"
        return
    before = {name: getattr(subject, name) for name in subject.__dataclass_fields__ if name != "recorded"}
    with pytest.raises(IllegalTransition) as refusal:
        commands[command](subject)
    assert ({name: getattr(subject, name) for name in before}, subject.recorded) == (before, []), "what is refused changes nothing"
    assert refusal.value.facts["allowed_transitions"] == sorted(name for name, (from_, _) in table.items() if state in from_)


def test_a_run_that_finds_the_same_tells_nothing() -> None:
    subject = demand(DemandStatus.OPEN)
    for outcome in (found(4), found()):
        subject.take(outcome)
        told = len(subject.recorded)
        subject.take(outcome)
        assert len(subject.recorded) == told


def test_a_certificate_lapses_once_and_a_new_one_again() -> None:
    subject = product(ProductStatus.LISTED)
    subject.lapse(DAY)
    assert subject.recorded == [], "valid up to and including its last day"
    for _ in range(2):
        subject.lapse(LATER)
    assert [type(event).__name__ for event in subject.recorded] == ["GroupProductCertificateLapsed"]
