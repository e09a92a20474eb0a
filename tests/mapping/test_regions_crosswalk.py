"""Region codes: what they mean in their scheme and on their day, and that nothing is guessed. Over the shipped tables."""

import doctest
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mapping.reference import shipped_changes, shipped_places, shipped_regions
from services.mapping.region_imports.rows import RefusedRow, check, hint
from services.mapping.regions.codes import RegionLevel, Scheme, canonical, level_of, numbers_in, parent_of
from services.mapping.regions.crosswalk import Change, ChangeKind, Crosswalk, Place, at, parts_at
from services.mapping.regions.errors import AmbiguousCode, CodeOfAnotherScheme, CodeOfAnotherTime, CodeReadAsNumber, CodeRefused, SchemeMissing, UnknownCode

BEFORE = date(2021, 12, 31)
KEMENDAGRI, BPS_2021, BPS_2024 = Scheme
SHIPPED = Crosswalk(shipped_places(), shipped_changes())


@pytest.fixture(scope="module")
def crosswalk() -> Crosswalk:
    return SHIPPED


@pytest.fixture(scope="module")
def regencies() -> list[Place]:
    return [place for place in shipped_places() if level_of(place.region_code) is RegionLevel.REGENCY]


def digits(place: Place) -> str:
    return place.region_code.replace(".", "")


def changed(kind: ChangeKind, from_code: str, to_code: str, on: str, share: str = "1", from_name: str = "Lama") -> Change:
    return Change(from_code=from_code, from_name=from_name, to_code=to_code, on=date.fromisoformat(on), share=Decimal(share), kind=kind, decree_ref="UU 1/2030")


@pytest.mark.parametrize(
    ("text", "scheme", "written"),
    [
        ("11.01", KEMENDAGRI, "11.01"),
        ("1101", KEMENDAGRI, "11.01"),
        (" 11 ", KEMENDAGRI, "11"),
        ("110101", KEMENDAGRI, "11.01.01"),
        ("11.01.01.2001", KEMENDAGRI, "11.01.01.2001"),
        ("1101012001", KEMENDAGRI, "11.01.01.2001"),
        ("1101010", KEMENDAGRI, None),
        ("11.1", KEMENDAGRI, None),
        ("11,01", KEMENDAGRI, None),
        ("01.01", KEMENDAGRI, None),
        ("0101", KEMENDAGRI, None),
        ("١١٠١", KEMENDAGRI, None),
        ("11.01.01.40001", KEMENDAGRI, None),
        ("1101", BPS_2021, "1101"),
        ("1101010", BPS_2024, "1101010"),
        ("1101010001", BPS_2024, "1101010001"),
        ("110101", BPS_2024, None),
        ("11.01", BPS_2024, None),
        ("", KEMENDAGRI, None),
    ],
)
def test_a_code_is_written_as_its_scheme_writes_it(text: str, scheme: Scheme, written: str | None) -> None:
    assert canonical(text, scheme) == written


def test_dots_tell_the_level_and_the_parent() -> None:
    code = "11.01.01.2001"
    levels = []
    while code:
        levels.append(level_of(code))
        code = parent_of(code) or ""
    assert levels == [RegionLevel.VILLAGE, RegionLevel.DISTRICT, RegionLevel.REGENCY, RegionLevel.PROVINCE]


def test_every_regency_resolves_to_itself_from_each_scheme(crosswalk: Crosswalk, regencies: list[Place]) -> None:
    assert len(regencies) == 514
    for place in regencies:
        codes = {KEMENDAGRI: place.region_code, BPS_2021: place.bps_code_2021, BPS_2024: place.bps_code_2024}
        for scheme, code in codes.items():
            assert code
            found = at(crosswalk, code, scheme)
            assert (found.region_code, found.name, found.level) == (place.region_code, place.name, RegionLevel.REGENCY)
            assert found.how == ("same_code" if scheme is KEMENDAGRI else "code_table")
        assert at(crosswalk, digits(place), KEMENDAGRI).region_code == place.region_code


def test_every_regency_of_2021_resolves_by_the_code_that_it_had_then(crosswalk: Crosswalk, regencies: list[Place]) -> None:
    recoded = {change.to_code: change.from_code for change in shipped_changes() if change.kind is ChangeKind.RECODE}
    assert len(recoded) == 26
    hows = Counter()
    for place in regencies:
        then = recoded.get(place.region_code, place.region_code)
        found = at(crosswalk, then, KEMENDAGRI, BEFORE)
        assert found.region_code == place.region_code
        hows[found.how] += 1
        by_bps = at(crosswalk, place.bps_code_2021 or "", BPS_2021, BEFORE)
        assert (by_bps.region_code, by_bps.region_code_then) == (place.region_code, then)
    assert hows == {"same_code": 488, "recode": 26}


def test_how_many_codes_of_one_scheme_are_another_region_in_another(crosswalk: Crosswalk, regencies: list[Place]) -> None:
    """Counted over the shipped tables: why a code without its scheme is refused, and digits are never joined."""

    def meant(code: str, scheme: Scheme) -> str | None:
        try:
            return at(crosswalk, code, scheme).region_code
        except CodeRefused:
            return None

    counted = Counter()
    for place in regencies:
        for column, scheme in ((place.bps_code_2021, BPS_2021), (place.bps_code_2024, BPS_2024)):
            read = meant(column or "", KEMENDAGRI)
            counted[scheme, "same" if read == place.region_code else "nothing" if read is None else "another"] += 1
    assert counted == {
        (BPS_2021, "same"): 315, (BPS_2021, "another"): 164, (BPS_2021, "nothing"): 35,
        (BPS_2024, "same"): 315, (BPS_2024, "another"): 169, (BPS_2024, "nothing"): 30,
    }  # fmt: skip


def test_the_same_digits_are_another_region(crosswalk: Crosswalk) -> None:
    assert at(crosswalk, "1101", BPS_2024).name == "Kabupaten Simeulue"
    assert at(crosswalk, "11.01", KEMENDAGRI).name == at(crosswalk, "1101", KEMENDAGRI).name == "Kabupaten Aceh Selatan"
    assert at(crosswalk, "94", KEMENDAGRI).name == "Papua Tengah"
    assert at(crosswalk, "94", BPS_2024).name == "Papua"
    with pytest.raises(AmbiguousCode):
        at(crosswalk, "94", BPS_2021)


def test_a_code_without_its_scheme_is_refused(crosswalk: Crosswalk) -> None:
    with pytest.raises(SchemeMissing):
        at(crosswalk, "11.01", None)


def test_34_provinces_on_a_map_of_38(crosswalk: Crosswalk) -> None:
    """A figure of Papua in 2021 is of four regions of today; Papua's regencies each land on their own."""
    for code, scheme in (("94", BPS_2021), ("91", KEMENDAGRI)):
        with pytest.raises(AmbiguousCode) as refused:
            at(crosswalk, code, scheme, BEFORE)
        assert refused.value.facts["candidates"] == ["91", "93", "94", "95"]
        parts = parts_at(crosswalk, code, scheme, BEFORE)
        assert sum(part.share for part in parts) == 1
        assert [part.region_code for part in parts] == ["91", "93", "94", "95"]
    assert [part.region_code for part in parts_at(crosswalk, "91", BPS_2021)] == ["92", "96"]
    with pytest.raises(CodeOfAnotherTime) as early:
        at(crosswalk, "93", KEMENDAGRI, BEFORE)
    assert (early.value.code, early.value.facts["valid_from"]) == ("unknown_code", "2022-07-25")
    for code, schemes in {"94": ["bps-2021", "bps-2024"], "95": ["bps-2024"], "96": ["bps-2024"]}.items():
        with pytest.raises(CodeOfAnotherScheme) as other:
            at(crosswalk, code, KEMENDAGRI, BEFORE)
        assert other.value.facts["found_in_schemes"] == schemes
    with pytest.raises(CodeOfAnotherScheme) as newer:
        at(crosswalk, "9501", BPS_2021)
    assert newer.value.facts["found_in_schemes"] == ["kemendagri", "bps-2024"]  # 95.01 without its dot is Jayawijaya
    merauke = at(crosswalk, "9401", BPS_2021, BEFORE)
    assert (merauke.region_code, merauke.name, merauke.since) == ("93.01", "Kabupaten Merauke", date(2022, 7, 25))
    provinces = {place.region_code for place in shipped_places() if "." not in place.region_code}
    whole = [code for code in provinces if _resolves(crosswalk, code, BEFORE)]
    assert len(whole) == 32


def _resolves(crosswalk: Crosswalk, code: str, on: date) -> bool:
    try:
        return at(crosswalk, code, KEMENDAGRI, on).region_code == code
    except CodeRefused:
        return False


def test_the_day_of_the_law_divides(crosswalk: Crosswalk) -> None:
    assert at(crosswalk, "91.04", KEMENDAGRI, date(2022, 7, 24)).name == "Kabupaten Nabire"
    with pytest.raises(CodeOfAnotherTime) as late:
        at(crosswalk, "91.04", KEMENDAGRI, date(2022, 7, 25))
    assert late.value.facts["valid_to"] == "2022-07-24"
    assert at(crosswalk, "94.01", KEMENDAGRI, date(2022, 7, 25)).how == "same_code"
    with pytest.raises(CodeOfAnotherTime):
        at(crosswalk, "94.01", KEMENDAGRI, date(2022, 7, 24))
    assert at(crosswalk, "91", KEMENDAGRI, date(2022, 7, 25)).since == date(2022, 7, 25)


def test_a_former_name_is_followed_to_the_present_one(crosswalk: Crosswalk) -> None:
    toba = at(crosswalk, "12.12", KEMENDAGRI, date(2020, 2, 25))
    assert (toba.name, toba.how, toba.since, toba.followed[0].from_name) == ("Kabupaten Toba", "rename", date(2020, 2, 26), "Kabupaten Toba Samosir")
    assert at(crosswalk, "12.12", KEMENDAGRI, date(2020, 2, 26)).how == "same_code"


@pytest.mark.parametrize(
    ("text", "scheme", "candidates"),
    [
        ("11.1", KEMENDAGRI, ["11.10"]),
        ("11,1", KEMENDAGRI, ["11.10"]),
        ("14.1", KEMENDAGRI, ["14.10"]),
        ("11,01", KEMENDAGRI, ["11.01"]),
        ("11.010", KEMENDAGRI, ["11.01"]),
        ("1101.0", KEMENDAGRI, ["11.01"]),
        ("11.0", KEMENDAGRI, ["11"]),
        ("1101.0", BPS_2024, ["1101"]),
        ("1.101", BPS_2024, ["1101"]),
        ("1.101E3", BPS_2024, ["1101"]),
    ],
)
def test_a_code_read_as_a_number_names_what_it_may_have_been(crosswalk: Crosswalk, text: str, scheme: Scheme, candidates: list[str]) -> None:
    with pytest.raises(CodeReadAsNumber) as refused:
        at(crosswalk, text, scheme)
    assert refused.value.facts["candidates"] == candidates
    assert candidates[0] in refused.value.sentence(english=False)


def test_all_codes_that_a_spreadsheet_shortens_are_told(crosswalk: Crosswalk, regencies: list[Place]) -> None:
    shortened = [place.region_code for place in regencies if place.region_code.endswith("0")]
    assert len(shortened) == 23
    for code in shortened:
        with pytest.raises(CodeReadAsNumber) as refused:
            at(crosswalk, str(float(code)), KEMENDAGRI)
        assert refused.value.facts["candidates"] == [code]


@pytest.mark.parametrize("text", ["99.99", "9999", "12.1.1", "Aceh", "-", "", "1e400", "9" * 40, "11.01.01.2001", "=1+1", "2011-01-01", "1,2,3"])
def test_what_nobody_knows_is_unknown(crosswalk: Crosswalk, text: str) -> None:
    for scheme in Scheme:
        with pytest.raises(CodeRefused) as refused:
            at(crosswalk, text, scheme)
        assert type(refused.value) is UnknownCode


@given(
    text=st.text(max_size=45) | st.text("0123456789.,eE+- \u00a0", max_size=45),
    scheme=st.sampled_from(Scheme),
    on=st.none() | st.dates(),
)
def test_whatever_is_asked_is_answered_or_named(text: str, scheme: Scheme, on: date | None) -> None:
    try:
        found = at(SHIPPED, text, scheme, on)
    except CodeRefused as refused:
        assert text.strip() == "" or len(text) < 3 or text not in refused.sentence(english=True)
    else:
        assert SHIPPED.place(found.region_code)
    seen = check(2, {"code": text.strip(), "name": "x"}, {"11": True, "11.01": True})
    assert not isinstance(seen, RefusedRow) or hint(seen.code, seen.facts)


@given(code=st.sampled_from(sorted({change.from_code for change in shipped_changes()})), on=st.dates(date(2010, 1, 1), date(2030, 1, 1)))
def test_shares_always_make_the_whole(code: str, on: date) -> None:
    assert sum(part.share for part in SHIPPED.trace(code, on)) == 1


def test_numbers_are_bounded() -> None:
    assert numbers_in("1" * 41) == []
    assert numbers_in("1e999999999") == []


def test_splits_after_splits_keep_the_whole() -> None:
    places = [Place(region_code=code, name=code) for code in ("91.01", "91.02", "91.03", "91.04")]
    chain = [
        changed(ChangeKind.SPLIT, "91.01", "91.01", "2030-01-01", "0.6"),
        changed(ChangeKind.SPLIT, "91.01", "91.02", "2030-01-01", "0.4"),
        changed(ChangeKind.SPLIT, "91.01", "91.01", "2031-01-01", "0.5"),
        changed(ChangeKind.SPLIT, "91.01", "91.03", "2031-01-01", "0.5"),
        changed(ChangeKind.RECODE, "91.02", "91.04", "2032-01-01"),
    ]
    crosswalk = Crosswalk(places, chain)
    parts = parts_at(crosswalk, "91.01", KEMENDAGRI, date(2029, 1, 1))
    assert {part.region_code: part.share for part in parts} == {"91.01": Decimal("0.30"), "91.03": Decimal("0.30"), "91.04": Decimal("0.4")}
    assert at(crosswalk, "91.02", KEMENDAGRI, date(2031, 6, 1)).region_code == "91.04"
    assert at(crosswalk, "91.01", KEMENDAGRI, date(2031, 1, 1)).region_code == "91.01"


def test_what_was_divided_and_merged_again_is_one_region() -> None:
    places = [Place(region_code="91.01", name="Satu")]
    chain = [
        changed(ChangeKind.SPLIT, "91.01", "91.01", "2030-01-01", "0.6"),
        changed(ChangeKind.SPLIT, "91.01", "91.02", "2030-01-01", "0.4"),
        changed(ChangeKind.MERGE, "91.02", "91.01", "2033-01-01"),
    ]
    crosswalk = Crosswalk(places, chain)
    found = at(crosswalk, "91.01", KEMENDAGRI, date(2029, 1, 1))
    assert (found.region_code, found.since) == ("91.01", date(2033, 1, 1))
    merged = at(crosswalk, "91.02", KEMENDAGRI, date(2031, 1, 1))
    assert (merged.region_code, merged.region_code_then, merged.how) == ("91.01", "91.02", "merge")
    assert crosswalk.lifetime("91.02") == (date(2030, 1, 1), date(2032, 12, 31))


def test_the_shipped_crosswalk_fits_the_shipped_regions() -> None:
    """Every row leads to a region of today; the shares of a division are those of the population of 2017, recomputed."""
    names = {place.region_code: place.name for place in shipped_places()}
    changes = shipped_changes()
    assert Counter(change.kind for change in changes) == {ChangeKind.SPLIT: 6, ChangeKind.RECODE: 26, ChangeKind.RENAME: 4}
    by_code = {region.region_code: region for region in shipped_regions()}
    for change in changes:
        assert change.to_code in names
        if change.kind is ChangeKind.RECODE:
            assert change.from_code not in names
            assert names[change.to_code] == change.from_name
            assert by_code[change.to_code].province_code_2021 == change.from_code[:2]
            assert change.on == by_code[change.to_code[:2]].valid_from
        if change.kind is ChangeKind.RENAME:
            assert by_code[change.to_code].former_name == change.from_name
    moved = {code for code, region in by_code.items() if region.province_code_2021 not in (None, region.parent_region_code)}
    assert {change.to_code for change in changes if change.kind is ChangeKind.RECODE} == moved


def test_the_handbooks_examples_hold() -> None:
    page = Path(__file__).parents[2] / "docs" / "handbook" / "regions.md"
    outcome = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert outcome.attempted > 10
    assert outcome.failed == 0
