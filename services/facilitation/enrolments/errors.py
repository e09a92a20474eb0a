"""What stands in the way of a participant."""

from shared.errors import Conflict, Refused


class RegistrationNotOpen(Conflict):
    """Participants are named while registration is open."""

    code = "registration_not_open"
    message = ("Pendaftaran pelatihan ini tidak sedang dibuka.", "Registration for the training is not open.")
    action = ("Lihat opens_on dan closes_on pada pelatihan.", "See opens_on and closes_on of the training.")


class GroupTypeNotTargeted(Refused):
    """The course is meant for groups of other types."""

    code = "group_type_not_targeted"
    message = ("Pelatihan ini untuk jenis kelompok lain: {target_group_types}.", "The training is for groups of other types: {target_group_types}.")
    action = ("Pilih pelatihan lain untuk kelompok ini.", "Choose another training for this group.")


class MembershipNotActive(Refused):
    """A group nominates its own active members."""

    code = "no_active_membership"
    message = ("Usaha ini bukan anggota aktif kelompok tersebut.", "The enterprise is not an active member of the group.")
    action = ("Daftarkan usaha ke kelompok itu terlebih dahulu.", "Have the enterprise join the group first.")


class AlreadyNominated(Conflict):
    """One enrolment for each training and enterprise."""

    code = "already_nominated"
    message = ("Usaha ini sudah pernah diusulkan untuk pelatihan ini.", "The enterprise was nominated for this training before.")
    action = ("Lihat GET /facilitation/v1/enrolments.", "See GET /facilitation/v1/enrolments.")


class ConsentAhead(Refused):
    """Consent is given before data are written down."""

    code = "consent_in_future"
    message = ("Persetujuan peserta bertanggal di masa depan.", "The participant's consent is dated in the future.")
    action = ("Catat persetujuan lebih dahulu, lalu isi tanggalnya.", "Obtain the consent first, then give its date.")


class NoCertificate(Conflict):
    """There is no certificate that is valid."""

    code = "no_certificate"
    message = ("Tidak ada sertifikat yang berlaku untuk keikutsertaan ini.", "The enrolment has no certificate that is in force.")
    action = ("Periksa status keikutsertaan.", "Check the enrolment.")


class NoSuchTracer(Refused):
    """What became of a training is asked at fixed times."""

    code = "no_such_tracer"
    message = ("Tidak ada penelusuran yang menunggu untuk bulan ke-{months_after}.", "No tracer is waiting for month {months_after}.")
    action = ("Lihat GET /facilitation/v1/training-tracers.", "See GET /facilitation/v1/training-tracers.")


class TracerTooEarly(Refused):
    """The months have not passed yet."""

    code = "tracer_too_early"
    message = ("Penelusuran ini baru jatuh pada {due_on}.", "This tracer is due on {due_on}.")
    action = ("Catat pada atau sesudah {due_on}.", "Record it on or after {due_on}.")


class CodeNotListed(Refused):
    """The code is in none of the published lists."""

    code = "code_not_listed"
    message = ("Kode {field} tidak ada dalam daftar.", "The code of {field} is not in the list.")
    action = ("Pilih salah satu: {listed}.", "Choose one of: {listed}.")


class WaitsItsTurn(Conflict):
    """Who waits gets a seat in the order of the list, never before others."""

    code = "waits_its_turn"
    message = ("Peserta ini ada di daftar tunggu dan mendapat kursi menurut urutan.", "The participant is on the waiting list and gets a seat in its order.")
    action = ("Tunggu sampai ada kursi yang kosong; itu terjadi dengan sendirinya.", "Wait until a seat is free; it happens by itself.")
