"""Names as they are compared: what sounds the same has the same keys, what does not has not."""

import pytest

from services.facilitation.enterprises.names import keys_of, likeness

SAME = [
    ("H. Moh. Soekarno, S.Pd.", "Muhammad Sukarno"),
    ("Hj. Siti Aisyah", "St. Aisah"),
    ("Djoko Soesilo", "Joko Susilo"),
    ("Tjahjono", "Cahyono"),
    ("Zainal Abidin", "Jaenal Abidin"),
    ("Dr. Ir. Achmad Fauzi, M.Si", "Ahmad Pauji"),
    ("Muh. Ridwan", "Mochammad Ridwan"),
    ("M. Nur", "Muhammad Noer"),
    ("Abd. Rahman", "Abdul Rahman"),
    ("Nurul Khotimah", "Nurul Hotima"),
    ("Sri Rahayu, S.E., M.M.", "SRI RAHAYU"),
    ("Siti  Fatimah", "fatimah siti"),
    ("Almarhum Yusuf", "Yusuf"),
    ("Sumarni", "Hj. Sumarni"),
]
DIFFERENT = [("Sumarni", "Sumiati"), ("Sri Wahyuni", "Sri Mulyani"), ("Maria Bria", "Yohana Bria"), ("Ahmad", "Muhammad"), ("Budi Santoso", "Budi Setiawan")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_sounds_the_same_has_the_same_keys(one: str, other: str) -> None:
    assert keys_of(one) == keys_of(other)
    assert likeness(keys_of(one), keys_of(other)) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_people_are_not_alike(one: str, other: str) -> None:
    assert likeness(keys_of(one), keys_of(other)) < 0.9


@pytest.mark.parametrize("name", ["Haji", "H", "S.Pd", "Ir.", "-", "1", "Ñandú", "李", "M", "'", "Dr. Dr. Dr."])
def test_every_name_that_says_something_has_keys(name: str) -> None:
    assert keys_of(name) == sorted(set(keys_of(name)))
    assert bool(keys_of(name)) == any(letter.isascii() and letter.isalnum() for letter in name.casefold().replace("ñ", "n").replace("ú", "u"))


def test_half_a_name_is_less_alike_than_the_whole() -> None:
    whole = keys_of("Maria Goreti Bria")
    assert 0.6 < likeness(keys_of("Maria Bria"), whole) < 0.9
    assert likeness([], whole) == 0
