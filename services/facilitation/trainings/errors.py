"""What stands in the way of a training."""

from shared.errors import Conflict, Refused


class ScheduleImpossible(Refused):
    """The plan contradicts itself or the course."""

    code = "schedule_impossible"
    message = ("Jadwal tidak mungkin: {broken}.", "The schedule is impossible: {broken}.")
    action = (
        "Perbaiki: pendaftaran dibuka, ditutup, lalu sesi berurutan; jam seluruh sesi sekurang-kurangnya {hours}; peserta minimum tidak melebihi kuota.",
        "Mend it: registration opens, closes, then sessions follow in order; their hours are at least {hours}; the minimum does not exceed the quota.",
    )


class QuotaBelowSeats(Refused):
    """Seats that were given are not taken away."""

    code = "quota_below_seats"
    message = ("Kuota lebih kecil dari {enrolled_count} kursi yang sudah diberikan.", "The quota is below the {enrolled_count} seats already given.")
    action = ("Isi kuota sekurang-kurangnya {enrolled_count}.", "Give a quota of at least {enrolled_count}.")


class DatesPassed(Refused):
    """A training is announced before it takes place."""

    code = "training_dates_passed"
    message = ("Pendaftaran menurut jadwal ini berakhir {closes_on}.", "By this schedule registration ended on {closes_on}.")
    action = ("Jadwalkan ulang terlebih dahulu (…/reschedule).", "Reschedule it first (…/reschedule).")


class NotYet(Refused):
    """The day has not come."""

    code = "training_not_yet"
    message = ("Belum dapat dilakukan sebelum {earliest}.", "This cannot be done before {earliest}.")
    action = ("Ulangi pada {earliest}, atau jadwalkan ulang pelatihan.", "Repeat it on {earliest}, or reschedule the training.")


class TooFewParticipants(Refused):
    """A training is held from a number of participants on."""

    code = "too_few_participants"
    message = ("Peserta baru {enrolled_count}; paling sedikit {minimum}.", "There are {enrolled_count} participants; at least {minimum} are needed.")
    action = ("Tunda pelatihan dan buka pendaftaran lagi, atau batalkan.", "Postpone it and open registration again, or cancel it.")


class NoSuchSession(Refused):
    """The training has no session of that number."""

    code = "no_such_session"
    message = ("Pelatihan ini tidak mempunyai sesi {session_no}.", "The training has no session {session_no}.")
    action = ("Lihat sesi pada pelatihan.", "See the training's sessions.")


class SessionsNotHeld(Refused):
    """A training is complete once every session was held."""

    code = "sessions_not_held"
    message = ("Daftar hadir belum lengkap untuk sesi {session_nos}.", "Attendance is not complete for sessions {session_nos}.")
    action = ("Kirim daftar hadir yang kurang.", "Hand in the missing attendance.")


class ResultsMissing(Refused):
    """Who came is judged by a final test."""

    code = "results_missing"
    message = ("{count} peserta belum mempunyai nilai ujian akhir.", "{count} participants have no score of the final test.")
    action = ("Kirim daftar nilai post_test untuk mereka.", "Hand in a list of post_test scores for them.")


class TrainingBusy(Conflict):
    """Too many others were changing the same training at this moment."""

    code = "training_busy"
    message = ("Pelatihan ini sedang diubah banyak pihak.", "Many others are changing this training.")
    action = ("Ulangi dengan Idempotency-Key yang sama.", "Repeat with the same Idempotency-Key.")
