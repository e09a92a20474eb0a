"""NIK: which sixteen digits can be one."""

from datetime import date

import pytest

from services.facilitation.enterprises.nik import NikBirthDateImpossible, NikMalformed, NikSerialZero, checked_nik
from shared.security.personal_data import masked_nik

ON = date(2026, 6, 1)


@pytest.mark.parametrize("text", ["3602991211870001", "5304995708890001", "9101993112990001", "3201992902000012", "3201996902960012"])
def test_a_possible_nik_is_accepted(text: str) -> None:
    assert checked_nik(text, ON) == text


@pytest.mark.parametrize(
    "text",
    ["", "530499570889001", "53049957088900011", "530499570889000A", "5304 9957088900", "５３０４０１５７０８８９０００１", "५३०४०१५७०८८९०००१"],
)
def test_anything_but_sixteen_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(NikMalformed):
        checked_nik(text, ON)


@pytest.mark.parametrize(
    "birth",
    ["000189", "320189", "400189", "720189", "990189", "310489", "710489", "290289", "690289", "300200", "010089", "011389", "410089"],
)
def test_a_day_that_never_was_is_refused(birth: str) -> None:
    with pytest.raises(NikBirthDateImpossible):
        checked_nik(f"530499{birth}0001", ON)


def test_the_leap_day_of_2000_is_a_birthday_and_that_of_1900_would_not_be() -> None:
    assert checked_nik("5304992902000001", ON)
    with pytest.raises(NikBirthDateImpossible):
        checked_nik("5304992902000001", date(1999, 1, 1))


def test_nobody_is_born_in_the_future() -> None:
    assert checked_nik("5304990206260001", ON)  # 2 June 1926, since 2026 would be tomorrow


def test_serials_begin_at_one() -> None:
    with pytest.raises(NikSerialZero):
        checked_nik("5304995708890000", ON)


@pytest.mark.parametrize("text", ["5304995708890000", "5304993202890001", "53049957088900"])
def test_a_refusal_never_quotes_the_nik(text: str) -> None:
    with pytest.raises((NikMalformed, NikBirthDateImpossible, NikSerialZero)) as refused:
        checked_nik(text, ON)
    problem = refused.value
    said = f"{problem} {problem.facts} {problem.sentence(english=False)} {problem.advice(english=True)}"
    assert text[6:12] not in said


def test_a_mask_leaves_region_and_serial() -> None:
    assert masked_nik("5304995708890001") == "530499******0001"
