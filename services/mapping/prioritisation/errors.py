"""What stands in the way of a run, in both languages."""

from shared.errors import Conflict, Refused


class ProgrammeNotActive(Conflict):
    """Mapping has not heard that the programme is in force."""

    code = "programme_not_active"
    message = ("Program ini belum diketahui aktif.", "This programme is not known to be active.")
    action = (
        "Aktifkan program pada layanan koordinasi; bila baru saja diaktifkan, ulangi sebentar lagi.",
        "Activate it in coordination; if that just happened, repeat in a moment.",
    )


class ModelNotCurrent(Conflict):
    """Runs use the current version of a model only."""

    code = "model_not_current"
    message = ("Versi model prioritas ini sedang tidak berlaku.", "This version of the prioritisation model is not current.")
    action = (
        "Ajukan, minta orang lain menyetujui, lalu berlakukan: submit, approve, activate.",
        "Submit it, have another person approve it, then activate it.",
    )


class RulesVersionTaken(Conflict):
    """Two people set the programme's rules at once."""

    code = "selection_rules_version_taken"
    message = ("Aturan penetapan program ini baru saja diubah pihak lain.", "Somebody else just set the selection rules of this programme.")
    action = ("Baca aturan yang berlaku lalu ulangi.", "Read the rules that apply and repeat.")


class UnknownConstraintCode(Refused):
    """A constraint is about a place that is not in the register."""

    code = "constraint_code_unknown"
    message = ("Kendala menyebut kode yang tidak dikenal: {unknown_codes}.", "A constraint names unknown codes: {unknown_codes}.")
    action = ("Gunakan kode Kemendagri, lihat GET /mapping/v1/regions.", "Use Kemendagri codes, see GET /mapping/v1/regions.")


class ConstraintTwice(Refused):
    """A place is bounded or forced more than once."""

    code = "constraint_given_twice"
    message = ("Kendala untuk {repeated_codes} disebut lebih dari sekali.", "Constraints of {repeated_codes} are given more than once.")
    action = ("Sebutkan setiap wilayah atau provinsi sekali saja.", "Name each region or province once.")


class CostMissing(Refused):
    """A budget says nothing without what a location costs."""

    code = "constraint_cost_missing"
    message = ("Anggaran dan biaya per wilayah harus disebut bersama-sama.", "A budget and the cost of a region must be given together.")
    action = ("Sebutkan budget_idr dan cost_per_area_idr.", "Give budget_idr and cost_per_area_idr.")


class ConstraintsContradict(Refused):
    """No selection keeps all constraints; each sentence tells which ones contradict each other and what would help."""

    code = "selection.infeasible"
    message = ("Tidak ada pilihan wilayah yang memenuhi semua kendala.", "No selection keeps all constraints.")
    action = ("{conflicts_id}", "{conflicts_en}")


class ConstraintsUnconfirmed(Conflict):
    """Four eyes: places that are forced in or out are confirmed by another person."""

    code = "constraints_unconfirmed"
    message = (
        "Wilayah yang diwajibkan atau dilarang belum dikonfirmasi orang kedua: {region_codes}.",
        "Regions forced in or out are not confirmed by a second person: {region_codes}.",
    )
    action = ("Minta orang lain memanggil confirm-constraints.", "Have another person call confirm-constraints.")


class NothingToConfirm(Conflict):
    """There is nothing that waits for a second person."""

    code = "nothing_to_confirm"
    message = ("Tidak ada yang menunggu konfirmasi.", "Nothing waits for confirmation.")
    action = ("Baca ulang penetapan ini.", "Read the run again.")


class ResultChanged(Conflict):
    """The stored result is not the one that was computed."""

    code = "result_changed"
    message = ("Hasil tersimpan tidak sama dengan hasil yang dihitung.", "The stored result is not what was computed.")
    action = ("Hitung ulang lalu periksa kembali.", "Compute again and review it.")


class QuotaNotMet(Refused):
    """A selection has exactly as many regions and provinces as the programme's quota."""

    code = "quota_not_met"
    message = (
        "Terpilih {selected_count} wilayah di {province_count} provinsi, kuota {area_quota} di {province_quota}.",
        "{selected_count} regions in {province_count} provinces are selected, the quota is {area_quota} in {province_quota}.",
    )
    action = ("Hitung ulang.", "Compute again.")


class OverrideCapReached(Conflict):
    """A programme limits how often people may decide otherwise than the figures."""

    code = "override_cap_reached"
    message = ("Batas {override_cap} pengecualian untuk program ini sudah tercapai.", "The programme's limit of {override_cap} overrides is reached.")
    action = ("Terima urutan hasil hitungan, atau buat penetapan baru.", "Accept the computed order, or start another run.")


class OverrideImpossible(Refused):
    """An override swaps a ranked region that is not selected for one that is."""

    code = "override_impossible"
    message = (
        "{region_code} harus berperingkat dan belum terpilih, {replaced_region_code} harus terpilih.",
        "{region_code} must be ranked and not selected, {replaced_region_code} must be selected.",
    )
    action = ("Periksa peringkat pada GET …/result.", "Check the ranking at GET …/result.")


class AssessmentsLacking(Conflict):
    """A region is ranked once both its poverty and its local potential are assessed, validated and current, or a waiver names it."""

    code = "assessments_lacking"
    message = (
        "{lacking_count} wilayah belum mempunyai penilaian kemiskinan dan potensi yang sah dan berlaku, antara lain {region_codes}.",
        "{lacking_count} regions lack validated, current assessments of poverty and potential, among them {region_codes}.",
    )
    action = (
        "Lengkapi dan sahkan penilaiannya (POST /v1/assessments), atau nyatakan pengecualian dengan alasan: POST …/waive-assessments.",
        "Have them assessed and validated (POST /v1/assessments), or state a waiver with its reason: POST …/waive-assessments.",
    )


class OverrideBreaksConstraints(Refused):
    """After an override all constraints still hold."""

    code = "override_breaks_constraints"
    message = ("Pertukaran ini melanggar: {broken_id}.", "This swap breaks: {broken_en}.")
    action = ("Pilih wilayah pengganti yang lain.", "Choose another region to replace.")


class OverridePending(Conflict):
    """An override waits for its second person."""

    code = "override_pending"
    message = ("Pengecualian untuk {region_codes} belum diputuskan orang kedua.", "An override for {region_codes} waits for a second person.")
    action = ("Minta orang lain memanggil confirm-override atau refuse-override.", "Have another person call confirm-override or refuse-override.")


class WindowTooShort(Refused):
    """The programme says how long regions may object at least."""

    code = "objection_window_too_short"
    message = ("Masa keberatan program ini minimum {objection_days} hari.", "The programme's objection window is at least {objection_days} days.")
    action = ("Beri masa yang lebih panjang.", "Give a longer window.")


class WindowDemanded(Conflict):
    """The programme demands a time for objections before a selection is locked."""

    code = "objection_window_demanded"
    message = ("Program ini mewajibkan masa keberatan {objection_days} hari.", "The programme demands an objection window of {objection_days} days.")
    action = ("Panggil open-objections lebih dahulu.", "Call open-objections first.")


class WindowStillOpen(Conflict):
    """Nothing is locked while regions may still object."""

    code = "objection_window_open"
    message = ("Masa keberatan berlangsung sampai {closes_on}.", "The objection window is open until {closes_on}.")
    action = ("Kunci setelah tanggal itu.", "Lock after that day.")


class WindowNotOpen(Conflict):
    """Objections are taken within the window."""

    code = "objection_window_closed"
    message = ("Keberatan diterima dari {opens_on} sampai {closes_on}.", "Objections are taken from {opens_on} to {closes_on}.")
    action = ("Ajukan dalam masa keberatan.", "File within the window.")


class ObjectionsUndecided(Conflict):
    """Every objection is decided before the selection is locked; those past their date are named apart."""

    code = "objections_undecided"
    message = (
        "Keberatan belum diputuskan: {undecided_region_codes}; lewat tenggat: {overdue_region_codes}.",
        "Objections are undecided: {undecided_region_codes}; overdue: {overdue_region_codes}.",
    )
    action = ("Putuskan setiap keberatan.", "Decide every objection.")


class AlreadyPublished(Conflict):
    """One run in force a programme at a time."""

    code = "run_already_published"
    message = ("Program ini sudah memiliki penetapan yang berlaku.", "This programme already has a published run.")
    action = (
        "Sebutkan penetapan yang digantikan pada replaces_run_id, lihat GET /mapping/v1/priority-locations.",
        "Name the run it replaces in replaces_run_id, see GET /mapping/v1/priority-locations.",
    )


class NotInForce(Refused):
    """Only the run in force of the same programme can be replaced, and only its locations can be taken off."""

    code = "not_in_force"
    message = ("Penetapan atau lokasi itu tidak sedang berlaku.", "That run or location is not in force.")
    action = ("Lihat GET /mapping/v1/priority-locations.", "See GET /mapping/v1/priority-locations.")


class EffectiveOutsideProgramme(Refused):
    """A selection takes effect while its programme is in force."""

    code = "effective_outside_programme"
    message = ("Tanggal berlaku di luar masa program.", "The effective date lies outside the programme.")
    action = ("Pilih tanggal antara {valid_from} dan {valid_to}.", "Choose a date between {valid_from} and {valid_to}.")


class EffectiveBeforeEarlier(Refused):
    """A list takes effect no earlier than the lists of the programme before it, so that readers can tell which is the later."""

    code = "effective_before_earlier_list"
    message = ("Daftar sebelumnya berlaku sejak {effective_from}.", "The list before it took effect on {effective_from}.")
    action = ("Pilih tanggal itu atau sesudahnya.", "Choose that day or a later one.")


class EndBeforeStart(Refused):
    """What ends, ends no earlier than it began."""

    code = "end_before_start"
    message = ("Pencabutan berlaku paling cepat {effective_from}.", "It can end on {effective_from} at the earliest.")
    action = ("Pilih tanggal yang lebih lambat.", "Choose a later date.")
