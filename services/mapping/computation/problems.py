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
        (
            "Pilih normalisasi min_max, vector atau rank, dan agregasi selain wpm.",
            "Choose the normalisation min_max, vector or rank, and another aggregation than wpm.",
        ),
    ),
    errors.ConstantCriterion: (
        ("Suatu kriteria bernilai sama di semua wilayah.", "A criterion has the same value everywhere."),
        ("Hapus kriteria itu dari model.", "Leave it out of the model."),
    ),
    errors.UndescribedCriterion: (("Satuan, sumber atau periode kriteria belum dinyatakan.", "A criterion lacks its unit, source or period."), _REPORT),
    errors.NotSquare: (
        ("Perbandingan berpasangan harus berupa tabel persegi.", "Pairwise judgements must be a square table."),
        ("Bandingkan setiap kriteria dengan semua kriteria lain.", "Compare every criterion with every other."),
    ),
    errors.MissingJudgement: (
        ("Ada pasangan kriteria yang belum dibandingkan.", "A pair of criteria is not compared."),
        ("Isi semua perbandingan.", "Fill in every judgement."),
    ),
    errors.NotPositive: (
        ("Nilai perbandingan harus berupa angka di atas 0.", "Each judgement must be a number above 0."),
        ("Gunakan skala Saaty, dari 1/9 sampai 9.", "Use Saaty's scale, from 1/9 to 9."),
    ),
    errors.NotReciprocal: (
        ("Dua perbandingan untuk satu pasangan kriteria tidak saling berkebalikan.", "The two judgements of one pair are not reciprocal."),
        (
            "Bila A terhadap B bernilai 3, isi B terhadap A dengan 1/3; isi diagonal dengan 1.",
            "Where A over B is 3, let B over A be 1/3; let the diagonal be 1.",
        ),
    ),
    errors.TooManyJudgements: (
        ("Terlalu banyak kriteria dibandingkan sekaligus.", "Too many criteria are compared at once."),
        ("Kelompokkan kriteria dalam pohon, lalu bandingkan per kelompok.", "Group the criteria in a tree and compare group by group."),
    ),
    errors.InconsistentJudgements: (
        ("Perbandingan tidak konsisten: rasio konsistensi di atas 0,10.", "The judgements are inconsistent: their consistency ratio is above 0.10."),
        ("Tinjau kembali perbandingan, atau minta pengecualian beserta alasannya.", "Revise the judgements, or ask for a waiver with its reason."),
    ),
    errors.NegativeValue: (
        ("Bobot entropi tidak dapat dihitung dari angka negatif.", "Entropy weights cannot be computed from negative figures."),
        ("Keluarkan kriteria itu, atau pakai CRITIC.", "Leave the criterion out, or use CRITIC."),
    ),
    errors.NoContrast: (
        (
            "Semua kriteria sejalan sempurna, sehingga bobot tidak dapat dibedakan.",
            "All criteria move together perfectly, so that weights cannot be told apart.",
        ),
        ("Pakai satu kriteria saja, atau tetapkan bobot sendiri.", "Use one criterion alone, or set the weights yourself."),
    ),
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
    errors.InvalidConstraints: (
        ("Suatu kendala pemilihan tidak dapat dipakai.", "A constraint of the selection cannot be used."),
        ("Perbaiki kendala yang disebut pada penjelasan.", "Mend the constraint that the explanation names."),
    ),
    errors.ConflictingConstraints: (
        ("Kendala pemilihan saling bertentangan.", "The constraints of the selection contradict each other."),
        ("Ubah salah satu kendala yang disebut pada penjelasan.", "Change one of the constraints that the explanation names."),
    ),
    errors.InvalidSpread: (
        ("Ragam bobot atau margin angka tidak dapat dipakai.", "How weights or figures vary cannot be used."),
        ("Perbaiki nilai yang disebut pada penjelasan.", "Mend the value that the explanation names."),
    ),
    errors.TooManyDraws: (
        ("Jumlah undian terlalu besar untuk penetapan ini.", "There are too many draws for this run."),
        ("Minta paling banyak sejumlah yang disebut pada penjelasan.", "Ask for at most as many as the explanation names."),
    ),
    errors.TooManyCandidates: (
        ("Calon wilayah terlalu banyak untuk sertifikat ketahanan.", "There are too many candidates for a certificate of robustness."),
        ("Gunakan sertifikat hanya untuk kabupaten dan kota.", "Use certificates for regencies and cities alone."),
    ),
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
