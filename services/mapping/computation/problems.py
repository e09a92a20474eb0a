"""What the computation refuses, in both languages: one named problem for each code of `errors`, with its explanation as a fact."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.mapping.computation import errors
from services.mapping.computation.errors import PrioritisationError
from shared.errors import Refused

Bilingual = tuple[str, str]

_REPORT: Bilingual = ("Laporkan kepada pengelola; jangan gunakan hasilnya.", "Report this to the operators; use no result of it.")
_WORDS: dict[type[PrioritisationError], tuple[Bilingual, Bilingual]] = {
    errors.ShapeMismatch: (("Jumlah angka tidak sesuai jumlah kriteria.", "There are not as many figures as criteria."), _REPORT),
    errors.DuplicateCode: (
        ("Satu kode dipakai lebih dari sekali.", "A code is given more than once."),
        ("Sebutkan setiap kriteria sekali saja.", "Name each criterion once."),
    ),
    errors.UnknownChoice: (
        ("Metode memuat pilihan yang tidak dikenal.", "The method holds an unknown choice."),
        ("Gunakan pilihan pada dokumentasi.", "Use one of the documented choices."),
    ),
    errors.InvalidWeights: (
        ("Bobot kriteria harus di atas 0 dan berjumlah tepat 1.", "Each weight must be above 0 and all must sum to exactly 1."),
        ("Perbaiki bobot kriteria.", "Mend the weights."),
    ),
    errors.IncompatibleMethod: (
        ("Normalisasi ini tidak dapat dipakai dengan agregasi tersebut.", "This normalisation cannot be used with that aggregation."),
        ("Untuk wpm pilih normalisasi max atau vector.", "For wpm choose the normalisation max or vector."),
    ),
    errors.MissingValues: (
        ("Ada angka yang tidak tersedia, dan model menolak angka kosong.", "Figures are missing, and the model refuses missing figures."),
        ("Lengkapi angkanya, atau pakai model dengan missing=exclude.", "Supply them, or use a model with missing=exclude."),
    ),
    errors.TooFewRegions: (
        ("Wilayah dengan angka lengkap terlalu sedikit untuk diperingkat.", "Too few regions have all figures to be ranked."),
        ("Pilih kriteria dengan angka yang lebih lengkap.", "Choose criteria with more complete figures."),
    ),
    errors.UnusableValue: (
        ("Suatu angka terlalu besar untuk dihitung dengan tepat.", "A figure is too large to be computed exactly."),
        ("Periksa angka dan satuannya.", "Check the figure and its unit."),
    ),
    errors.NonPositiveValue: (
        ("Metode ini memerlukan angka di atas 0.", "This method needs figures above 0."),
        ("Pilih normalisasi min_max atau vector dengan saw atau topsis.", "Choose min_max or vector with saw or topsis."),
    ),
    errors.ConstantCriterion: (
        ("Suatu kriteria bernilai sama di semua wilayah.", "A criterion has the same value everywhere."),
        ("Hapus kriteria itu dari model.", "Leave it out of the model."),
    ),
    errors.UndescribedCriterion: (("Satuan, sumber atau periode kriteria belum dinyatakan.", "A criterion lacks its unit, source or period."), _REPORT),
    errors.InvalidQuota: (
        ("Kuota program tidak dapat dipakai.", "The programme's quota cannot be used."),
        ("Perbaiki kuota pada layanan koordinasi.", "Mend the quota in coordination."),
    ),
    errors.InvalidCandidates: (("Daftar calon wilayah tidak sah.", "The list of candidates is not valid."), _REPORT),
    errors.Infeasible: (
        ("Tidak ada pilihan wilayah yang memenuhi kuota.", "No selection keeps the quota."),
        ("Perbaiki kuota, atau kriteria yang menyisihkan wilayah.", "Mend the quota, or criteria that exclude regions."),
    ),
    errors.TimeLimitReached: (
        ("Bukti pilihan terbaik tidak selesai tepat waktu.", "The best selection was not proven in time."),
        ("Ulangi; bila berulang, laporkan.", "Repeat; report it when it happens again."),
    ),
    errors.NotProvenOptimal: (("Pilihan terbaik tidak dapat dibuktikan.", "The best selection cannot be proven."), _REPORT),
}


class ComputationRefused(Refused):
    """The computation refuses its inputs or cannot vouch for its result; `explanation` says which figures, in English."""


def _named(error: type[PrioritisationError], words: tuple[Bilingual, Bilingual]) -> type[ComputationRefused]:
    return type(error.__name__, (ComputationRefused,), {"code": error.code, "message": words[0], "action": words[1], "__doc__": words[0][1]})


_PROBLEMS = {error: _named(error, words) for error, words in _WORDS.items()}


@contextmanager
def as_problems() -> Iterator[None]:
    """Give what the computation raises its bilingual name."""
    try:
        yield
    except PrioritisationError as error:
        raise _PROBLEMS[type(error)](explanation=str(error)) from error
