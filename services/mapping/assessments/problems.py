"""What measures refuse, in both languages: one named problem for each code of `measures.errors`, with its explanation as a fact."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.mapping.measures import errors
from services.mapping.measures.errors import MeasureError
from shared.errors import Refused

Bilingual = tuple[str, str]

_WORDS: dict[type[MeasureError], tuple[Bilingual, Bilingual]] = {
    errors.Empty: (
        ("Tidak ada angka untuk dihitung.", "There is nothing to measure."),
        ("Kirim sedikitnya satu catatan atau sektor.", "Send at least one record or sector."),
    ),
    errors.LengthMismatch: (
        ("Angka-angka yang berpasangan tidak sama banyak, atau sektornya berbeda.", "Figures that belong together are not equally many, or of other sectors."),
        ("Samakan jumlah dan sektornya; isi 0 bila tidak ada.", "Give as many, of the same sectors; 0 where there is nothing."),
    ),
    errors.UnusableValue: (
        ("Suatu angka kosong, tak hingga, atau terlalu besar untuk dihitung.", "A figure is missing, infinite or too large to be computed."),
        ("Periksa angka dan satuannya.", "Check the figure and its unit."),
    ),
    errors.NegativeValue: (
        ("Suatu angka bernilai negatif, padahal tidak mungkin.", "A figure that cannot be below 0 is."),
        ("Periksa tanda angka itu.", "Check its sign."),
    ),
    errors.NegativeWeight: (
        ("Suatu bobot bernilai negatif.", "A weight is below 0."),
        ("Bobot adalah jumlah orang yang diwakili: 0 atau lebih.", "A weight is for how many persons a record stands: 0 or more."),
    ),
    errors.ZeroWeights: (
        ("Semua bobot, atau semua bobot satu kelompok, bernilai 0.", "All weights, or all of a group, are 0."),
        ("Beri sedikitnya satu bobot di atas 0, atau keluarkan kelompok itu.", "Give at least one weight above 0, or leave the group out."),
    ),
    errors.InvalidLine: (
        ("Garis kemiskinan harus di atas 0.", "The poverty line must be above 0."),
        ("Kirim garis kemiskinan dalam rupiah per kapita per bulan.", "Send the line in rupiah a head and month."),
    ),
    errors.InvalidDesignEffect: (
        ("Efek rancangan harus di atas 0.", "The design effect must be above 0."),
        ("Kirim 1 untuk acak sederhana.", "Send 1 for a simple random sample."),
    ),
    errors.NotDeprivation: (
        ("Suatu isian deprivasi bukan 0 atau 1.", "A deprivation is neither 0 nor 1."),
        ("Tentukan setiap isian, atau keluarkan catatan itu.", "Decide for every cell, or leave the record out."),
    ),
    errors.InvalidDimensionWeights: (
        ("Bobot dimensi harus di atas 0 dan berjumlah tepat 1.", "Each dimension's weight must be above 0 and all must sum to exactly 1."),
        ("Tulis sepertiga sebagai 1/3, bukan 0.333.", "Write a third as 1/3, not as 0.333."),
    ),
    errors.InvalidCutoff: (
        ("Batas k harus di atas 0 dan paling banyak 1.", "The cutoff k must be above 0 and at most 1."),
        ("Tulis sepertiga sebagai 1/3.", "Write a third as 1/3."),
    ),
    errors.DuplicateDimension: (
        ("Satu dimensi disebut lebih dari sekali.", "A dimension is named more than once."),
        ("Sebutkan setiap dimensi sekali saja.", "Name each dimension once."),
    ),
    errors.ZeroReference: (
        ("Suatu angka pembanding bernilai 0, sehingga tidak dapat dibagi.", "A figure to be divided by is 0."),
        ("Keluarkan sektor itu, atau periksa angka pembandingnya.", "Leave the sector out, or check the reference."),
    ),
    errors.InvalidDecimals: (
        ("Jumlah desimal tidak boleh negatif.", "A number of decimals cannot be below 0."),
        ("Kirim 0 atau lebih.", "Send 0 or more."),
    ),
    errors.InvalidYears: (
        ("Tahun kedua harus sesudah tahun pertama.", "The later year must come after the first."),
        ("Periksa kedua tahun itu.", "Check the two years."),
    ),
}


class MeasureRefused(Refused):
    """A measure refuses its figures; `explanation` says which, in English."""


def _named(error: type[MeasureError], words: tuple[Bilingual, Bilingual]) -> type[MeasureRefused]:
    return type(error.__name__, (MeasureRefused,), {"code": error.code, "message": words[0], "action": words[1], "__doc__": words[0][1]})


PROBLEMS = {error: _named(error, words) for error, words in _WORDS.items()}
"""By what the measures raise."""


@contextmanager
def as_problems() -> Iterator[None]:
    """Give what a measure raises its bilingual name."""
    try:
        yield
    except MeasureError as error:
        raise PROBLEMS[type(error)](explanation=str(error)) from error
