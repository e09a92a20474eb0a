"""Approval tier by tier: a later tier waits for the earlier ones, and nobody decides twice or on their own work."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import Conflict, Forbidden, SamePerson


class Verdict(StrEnum):
    """What a tier decided."""

    APPROVED = "approved"
    REVISION_REQUESTED = "revision_requested"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A step of approval, counted from 1, and the role that decides it."""

    tier: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Who decides: a subject in a role."""

    subject: str
    role: str


class TierNotReached(Conflict):
    """Tiers decide in order, each once."""

    code = "tier_not_reached"
    message = (
        "Tingkat {tier} tidak dapat memutus sekarang; giliran tingkat {current_tier} dari {tiers}.",
        "Tier {tier} cannot decide now; it is the turn of tier {current_tier} of {tiers}.",
    )
    action = ("Tunggu keputusan tingkat {current_tier}, lalu baca ulang berkasnya.", "Wait for tier {current_tier} to decide, then read it again.")


class NotYourTier(Forbidden):
    """A tier is decided by its role."""

    code = "not_your_tier"
    message = ("Tingkat {tier} diputus oleh peran lain.", "Tier {tier} is decided by another role.")


class DecidedBefore(Conflict):
    """One decision by each officer on one version."""

    code = "officer_decided_before"
    message = ("Anda sudah memutus versi ini pada tingkat lain.", "You decided this version before, at another tier.")
    action = ("Minta pejabat lain memutus tingkat ini.", "Ask another officer to decide this tier.")


def check_turn(tiers: Sequence[Tier], current_tier: int, tier: int, by: Officer, *, author: str, deciders: Sequence[str]) -> None:
    """Raise unless `by` may decide `tier` now: its turn, its role, not the author, not one who decided this version before."""
    if tier != current_tier:
        raise TierNotReached(tier=tier, current_tier=current_tier, tiers=len(tiers))
    if by.subject == author:
        raise SamePerson
    if by.subject in deciders:
        raise DecidedBefore
    if by.role != (role := tiers[tier - 1].role):
        raise NotYourTier(tier=tier, allowed_roles=[role])
