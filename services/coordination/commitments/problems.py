"""What a commitment is refused for."""

from shared.errors import Conflict, Forbidden, Refused


class NotTaking(Refused):
    """The institution has not accepted an invitation that covers this location."""

    code = "not_participating"
    message = ("Lembaga Anda tidak ikut serta untuk lokasi ini.", "Your institution does not take part for this location.")
    action = ("Terima undangan program terlebih dahulu, atau periksa cakupan wilayahnya.", "Accept the programme's invitation first, or check its area scope.")


class LocationNotOpen(Refused):
    """Commitments go to prioritised locations only."""

    code = "location_not_open"
    message = ("Lokasi ini bukan lokasi prioritas program.", "This is not a priority location of the programme.")
    action = ("Lihat GET /coordination/v1/locations.", "See GET /coordination/v1/locations.")


class OutsideProgramme(Refused):
    """Due dates and funding sources are the programme's."""

    code = "outside_programme"
    message = ("Di luar masa berlaku atau sumber dana program.", "Outside the programme's dates or funding sources.")
    action = (
        "Tenggat antara {valid_from} dan {valid_to}; sumber dana: {funding_sources}.",
        "Due between {valid_from} and {valid_to}; funding sources: {funding_sources}.",
    )


class NotYours(Forbidden):
    """Only the institution that pledged reports."""

    code = "not_your_commitment"
    message = ("Hanya lembaga yang berkomitmen dapat melaporkan.", "Only the institution that pledged may report.")
    action = ("Gunakan token lembaga tersebut.", "Use a token of that institution.")


class OwnReport(Forbidden):
    """Whoever reports does not verify: not the same institution."""

    code = "verifier_is_reporter"
    message = ("Verifikator harus dari lembaga lain.", "The verifier must belong to another institution.")
    action = ("Minta lembaga lain memverifikasi.", "Ask another institution to verify.")


class ProgressDecreased(Refused):
    """Cumulative figures and their dates never decrease."""

    code = "progress_decreased"
    message = ("Capaian kumulatif atau tanggalnya lebih kecil dari laporan sebelumnya.", "Cumulative progress or its date is below the report before.")
    action = (
        "Laporkan angka kumulatif, minimal {output} dan Rp{amount_idr}, atau kirim correction_reason_code.",
        "Report cumulative figures, at least {output} and Rp{amount_idr}, or send correction_reason_code.",
    )


class AlreadyVerified(Conflict):
    """A report is verified once."""

    code = "already_verified"
    message = ("Laporan ini sudah diverifikasi.", "This report was verified before.")
    action = ("Tidak ada yang perlu dilakukan.", "Nothing needs to be done.")


class ReportDisputed(Conflict):
    """A contested report does not count."""

    code = "report_disputed"
    message = ("Laporan ini telah disanggah.", "This report was disputed.")
    action = ("Kirim laporan baru dengan bukti yang diperbaiki.", "Send a new report with better evidence.")


class NotAllDone(Refused):
    """Fulfilment is reported when all that was promised is reported."""

    code = "not_all_done"
    message = (
        "Belum semua yang dijanjikan dilaporkan: kurang {outstanding_output} {output_unit} dan Rp{outstanding_amount_idr}.",
        "Not all that was promised is reported: {outstanding_output} {output_unit} and Rp{outstanding_amount_idr} are missing.",
    )
    action = ("Laporkan capaian lebih dahulu, atau ajukan perubahan komitmen.", "Report progress first, or request a change of the commitment.")


class PlanDoesNotHold(Refused):
    """A pledge under a plan follows one of its lines."""

    code = "plan_does_not_hold"
    message = (
        "Rencana aksi itu tidak berlaku untuk lembaga, lokasi dan intervensi ini.",
        "That action plan is not in force for this institution, location and intervention.",
    )
    action = (
        "Sebutkan rencana yang disetujui dan memuat barisnya, atau kosongkan plan_id (di luar rencana).",
        "Name an approved plan with such a line, or leave plan_id out (off plan).",
    )


class BeyondPlan(Conflict):
    """Pledges under a line of a plan stay within its rupiah."""

    code = "beyond_plan"
    message = ("Jumlah komitmen akan melebihi pagu baris rencana aksi.", "The pledges would exceed the amount of the plan's line.")
    action = ("Kurangi jumlahnya, atau ajukan versi rencana yang baru.", "Pledge less, or have a new version of the plan approved.")


class SuccessorMissing(Refused):
    """Whoever is released leaves a successor, or a gap that somebody accepts."""

    code = "successor_missing"
    message = ("Sebutkan komitmen penerus, atau nyatakan kekosongannya diterima.", "Name the commitment that takes its place, or accept the gap.")
    action = ("Kirim successor_commitment_id, atau accept_gap: true.", "Send successor_commitment_id, or accept_gap: true.")


class SuccessorDoesNotMatch(Refused):
    """A successor stands for the same intervention at the same place."""

    code = "successor_does_not_match"
    message = (
        "Komitmen penerus harus berlaku, untuk program, lokasi dan intervensi yang sama.",
        "The successor must be standing, for the same programme, location and intervention.",
    )
    action = ("Sebutkan komitmen lain.", "Name another commitment.")


class BelowVerified(Refused):
    """A promise is never made smaller than what is verified."""

    code = "below_verified"
    message = (
        "Sudah terverifikasi {verified_output} dan Rp{verified_amount_idr}; komitmen tidak boleh lebih kecil.",
        "{verified_output} and Rp{verified_amount_idr} are verified; the commitment cannot be smaller.",
    )
    action = ("Ajukan angka paling sedikit sebesar itu.", "Ask for at least that.")


class DueAfterProgramme(Refused):
    """Nothing is due after the programme's end, or in the past."""

    code = "due_outside_programme"
    message = ("Tenggat harus antara {earliest} dan {latest}.", "The due date must lie between {earliest} and {latest}.")
    action = ("Pilih tanggal di antaranya.", "Choose a date between them.")
