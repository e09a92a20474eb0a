"""NIK: what sixteen digits must satisfy to be one.

PPRRDD names where it was first issued, which is not the present address and is therefore not compared with anything;
DDMMYY is the date of birth, with 40 added to the day for women; a serial from 0001 follows. There is no check digit.
"""

from datetime import date

from shared.errors import Refused

_WOMEN = 40
_ADULT = 17
"""From this age on people hold an identity card (KTP-el); UU 24/2013 Pasal 63."""
_OLDEST = 100
# Kode provinsi: Kepmendagri 300.2.2-2138/2025, and those that were in use when living people were registered (54 East Timor).
_PROVINCES = frozenset(str(code) for code in (*range(11, 20), 21, *range(31, 37), *range(51, 55), *range(61, 66), *range(71, 77), 81, 82, *range(91, 97)))


class NikMalformed(Refused):
    """A NIK is sixteen digits."""

    code = "nik_malformed"
    message = ("NIK harus terdiri atas 16 angka.", "A NIK has 16 digits.")
    action = ("Salin NIK dari KTP-el tanpa spasi atau tanda baca.", "Copy the NIK from the identity card without spaces or punctuation.")


class NikBirthDateImpossible(Refused):
    """Digits 7 to 12 are no date of birth."""

    code = "nik_birth_date_impossible"
    message = ("Angka ke-7 sampai ke-12 NIK bukan tanggal lahir yang mungkin.", "Digits 7 to 12 of the NIK are no possible date of birth.")
    action = ("Periksa kembali NIK pada KTP-el.", "Check the NIK against the identity card.")


class NikSerialZero(Refused):
    """Serials begin at 0001."""

    code = "nik_serial_zero"
    message = ("Nomor urut NIK dimulai dari 0001.", "The serial of a NIK begins at 0001.")
    action = ("Periksa kembali NIK pada KTP-el.", "Check the NIK against the identity card.")


def checked_nik(text: str, on: date) -> str:
    """The same text, if it can be a NIK on that day; never quoted by an error."""
    if not (len(text) == 16 and text.isascii() and text.isdigit()):
        raise NikMalformed
    if _birth_date(text, on) is None:
        raise NikBirthDateImpossible
    if text[12:] == "0000":
        raise NikSerialZero
    return text


def _birth_date(nik: str, on: date) -> date | None:
    """The latest day not after `on` that the two digits of the year can mean."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if day > _WOMEN:
        day -= _WOMEN
    for century in (on.year // 100 * 100, on.year // 100 * 100 - 100):
        try:
            born = date(century + year, month, day)
        except ValueError:
            continue
        if born <= on:
            return born
    return None


def is_womans(nik: str) -> bool:
    """Whether a checked NIK says that its holder is a woman."""
    return int(nik[6:8]) > _WOMEN


def warnings_of(nik: str, female: bool | None, on: date) -> list[str]:
    """What is odd about a checked NIK and no error: birth dates and sexes in it are never corrected, and its region is where it was first issued."""
    born = _birth_date(nik, on)
    assert born, "a checked NIK has a date of birth"
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    odd = {
        "nik_province_unknown": nik[:2] not in _PROVINCES,
        "nik_age_unlikely": not _ADULT <= age <= _OLDEST,
        "nik_sex_differs": female is not None and female != is_womans(nik),
    }
    return [code for code, holds in odd.items() if holds]
