"""What notices there are, and how each is worded."""

from enum import StrEnum


class NoticeStatus(StrEnum):
    """Where a notice stands."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Priority(StrEnum):
    """How pressing a notice is."""

    NORMAL = "normal"
    HIGH = "high"


class Kind(StrEnum):
    """What a notice is about."""

    INVITED = "invited"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    PROGRESS_DISPUTED = "progress_disputed"
    FULFILMENT_TO_CONFIRM = "fulfilment_to_confirm"
    FULFILMENT_REJECTED = "fulfilment_rejected"
    PLAN_RETURNED = "plan_returned"
    PLAN_REJECTED = "plan_rejected"
    PLAN_APPROVED = "plan_approved"
    OVERLAP = "overlap"
    GAP = "gap"
    ACTION_ITEM = "action_item"
    ACTION_ITEM_DUE_SOON = "action_item_due_soon"
    ACTION_ITEM_OVERDUE = "action_item_overdue"
    WAITED_FOR = "waited_for"
    MEETING = "meeting"
    CHANGE_DECIDED = "change_decided"
    PACK_FROZEN = "pack_frozen"


PRESSING = frozenset({Kind.OVERDUE, Kind.ESCALATED, Kind.GAP, Kind.ACTION_ITEM_OVERDUE, Kind.PROGRESS_DISPUTED, Kind.FULFILMENT_REJECTED})

SENTENCES: dict[Kind, tuple[str, str]] = {
    Kind.INVITED: ("Lembaga Anda diundang ikut serta; jawab sebelum {respond_by}.", "Your institution is invited to take part; answer by {respond_by}."),
    Kind.DUE_SOON: (
        "Komitmen jatuh tempo {due_on}: sisa {working_days_left} hari kerja.",
        "A commitment is due on {due_on}: {working_days_left} working days left.",
    ),
    Kind.OVERDUE: (
        "Komitmen melewati tenggat {due_on}; kurang {outstanding_output} dan Rp{outstanding_amount_idr}.",
        "A commitment is past {due_on}; {outstanding_output} and Rp{outstanding_amount_idr} are missing.",
    ),
    Kind.ESCALATED: (
        "Komitmen terlambat {working_days_late} hari kerja dinaikkan ke lembaga Anda (tingkat {escalation_level}).",
        "A commitment {working_days_late} working days late was brought before your institution (level {escalation_level}).",
    ),
    Kind.PROGRESS_DISPUTED: ("Laporan capaian disanggah: {reason_code}.", "A progress report was disputed: {reason_code}."),
    Kind.FULFILMENT_TO_CONFIRM: (
        "Komitmen dilaporkan selesai; menunggu pembenaran lembaga lain.",
        "A commitment was reported fulfilled; another institution should confirm it.",
    ),
    Kind.FULFILMENT_REJECTED: ("Laporan selesai ditolak: {reason_code}.", "The report of fulfilment was rejected: {reason_code}."),
    Kind.PLAN_RETURNED: (
        "Rencana aksi dikembalikan pada tingkat {approval_tier}: {reason_code}.",
        "The action plan was given back at tier {approval_tier}: {reason_code}.",
    ),
    Kind.PLAN_REJECTED: (
        "Rencana aksi ditolak pada tingkat {approval_tier}: {reason_code}.",
        "The action plan was rejected at tier {approval_tier}: {reason_code}.",
    ),
    Kind.PLAN_APPROVED: ("Rencana aksi {fiscal_year} versi {plan_version} disetujui.", "The action plan {fiscal_year}, version {plan_version}, was approved."),
    Kind.OVERLAP: (
        "Rencana tumpang tindih: {intervention_code} di {location_code}, {quarter}.",
        "Plans overlap: {intervention_code} at {location_code}, {quarter}.",
    ),
    Kind.GAP: (
        "Intervensi belum ada di {location_code}, {quarter}: {missing_intervention_codes}.",
        "Interventions are missing at {location_code}, {quarter}: {missing_intervention_codes}.",
    ),
    Kind.ACTION_ITEM: ("Tindak lanjut baru, tenggat {due_on}.", "A new action item, due on {due_on}."),
    Kind.ACTION_ITEM_DUE_SOON: (
        "Tindak lanjut jatuh tempo {due_on}: sisa {working_days_left} hari kerja.",
        "An action item is due on {due_on}: {working_days_left} working days left.",
    ),
    Kind.ACTION_ITEM_OVERDUE: ("Tindak lanjut melewati tenggat {due_on}.", "An action item is past {due_on}."),
    Kind.WAITED_FOR: (
        "Tindak lanjut lembaga lain menunggu lembaga Anda: {blocker_code}.",
        "Another institution's action item waits for yours: {blocker_code}.",
    ),
    Kind.MEETING: ("Undangan rapat koordinasi {held_on}.", "Invitation to a coordination meeting on {held_on}."),
    Kind.CHANGE_DECIDED: ("Permintaan perubahan diputus: {decision}.", "Your change request was decided: {decision}."),
    Kind.PACK_FROZEN: ("Laporan triwulan {quarter} dibekukan.", "The quarterly pack {quarter} is frozen."),
}


def words(kind: Kind, facts: dict[str, object]) -> tuple[str, str]:
    """The notice in Indonesian and in English."""
    readable = {name: ", ".join(map(str, fact)) if isinstance(fact, list) else fact for name, fact in facts.items()}
    return SENTENCES[kind][0].format(**readable), SENTENCES[kind][1].format(**readable)
