"""The explanation of one region's outcome: what decides it, and what would have changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Self

from services.mapping.computation.counterfactual import Change, Counterfactual
from services.mapping.publication.domain import DecidedOtherwise, Place, Sheet, SheetCriterion, SheetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """What the certificate says of the region: in which share of the draws it is selected, with a 95 % interval, and its ranks."""

    probability: float
    interval: tuple[float, float]
    draws: int
    standing: str
    median_rank: int
    rank_range: tuple[int, int]

    @classmethod
    def read(cls, certificate: Mapping[str, Any], region_code: str) -> Self | None:
        """What a certificate says of one region; None where it was no candidate."""
        said = next((each for each in certificate["result"]["regions"] if each["region_code"] == region_code), None)
        if said is None:
            return None
        return cls(
            probability=said["probability"],
            interval=tuple(said["interval"]),
            draws=certificate["inputs"]["draws"],
            standing=said["standing"],
            median_rank=said["median_rank"],
            rank_range=tuple(said["rank_range"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionPart:
    """One criterion for the region. Contributions are parts of the score; `figure` and `weight` are the smallest changes that flip it."""

    criterion: SheetCriterion
    decimals: int
    value: float | None
    contribution: float
    median_value: float
    median_contribution: float
    last_contribution: float | None
    figure: Change
    weight: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a region was selected or not.

    `selected` is what was decided, `computed` what the figures gave; where they differ, `decided` says who stands for whom and why.
    `threshold` is the score from which the figures would select it, null where its score decides nothing. `last` is the last region
    selected in its province, or of all where its province has none. `parts` is empty for a region that was not ranked; then
    `missing_codes` are the criteria without a figure.
    """

    region_code: str
    place: Place
    selected: bool
    computed: bool
    decided: DecidedOtherwise | None
    row: SheetRow | None
    candidates: int
    threshold: float | None
    cut: float | None
    last: SheetRow | None
    above_selected: int
    province_selected: int
    provinces: int
    parts: tuple[CriterionPart, ...]
    missing_codes: tuple[str, ...]
    robustness: Robustness | None = None

    @property
    def distance(self) -> float | None:
        """Its score less the one that decides: above 0 it is in."""
        return None if self.row is None or self.threshold is None else self.row.score - self.threshold

    @property
    def smallest_figure(self) -> CriterionPart | None:
        """The criterion whose figure would have to change least, as a share of itself."""
        able = [part for part in self.parts if part.figure.relative is not None]
        return min(able, key=lambda part: abs(part.figure.relative or 0), default=None)

    @property
    def smallest_weight(self) -> CriterionPart | None:
        """The criterion whose weight would have to change least."""
        able = [part for part in self.parts if part.weight.difference is not None]
        return min(able, key=lambda part: abs(part.weight.difference or 0), default=None)

    @classmethod
    def of(
        cls,
        sheet: Sheet,
        document: Mapping[str, Any],
        region_code: str,
        place: Place,
        found: Counterfactual | None,
        decimals: Mapping[str, int],
        robustness: Robustness | None = None,
    ) -> Self:
        """Of a region of the sheet; `found` is None for one that was not ranked."""
        row = next((each for each in sheet.rows if each.region_code == region_code), None)
        selected = sheet.selected
        in_province = [each for each in selected if each.place.province_code == place.province_code and each.region_code != region_code]
        others = [each for each in selected if each.region_code != region_code]
        last = (in_province or others)[-1:]
        excluded = {each["region_code"]: tuple(each["criterion_codes"]) for each in document["result"]["excluded"]}
        return cls(
            region_code=region_code,
            place=place,
            selected=any(each.region_code == region_code for each in selected),
            computed=region_code in document["result"]["selection"]["region_codes"],
            decided=_decided(sheet.exceptions, region_code),
            row=row,
            candidates=len(sheet.rows),
            threshold=found.threshold if found else None,
            cut=sheet.cut,
            last=last[0] if last else None,
            above_selected=sum(each.score < row.score for each in selected) if row else 0,
            province_selected=len(in_province),
            provinces=sheet.province_quota,
            parts=_parts(sheet, row, last[0] if last else None, found, decimals) if row and found else (),
            missing_codes=excluded.get(region_code, ()),
            robustness=robustness,
        )


def _decided(exceptions: Sequence[DecidedOtherwise], region_code: str) -> DecidedOtherwise | None:
    """The decision of people that stands above the computed order for this region."""
    return next((each for each in exceptions if region_code in (each.region_code, each.in_place_of)), None)


def _parts(sheet: Sheet, row: SheetRow, last: SheetRow | None, found: Counterfactual, decimals: Mapping[str, int]) -> tuple[CriterionPart, ...]:
    return tuple(
        CriterionPart(
            criterion=criterion,
            decimals=decimals.get(criterion.code, 2),
            value=row.values[n],
            contribution=row.contributions[n],
            median_value=median(value for each in sheet.rows if (value := each.values[n]) is not None),
            median_contribution=median(each.contributions[n] for each in sheet.rows),
            last_contribution=last.contributions[n] if last else None,
            figure=found.figures[n],
            weight=found.weights[n],
        )
        for n, criterion in enumerate(sheet.criteria)
    )
