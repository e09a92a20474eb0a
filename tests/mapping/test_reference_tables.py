"""The reference tables: codes that survive as text, crosswalks that do not mix, missing values that are not zero."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

SERVICES = Path(__file__).resolve().parents[2] / "services"
REGIONS = SERVICES / "mapping" / "regions" / "reference"
INDICATORS = SERVICES / "mapping" / "indicators" / "reference"
COASTLINE = SERVICES.parent / "shared" / "pages" / "indonesia.json"
LON_MIN, LAT_MIN, LON_MAX, LAT_MAX = 94.5, -11.2, 141.1, 6.2

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        table = list(reader)
    assert all(None not in row and None not in row.values() for row in table), f"{path.name} has a row of another length"
    assert all(value == value.strip() for row in table for value in row.values()), f"{path.name} has stray blanks"
    return table


@pytest.fixture(scope="module")
def provinces() -> list[Row]:
    return rows(REGIONS / "provinces.csv")


@pytest.fixture(scope="module")
def regencies() -> list[Row]:
    return rows(REGIONS / "regencies.csv")


@pytest.fixture(scope="module")
def values() -> list[Row]:
    return rows(INDICATORS / "values_2021.csv")


@pytest.fixture(scope="module")
def columns() -> list[Row]:
    return rows(INDICATORS / "columns_2021.csv")


@pytest.fixture(scope="module")
def definitions() -> dict[str, Row]:
    return {row["indicator_code"]: row for row in rows(INDICATORS / "indicators.csv")}


def digits(row: Row) -> str:
    return row["region_code"].replace(".", "")


def test_counts_and_order(provinces: list[Row], regencies: list[Row]) -> None:
    assert (len(provinces), len(regencies)) == (38, 514)
    for table in (provinces, regencies):
        codes = [row["region_code"] for row in table]
        assert codes == sorted(set(codes))
    assert Counter(row["kind"] for row in regencies) == {"kabupaten": 416, "kota": 98}


@pytest.mark.parametrize("column", ["region_code", "name", "bps_code_2021", "bps_code_2024"])
def test_every_scheme_is_a_key(regencies: list[Row], column: str) -> None:
    assert len({row[column] for row in regencies}) == 514
    assert all(row[column] for row in regencies)


def test_codes_are_well_formed(provinces: list[Row], regencies: list[Row]) -> None:
    known = {row["region_code"] for row in provinces}
    for row in regencies:
        head, _, number = row["region_code"].partition(".")
        assert len(head) == len(number) == 2
        assert (head + number).isdigit()
        assert row["province_code"] == head
        assert head in known
        low, high, word = (1, 69, "Kabupaten ") if row["kind"] == "kabupaten" else (71, 99, "Kota ")
        assert low <= int(number) <= high, row
        assert row["name"].startswith(word)
        for scheme in ("bps_code_2021", "bps_code_2024"):
            assert len(row[scheme]) == 4
            assert row[scheme].isdigit()
            assert (int(row[scheme][2:]) > 70) == (row["kind"] == "kota"), row


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("11.10", "Kabupaten Aceh Singkil"),
        ("12.10", "Kabupaten Labuhanbatu"),
        ("12.20", "Kabupaten Padang Lawas Utara"),
        ("14.10", "Kabupaten Kepulauan Meranti"),
    ],
)
def test_trailing_zero_survives(regencies: list[Row], values: list[Row], code: str, name: str) -> None:
    assert [row["name"] for row in regencies if row["region_code"] == code] == [name]
    assert code in {row["region_code"] for row in values}


@pytest.mark.parametrize(("scheme", "different", "misleading"), [("bps_code_2021", 199, 164), ("bps_code_2024", 199, 169)])
def test_bps_digits_must_not_be_joined_with_kemendagri_digits(regencies: list[Row], scheme: str, different: int, misleading: int) -> None:
    valid = {digits(row) for row in regencies}
    apart = [row[scheme] for row in regencies if row[scheme] != digits(row)]
    assert len(apart) == different
    assert sum(code in valid for code in apart) == misleading


def test_simeulue_is_not_aceh_selatan(regencies: list[Row]) -> None:
    by_bps = {row["bps_code_2024"]: row for row in regencies}
    by_code = {row["region_code"]: row for row in regencies}
    assert (by_bps["1101"]["name"], by_bps["1101"]["region_code"]) == ("Kabupaten Simeulue", "11.09")
    assert by_code["11.01"]["name"] == "Kabupaten Aceh Selatan"


def test_province_crosswalk_agrees_with_the_regencies(provinces: list[Row], regencies: list[Row]) -> None:
    for province in provinces:
        code = province["region_code"]
        assert {row["bps_code_2024"][:2] for row in regencies if row["province_code"] == code} == {province["bps_code_2024"]}
        in_2021 = {row["bps_code_2021"][:2] for row in regencies if row["province_code_2021"] == code}
        assert in_2021 == ({province["bps_code_2021"]} if province["bps_code_2021"] else set())
    assert len({row["bps_code_2024"] for row in provinces}) == 38
    assert len({row["bps_code_2021"] for row in provinces} - {""}) == 34


def test_papua_split(provinces: list[Row], regencies: list[Row]) -> None:
    new = {row["region_code"]: row for row in provinces if not row["bps_code_2021"]}
    assert {code: (row["name"], row["bps_code_2024"], row["valid_from"]) for code, row in new.items()} == {
        "93": ("Papua Selatan", "95", "2022-07-25"),
        "94": ("Papua Tengah", "96", "2022-07-25"),
        "95": ("Papua Pegunungan", "97", "2022-07-25"),
        "96": ("Papua Barat Daya", "92", "2022-12-08"),
    }
    assert all(not row["valid_from"] for row in provinces if row["bps_code_2021"])
    assert [row["name"] for row in provinces if row["bps_code_2024"] == "94"] == ["Papua"]
    members = {row["name"].removeprefix("Kabupaten ") for row in regencies if row["province_code"] == "94"}
    assert members == {"Nabire", "Puncak Jaya", "Paniai", "Mimika", "Puncak", "Dogiyai", "Intan Jaya", "Deiyai"}
    assert Counter(row["province_code"] for row in regencies if row["province_code"] >= "91") == {
        "91": 9, "92": 7, "93": 4, "94": 8, "95": 8, "96": 6,
    }  # fmt: skip
    assert Counter(row["province_code_2021"] for row in regencies if row["province_code"] >= "91") == {"91": 29, "92": 13}
    assert all(row["province_code_2021"] == "92" for row in regencies if row["province_code"] == "96")
    assert all(row["province_code_2021"] == row["province_code"] for row in regencies if row["province_code"] < "91")


def test_renamed_regencies(regencies: list[Row]) -> None:
    assert {row["region_code"]: (row["former_name"], row["name"]) for row in regencies if row["former_name"]} == {
        "12.12": ("Kabupaten Toba Samosir", "Kabupaten Toba"),
        "61.02": ("Kabupaten Pontianak", "Kabupaten Mempawah"),
        "76.01": ("Kabupaten Mamuju Utara", "Kabupaten Pasangkayu"),
        "81.03": ("Kabupaten Maluku Tenggara Barat", "Kabupaten Kepulauan Tanimbar"),
    }


def test_places_lie_in_indonesia(provinces: list[Row], regencies: list[Row]) -> None:
    for row in provinces + regencies:
        assert LAT_MIN < float(row["latitude"]) < LAT_MAX, row
        assert LON_MIN < float(row["longitude"]) < LON_MAX, row
    assert len({(row["latitude"], row["longitude"]) for row in regencies}) == 514
    area = sum(float(row["area_km2"]) for row in regencies)
    assert area == pytest.approx(1_890_180, abs=1)
    for province in provinces:
        inside = [row for row in regencies if row["province_code"] == province["region_code"]]
        size = sum(float(row["area_km2"]) for row in inside)
        for axis in ("latitude", "longitude"):
            mean = sum(float(row[axis]) * float(row["area_km2"]) for row in inside) / size
            assert float(province[axis]) == pytest.approx(mean, abs=2e-4)


def test_columns_have_definitions_and_sources(values: list[Row], columns: list[Row], definitions: dict[str, Row]) -> None:
    sources = rows(INDICATORS / "sources.csv")
    codes = [row["source_code"] for row in sources]
    assert len(codes) == len(set(codes))
    assert all(row["publisher"] and row["title"] and row["year"] and row["licence_note"] and row["retrieved_via"] for row in sources)
    assert list(values[0]) == ["region_code", *(column["column"] for column in columns)]
    assert {column["source_code"] for column in columns} == set(codes)
    assert len({(column["indicator_code"], column["period"]) for column in columns}) == len(columns)
    assert {column["indicator_code"] for column in columns} == {c for c, d in definitions.items() if d["nature"] == "published"}
    assert {c for c, d in definitions.items() if d["nature"] == "derived"} == {"number_of_poor", "grdp_per_head_constant_2010"}
    assert all(d["unit"] and d["name_id"] and d["name_en"] and d["description"] for d in definitions.values())
    assert {d["kind"] for d in definitions.values()} == {"poverty", "potential", "context"}


def test_values_cover_every_regency_with_the_declared_decimals(
    regencies: list[Row], values: list[Row], columns: list[Row], definitions: dict[str, Row]
) -> None:
    assert [row["region_code"] for row in values] == [row["region_code"] for row in regencies]
    for column in columns:
        definition = definitions[column["indicator_code"]]
        for row in values:
            text = row[column["column"]]
            if text:
                assert len(text.partition(".")[2]) == int(definition["decimals"]), (column["column"], row)
                assert float(text) > 0
                if definition["unit"] in ("percent", "index"):
                    assert float(text) <= 100


def test_missing_is_kept_apart_from_zero(regencies: list[Row], values: list[Row], columns: list[Row]) -> None:
    names = {row["region_code"]: row["name"] for row in regencies}
    missing = rows(INDICATORS / "missing_2021.csv")
    assert {(names[row["region_code"]], row["indicator_code"]) for row in missing} == {
        ("Kabupaten Deiyai", "sanitation_access"),
        ("Kabupaten Mamberamo Tengah", "drinking_water_access"),
        ("Kabupaten Nduga", "open_unemployment_rate"),
        ("Kabupaten Lanny Jaya", "open_unemployment_rate"),
    }
    assert all(row["reason"] for row in missing)
    empty = {
        (row["region_code"], column["indicator_code"], column["period"])
        for row in values for column in columns if row[column["column"]] == ""
    }  # fmt: skip
    assert empty == {(row["region_code"], row["indicator_code"], row["period"]) for row in missing}


def weighted(values: list[Row], column: str, weight: str) -> float:
    pairs = [(float(row[column]), float(row[weight])) for row in values if row[column]]
    return sum(value * share for value, share in pairs) / sum(share for _, share in pairs)


@pytest.mark.parametrize(
    ("column", "national", "tolerance"),
    [
        ("poverty_rate", 10.14, 0.03),
        ("human_development_index", 72.29, 0.2),
        ("mean_years_of_schooling", 8.54, 0.05),
        ("life_expectancy", 71.57, 0.3),
        ("adjusted_expenditure_per_head", 11_156, 350),
        ("sanitation_access", 80.29, 0.4),
        ("open_unemployment_rate", 6.49, 0.15),
        ("labour_force_participation", 67.80, 0.1),
    ],
)
def test_population_weighted_mean_is_near_the_national_figure(values: list[Row], column: str, national: float, tolerance: float) -> None:
    """The national figures of BPS for the same round: they pin the year and the unit of each column."""
    assert weighted(values, column, "population_2017") == pytest.approx(national, abs=tolerance)


def test_poverty_rate(values: list[Row]) -> None:
    rates = {row["region_code"]: float(row["poverty_rate"]) for row in values}
    assert (min(rates.values()), max(rates.values())) == (2.38, 41.66)
    assert rates["94.07"] == 41.66  # Intan Jaya
    assert round(weighted(values, "poverty_rate", "population_2017"), 3) == 10.164


def test_known_single_figures(values: list[Row]) -> None:
    by_code = {row["region_code"]: row for row in values}
    yogyakarta = by_code["34.71"]
    assert (yogyakarta["human_development_index"], yogyakarta["life_expectancy"]) == ("87.18", "74.76")
    assert yogyakarta["mean_years_of_schooling"] == "11.72"  # aged 25 and over
    assert by_code["13.71"]["open_unemployment_rate"] == "13.37"  # Padang, August 2021


def test_totals(values: list[Row]) -> None:
    trillion_rupiah = sum(int(row["grdp_constant_2010"]) for row in values) / 1e6
    assert trillion_rupiah == pytest.approx(11_120, rel=0.02)  # gross domestic product of 2021 at 2010 prices
    assert sum(int(row["population_2017"]) for row in values) == 261_890_832
    assert sum(int(row["population_2024_s2"]) for row in values) == 284_973_643


@pytest.mark.parametrize(
    ("larger", "smaller"),
    [("33.13", "51.07"), ("18.05", "18.12"), ("52.06", "52.72")],
    ids=["Karanganyar-Karangasem", "Tulang Bawang-Tulang Bawang Barat", "Bima-Kota Bima"],
)
def test_populations_exchanged_in_the_published_set_are_put_back(values: list[Row], larger: str, smaller: str) -> None:
    by_code = {row["region_code"]: row for row in values}
    for column in ("population_2017", "population_2024_s2"):
        assert int(by_code[larger][column]) > int(by_code[smaller][column])


def test_coastline() -> None:
    assert COASTLINE.stat().st_size < 60_000
    coast = json.loads(COASTLINE.read_text(encoding="utf-8"))
    assert set(coast) == {"source", "bounds", "rings"}
    assert "Natural Earth" in coast["source"]
    points = [point for ring in coast["rings"] for point in ring]
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    assert coast["bounds"] == [min(lons), min(lats), max(lons), max(lats)]
    assert all(LON_MIN < lon < LON_MAX for lon in lons)
    assert all(LAT_MIN < lat < LAT_MAX for lat in lats)
    assert len(coast["rings"]) > 100
    assert all(len(ring) >= 4 and ring[0] == ring[-1] for ring in coast["rings"])


def test_tables_are_small_and_name_no_machine() -> None:
    files = [*REGIONS.glob("*.csv"), *INDICATORS.glob("*.csv"), COASTLINE]
    assert len(files) >= 9
    for path in files:
        text = path.read_bytes().decode("utf-8")
        assert path.stat().st_size < 300_000
        assert not re.search(r"(?:^|[\s\",])/\w|://|\r", text), path.name
