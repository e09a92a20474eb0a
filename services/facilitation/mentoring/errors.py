"""What stands in the way of mentoring."""

from shared.errors import Conflict, Refused


class AlreadyMentored(Conflict):
    """An enterprise has one mentor at a time."""

    code = "already_mentored"
    message = ("Usaha dalam kelompok ini sudah didampingi atau ditawarkan.", "An enterprise of this group is mentored, or on offer, already.")
    action = ("Alihkan pendampingan yang ada, atau pilih usaha lain.", "Transfer the mentoring that exists, or choose other enterprises.")


class SuccessorOffered(Conflict):
    """One transfer at a time."""

    code = "successor_offered"
    message = ("Pengalihan ini sudah ditawarkan kepada pendamping lain.", "This transfer is on offer to another mentor.")
    action = ("Tunggu jawabannya.", "Wait for the answer.")


class NoEnterprises(Refused):
    """There is nobody to mentor."""

    code = "no_enterprises"
    message = ("Kelompok ini tidak memiliki anggota untuk didampingi.", "The group has no member to be mentored.")
    action = ("Tambahkan anggota kelompok.", "Have enterprises join the group.")


class NotOfTheGroup(Refused):
    """Mentoring reaches enterprises through their group."""

    code = "not_of_the_group"
    message = ("Ada usaha yang bukan anggota aktif kelompok ini.", "An enterprise is not an active member of this group.")
    action = ("Lihat GET /facilitation/v1/groups/{{id}}/members.", "See GET /facilitation/v1/groups/{{id}}/members.")


class OfferLapsed(Conflict):
    """The last day to answer has passed."""

    code = "offer_lapsed"
    message = ("Batas jawaban {respond_by} sudah lewat.", "The offer could be answered until {respond_by}.")
    action = ("Minta tawaran baru.", "Ask for a new offer.")


class HandOverIncomplete(Refused):
    """A transfer names whom it follows and the note that hands over, or neither; for the same group, to somebody else."""

    code = "hand_over_incomplete"
    message = (
        "Pengalihan memerlukan pendampingan berjalan pada kelompok yang sama, catatan serah terima, dan pendamping lain.",
        "A transfer needs mentoring of the same group that is not over, the hand-over note, and another mentor.",
    )
    action = ("Isi predecessor_assignment_id dan hand_over_note_hash.", "Give predecessor_assignment_id and hand_over_note_hash.")


class NotMentoredHere(Refused):
    """The enterprise is not one of this assignment."""

    code = "not_mentored_here"
    message = ("Usaha ini tidak termasuk pendampingan tersebut.", "The enterprise is not part of this assignment.")
    action = ("Lihat enterprise_ids pada pendampingannya.", "See enterprise_ids of the assignment.")


class GoalsRepeat(Refused):
    """A goal is set once."""

    code = "goals_repeat"
    message = ("Sasaran yang sama disebut dua kali.", "The same goal is named twice.")
    action = ("Hapus salah satunya.", "Remove one of them.")


class GoalDatePast(Refused):
    """Goals lie ahead."""

    code = "goal_date_past"
    message = ("Tanggal sasaran sudah lewat.", "The date of a goal has passed.")
    action = ("Isi tanggal sesudah {on}.", "Give a date after {on}.")


class NoSuchGoal(Conflict):
    """The goal is not open."""

    code = "no_such_goal"
    message = ("Sasaran ini tidak terbuka pada pendampingan tersebut.", "The goal is not open in this assignment.")
    action = ("Lihat goals pada pendampingannya.", "See goals of the assignment.")


class TooFewVisits(Refused):
    """Mentoring is done after the planned visits, or with a reason."""

    code = "too_few_visits"
    message = ("Baru {approved} dari {planned} kunjungan disetujui.", "{approved} of {planned} planned visits are approved.")
    action = ("Lengkapi kunjungan atau isi justification_code.", "Complete the visits, or give a justification_code.")


class EndlineMissing(Refused):
    """What was scored at the beginning is scored at the end."""

    code = "endline_missing"
    message = ("Diagnosis akhir belum ada untuk {enterprises} usaha.", "{enterprises} enterprises lack a diagnosis at the end.")
    action = ("Nilai kembali dengan instrumen yang sama.", "Score them again with the same instrument.")
