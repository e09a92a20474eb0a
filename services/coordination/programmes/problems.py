"""What a programme is refused for."""

from shared.errors import Conflict, Refused


class ProgrammeCodeTaken(Conflict):
    """Programme codes are unique."""

    code = "programme_code_taken"
    message = ("Kode program sudah dipakai.", "The programme code is taken.")
    action = ("Gunakan kode lain.", "Use another code.")


class ValidityReversed(Refused):
    """A programme must end after it begins."""

    code = "validity_reversed"
    message = ("Akhir masa berlaku harus sesudah awalnya.", "The programme must end after it begins.")
    action = ("Perbaiki valid_from dan valid_to.", "Mend valid_from and valid_to.")


class QuotaImpossible(Refused):
    """Each province of the quota holds at least one area."""

    code = "quota_impossible"
    message = ("Kuota provinsi melebihi kuota wilayah.", "There are more provinces than areas in the quota.")
    action = ("Perbaiki area_quota dan province_quota.", "Mend area_quota and province_quota.")


class QuotaBelowPrioritised(Refused):
    """A quota never falls below what is already prioritised."""

    code = "quota_below_prioritised"
    message = (
        "Sudah ada {open_areas} lokasi prioritas di {open_provinces} provinsi; kuota tidak boleh lebih kecil.",
        "{open_areas} locations in {open_provinces} provinces are prioritised already; the quota cannot be smaller.",
    )
    action = ("Tetapkan kuota paling sedikit sebanyak itu.", "Set a quota of at least that.")


class ProgrammeIncomplete(Conflict):
    """A programme is handed over whole."""

    code = "programme_incomplete"
    message = ("Program belum lengkap: {missing}.", "The programme is incomplete: {missing} missing.")
    action = ("Lengkapi dengan POST …/revise, lalu ajukan.", "Complete it by POST …/revise, then submit.")


class FreezePeriod(Conflict):
    """Nothing is activated in a freeze period."""

    code = "freeze_period"
    message = (
        "Masa pembekuan {frozen_from} sampai {frozen_to}: tidak ada program yang diberlakukan.",
        "No programme is activated from {frozen_from} to {frozen_to}.",
    )
    action = ("Berlakukan sesudah masa itu.", "Activate it after that.")


class OutsideValidity(Conflict):
    """A programme resumes within its dates only."""

    code = "outside_validity"
    message = ("Di luar masa berlaku program ({valid_from} sampai {valid_to}).", "Outside the programme's dates ({valid_from} to {valid_to}).")
    action = ("Ubah masa berlakunya lewat permintaan perubahan, atau tutup programnya.", "Change its dates by a change request, or close it.")


class CommitmentsOpen(Conflict):
    """A programme closes when nothing is open, or what is open is carried over."""

    code = "commitments_open"
    message = ("Masih ada {open_commitments} komitmen yang belum selesai.", "{open_commitments} commitments are still open.")
    action = ("Selesaikan, lepaskan, atau kirim carry_over: true.", "Settle or release them, or send carry_over: true.")
