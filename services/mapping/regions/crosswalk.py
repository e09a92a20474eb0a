"""What became of a region code: splits (pemekaran), merges, renames and recodes with their dates, and the codes of BPS beside Kemendagri's.

`at` is what an import calls for each row::

    crosswalk = await load_crosswalk(connection)           # regions.tables
    found = at(crosswalk, "9404", Scheme.BPS_2021, date(2021, 3, 1))
    found.region_code, found.name                          # "94.01", "Kabupaten Nabire"

It raises a `CodeRefused` (a named problem with code, sentence and advice in both languages) and never guesses.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from services.mapping.regions.codes import RegionLevel, Scheme, as_numbers, canonical, level_of, numbers_in
from services.mapping.regions.errors import AmbiguousCode, CodeOfAnotherScheme, CodeOfAnotherTime, CodeReadAsNumber, SchemeMissing, UnknownCode

# The day whose regions a code table of BPS describes: what happened later is followed from there.
TABLE_DATES = {Scheme.BPS_2021: date(2021, 12, 31), Scheme.BPS_2024: date(2024, 12, 31)}
WHOLE = Decimal(1)


class ChangeKind(StrEnum):
    """What happened: pemekaran, penggabungan, perubahan nama, perubahan kode."""

    SPLIT = "split"
    MERGE = "merge"
    RENAME = "rename"
    RECODE = "recode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row of the crosswalk: from `on` (that day included) `share` of what `from_code` was is in `to_code`, under a decree.

    Of a split there is a row for every part, the remainder under the old code included; their shares of population sum to 1.
    A rename has the same code on both sides; `from_name` is the name until then.
    """

    from_code: str
    from_name: str
    to_code: str
    on: date
    share: Decimal
    kind: ChangeKind
    decree_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A region of the register with its codes; `valid_from` is null for since before the tables begin, `valid_to` is its last day."""

    region_code: str
    name: str
    bps_code_2021: str | None = None
    bps_code_2024: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A region of today, and which share of what was asked about is in it."""

    region_code: str
    share: Decimal
    followed: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The region of today. `how`: `same_code`, `code_table` (a code of BPS), or the kind of the last change followed.

    `since`: from when it has had its present code, name and extent; null for since before the tables begin.
    `region_code_then`: Kemendagri's code on the day asked about.
    """

    region_code: str
    region_code_then: str
    name: str
    level: RegionLevel
    scheme: Scheme
    how: str
    since: date | None
    followed: tuple[Change, ...]


class Crosswalk:
    """Places and changes, ready to be asked."""

    def __init__(self, places: Iterable[Place], changes: Iterable[Change]) -> None:
        self._places = {place.region_code: place for place in places}
        self._from: dict[str, list[Change]] = {}
        self._into: dict[str, list[Change]] = {}
        for change in sorted(changes, key=lambda each: (each.on, each.from_code, each.to_code)):
            self._from.setdefault(change.from_code, []).append(change)
            self._into.setdefault(change.to_code, []).append(change)
        self._tables: Mapping[Scheme, Mapping[str, str]] = {
            Scheme.BPS_2021: {place.bps_code_2021: place.region_code for place in self._places.values() if place.bps_code_2021},
            Scheme.BPS_2024: {place.bps_code_2024: place.region_code for place in self._places.values() if place.bps_code_2024},
        }

    def start(self, code: str, scheme: Scheme, on: date) -> tuple[str, date] | None:
        """Where to begin following a canonical code: the Kemendagri code and the day whose regions it describes; nothing if unknown then."""
        if scheme is not Scheme.KEMENDAGRI:
            region_code = self._tables[scheme].get(code)
            return (region_code, TABLE_DATES[scheme]) if region_code else None
        lifetime = self.lifetime(code)
        if lifetime is None or (lifetime[0] and on < lifetime[0]) or (lifetime[1] and on > lifetime[1]):
            return None
        return code, on

    def lifetime(self, region_code: str) -> tuple[date | None, date | None] | None:
        """First and last day of a Kemendagri code, null for open ends; nothing for a code that never was."""
        place = self._places.get(region_code)
        born = [change.on for change in self._into.get(region_code, ()) if change.from_code != region_code and change.kind is not ChangeKind.MERGE]
        ended = [last for change in self._from.get(region_code, ()) if (last := self._last_day(region_code, change.on))]
        if place is None and not ended:
            return None
        begins = born[0] if born else place.valid_from if place else None
        return begins, ended[-1] if ended else place.valid_to if place else None

    def _last_day(self, region_code: str, on: date) -> date | None:
        """The day before a change of that day, if the code did not go on."""
        goes_on = any(change.to_code == region_code for change in self._from.get(region_code, ()) if change.on == on)
        return None if goes_on else date.fromordinal(on.toordinal() - 1)

    def trace(self, region_code: str, after: date) -> list[Part]:
        """What is today of what the Kemendagri code named on the day `after`: parts whose shares sum to 1, by code."""
        changes = [change for change in self._from.get(region_code, ()) if change.on > after]
        if not changes:
            return [Part(region_code, WHOLE, ())]
        day = changes[0].on
        of_day = [change for change in changes if change.on == day]
        moves = [change for change in of_day if change.kind is not ChangeKind.RENAME]
        renames = tuple(change for change in of_day if change.kind is ChangeKind.RENAME)
        parts: dict[str, Part] = {}
        for to_code, share, steps in [(move.to_code, move.share, (*renames, move)) for move in moves] or [(region_code, WHOLE, renames)]:
            for later in self.trace(to_code, day):
                before = parts.get(later.region_code)
                total = share * later.share + (before.share if before else 0)
                parts[later.region_code] = Part(later.region_code, total, before.followed if before else steps + later.followed)
        return [parts[code] for code in sorted(parts)]

    def code_on(self, region_code: str, on: date) -> str:
        """The Kemendagri code that the region of this code had on a day, before it was given another."""
        later = [change for change in self._into.get(region_code, ()) if change.kind is ChangeKind.RECODE and change.on > on]
        return self.code_on(later[0].from_code, on) if later else region_code

    def place(self, region_code: str) -> Place | None:
        """The region under that Kemendagri code, if the register has it."""
        return self._places.get(region_code)

    def since(self, region_code: str) -> date | None:
        """From when the region has had its present code, name and extent."""
        days = [change.on for change in (*self._into.get(region_code, ()), *self._from.get(region_code, ()))]
        place = self._places.get(region_code)
        return max(days, default=place.valid_from if place else None)

    def schemes_with(self, text: str, on: date) -> list[Scheme]:
        """The schemes in which the text is a code valid then."""
        return [scheme for scheme in Scheme if (code := canonical(text, scheme)) and self.start(code, scheme, on)]

    def read_as(self, text: str, scheme: Scheme) -> list[str]:
        """The codes of the scheme that a spreadsheet shows as this number."""
        found = {code for number in numbers_in(text) for code in self._numbers[scheme].get(number, ())}
        return sorted(found - {canonical(text, scheme)})

    @cached_property
    def _numbers(self) -> Mapping[Scheme, Mapping[Decimal, list[str]]]:
        numbers: dict[Scheme, dict[Decimal, list[str]]] = {scheme: defaultdict(list) for scheme in Scheme}
        for scheme, codes in {Scheme.KEMENDAGRI: self._places, **self._tables}.items():
            for code in codes:
                for number in as_numbers(code):
                    numbers[scheme][number].append(code)
        return numbers


def at(crosswalk: Crosswalk, code: str, scheme: Scheme | None, on: date | None = None) -> Found:
    """The region of today that `code` of `scheme` named on the day `on` (nothing: now).

    A code of BPS describes the regions of its table's year whatever `on` says. Raises `SchemeMissing`, `UnknownCode`,
    `CodeOfAnotherTime`, `CodeOfAnotherScheme`, `CodeReadAsNumber`, or `AmbiguousCode` for what is more than one region today.
    """
    if scheme is None:
        raise SchemeMissing
    begin, parts = _parts(crosswalk, code, scheme, on)
    if len(parts) > 1:
        raise AmbiguousCode(candidates=[part.region_code for part in parts], shares=[str(part.share) for part in parts])
    (part,) = parts
    place = crosswalk.place(part.region_code)
    if place is None:
        raise UnknownCode(scheme=scheme.value)
    how = part.followed[-1].kind.value if part.followed else "same_code" if scheme is Scheme.KEMENDAGRI else "code_table"
    return Found(
        region_code=place.region_code,
        region_code_then=begin if scheme is Scheme.KEMENDAGRI else crosswalk.code_on(begin, on or date.max),
        name=place.name,
        level=level_of(place.region_code),
        scheme=scheme,
        how=how,
        since=crosswalk.since(place.region_code),
        followed=part.followed,
    )


def parts_at(crosswalk: Crosswalk, code: str, scheme: Scheme, on: date | None = None) -> list[Part]:
    """Every region of today that what `code` named is in, with its share of the population; one part of share 1 if it was never divided."""
    return _parts(crosswalk, code, scheme, on)[1]


def _parts(crosswalk: Crosswalk, code: str, scheme: Scheme, on: date | None) -> tuple[str, list[Part]]:
    """The Kemendagri code where following began, and the parts."""
    day = on or date.max
    written = canonical(code, scheme)
    begin = crosswalk.start(written, scheme, day) if written else None
    if begin is None:
        raise _refusal(crosswalk, code, written, scheme, day)
    return begin[0], crosswalk.trace(*begin)


def _refusal(crosswalk: Crosswalk, code: str, written: str | None, scheme: Scheme, day: date) -> UnknownCode | CodeOfAnotherScheme | CodeReadAsNumber:
    if others := crosswalk.schemes_with(code, day):
        return CodeOfAnotherScheme(scheme=scheme.value, found_in_schemes=[other.value for other in others])
    if candidates := crosswalk.read_as(code, scheme):
        return CodeReadAsNumber(candidates=candidates)
    if written and scheme is Scheme.KEMENDAGRI and (lifetime := crosswalk.lifetime(written)):
        begins, ends = (str(each) if each else "-" for each in lifetime)
        return CodeOfAnotherTime(scheme=scheme.value, valid_from=begins, valid_to=ends)
    return UnknownCode(scheme=scheme.value)
