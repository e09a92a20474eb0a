"""What a plan is refused for."""

from shared.errors import Conflict, Forbidden, Refused


class DraftExists(Conflict):
    """One version of a plan is written at a time."""

    code = "plan_draft_exists"
    message = ("Versi rencana aksi ini masih disusun atau diputus.", "A version of this plan is still being written or decided.")
    action = ("Selesaikan versi itu lebih dahulu.", "Finish that version first.")


class NotYourPlan(Forbidden):
    """A plan is written by its institution."""

    code = "not_your_plan"
    message = ("Hanya lembaga pemilik rencana dapat mengubahnya.", "Only the institution whose plan it is may alter it.")
    action = ("Gunakan token lembaga tersebut.", "Use a token of that institution.")


class PlanEmpty(Conflict):
    """A plan is handed over with lines."""

    code = "plan_empty"
    message = ("Rencana aksi belum memuat satu baris pun.", "The plan has no line.")
    action = ("Isi baris lewat POST …/set-lines.", "Write lines by POST …/set-lines.")


class LinesRefused(Refused):
    """Lines that cannot stand, by their numbers from 1."""

    code = "plan_lines_refused"
    message = ("Baris rencana tidak dapat diterima: {lines}.", "Lines of the plan cannot stand: {lines}.")
    action = (
        "Baris memakai lokasi prioritas dalam cakupan lembaga, triwulan dalam tahun anggaran {fiscal_year}, sumber dana program, dan tidak berulang.",
        "Lines use priority locations within the institution's scope, quarters of fiscal year {fiscal_year}, the programme's funding sources, and none twice.",
    )


class YearOutsideProgramme(Refused):
    """A plan is for a year of its programme."""

    code = "fiscal_year_outside_programme"
    message = ("Tahun anggaran di luar masa berlaku program ({first} sampai {last}).", "The fiscal year is outside the programme ({first} to {last}).")
    action = ("Pilih tahun di antaranya.", "Choose a year between them.")
