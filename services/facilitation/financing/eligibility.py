"""Eligibility (kelayakan awal): the rules of a product, applied to what is known of an applicant; each obstacle says what to do next.

Eligible means that no rule stands in the way; incomplete that only something is missing; the lender judges the rest.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.facilitation.credits.domain import OpenGovernmentCredit
from services.facilitation.financing.applicants import Standing
from services.facilitation.financing.errors import (
    AmountOutsideProduct,
    ApplicantNotServed,
    BusinessAgeUnknown,
    BusinessTooYoung,
    DocumentsMissing,
    KurBefore,
    TenorTooLong,
)
from services.facilitation.financing.products import ApplicantType, Product, Purpose
from services.facilitation.loans.schedule import add_months
from shared.errors import Problem


class Outcome(StrEnum):
    """What the rules say."""

    ELIGIBLE = "eligible"
    INCOMPLETE = "incomplete"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an applicant; of a group `amount_idr` is the largest part.

    `circumstances` are those that may make up for a young business, such as in_group or mentored.
    """

    standing: Standing
    applicant_type: ApplicantType
    amount_idr: int
    purpose: Purpose
    tenor_months: int | None = None
    business_started_on: date | None = None
    circumstances: frozenset[str] = frozenset({"in_group"})
    document_codes: frozenset[str] = field(default_factory=frozenset)
    open_credit: bool = False
    former_families: frozenset[str] = field(default_factory=frozenset)


_MISSING = (BusinessAgeUnknown, DocumentsMissing)


def obstacles(product: Product, facts: Facts, on: date) -> list[Problem]:
    """What stands in the way on a day, the indirect rule first; nothing for who is eligible."""
    found: list[Problem] = []
    if obstacle := facts.standing.obstacle():
        found.append(obstacle)
    if facts.applicant_type not in product.applicants or (product.group_types is not None and facts.standing.group_type not in product.group_types):
        found.append(ApplicantNotServed(applicants=[str(each) for each in product.applicants]))
    if not product.above_idr < facts.amount_idr <= product.ceiling_idr:
        found.append(AmountOutsideProduct(above_idr=product.above_idr, ceiling_idr=product.ceiling_idr))
    limit = product.tenor_months[facts.purpose]
    if limit and facts.tenor_months and facts.tenor_months > limit:
        found.append(TenorTooLong(max_tenor_months=limit))
    found += _age(product, facts, on)
    if facts.open_credit and product.government_credit:
        found.append(OpenGovernmentCredit())
    if product.family in facts.former_families and any(each.code == "kur_before" for each in product.exclusions):
        found.append(KurBefore())
    if missing := [code for code in product.documents_for(facts.amount_idr) if code not in facts.document_codes]:
        found.append(DocumentsMissing(document_codes=missing))
    return found


def _age(product: Product, facts: Facts, on: date) -> list[Problem]:
    rule = product.minimum_business_age
    if rule is None or facts.circumstances.intersection(rule.except_when):
        return []
    if facts.business_started_on is None:
        return [BusinessAgeUnknown(months=rule.months)]
    return [BusinessTooYoung(months=rule.months)] if add_months(facts.business_started_on, rule.months) > on else []


def outcome_of(found: list[Problem]) -> Outcome:
    """Incomplete where all that stands in the way is something to be added."""
    if not found:
        return Outcome.ELIGIBLE
    return Outcome.INCOMPLETE if all(isinstance(each, _MISSING) for each in found) else Outcome.NOT_ELIGIBLE


def refuse_submission(found: list[Problem]) -> None:
    """Raise what makes submitting pointless. An open credit is weighed in the review and decided at the grant; an unknown age is asked there."""
    for each in found:
        if not isinstance(each, (OpenGovernmentCredit, BusinessAgeUnknown)):
            raise each
