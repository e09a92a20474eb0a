"""What an institution is refused for."""

from shared.errors import Conflict, Forbidden, Refused


class InstitutionCodeTaken(Conflict):
    """Institution codes are unique."""

    code = "institution_code_taken"
    message = ("Kode lembaga sudah dipakai.", "The institution code is taken.")
    action = ("Gunakan kode lain.", "Use another code.")


class TreeCycle(Conflict):
    """Nobody stands below themselves."""

    code = "institution_tree_cycle"
    message = ("Lembaga induk itu berada di bawah lembaga ini sendiri.", "That parent stands below this institution itself.")
    action = (
        "Pilih induk di luar cabang lembaga ini; lihat GET /coordination/v1/institution-tree.",
        "Choose a parent outside its own branch; see GET /coordination/v1/institution-tree.",
    )


class OwnVerification(Forbidden):
    """Somebody outside confirms an entry."""

    code = "verifier_is_subject"
    message = ("Lembaga tidak dapat memverifikasi dirinya sendiri.", "An institution does not verify itself.")
    action = ("Minta lembaga lain memverifikasi.", "Ask another institution to verify.")


class TargetNotVerified(Conflict):
    """An institution goes up only in a verified one."""

    code = "merge_target_not_verified"
    message = ("Lembaga tujuan penggabungan belum terverifikasi atau sudah berakhir.", "The institution to merge into is not verified, or has ended.")
    action = ("Verifikasi lembaga tujuan lebih dahulu.", "Verify the target first.")


class MergeIntoItself(Refused):
    """Two institutions are needed."""

    code = "merge_into_itself"
    message = ("Lembaga tidak dapat digabungkan ke dirinya sendiri.", "An institution cannot be merged into itself.")
    action = ("Sebutkan lembaga lain.", "Name another institution.")


class StillTakesPart(Conflict):
    """Who takes part does not end without a successor."""

    code = "institution_takes_part"
    message = ("Lembaga masih ikut serta dalam {participations} program.", "The institution still takes part in {participations} programmes.")
    action = ("Akhiri keikutsertaannya, atau gabungkan ke penerusnya.", "End its participations, or merge it into its successor.")


class InstitutionNotVerified(Conflict):
    """Only verified institutions are invited."""

    code = "institution_not_verified"
    message = ('Lembaga belum terverifikasi (status "{state}").', 'The institution is not verified (status "{state}").')
    action = (
        "Minta lembaga lain memverifikasinya: POST …/institutions/{{id}}/verify.",
        "Have another institution verify it: POST …/institutions/{{id}}/verify.",
    )


class DateBeforeLast(Refused):
    """The history of an institution goes forwards."""

    code = "effective_before_last_change"
    message = ("Tanggal berlaku mendahului perubahan terakhir ({last}).", "The date of effect is before the last change ({last}).")
    action = ("Gunakan tanggal sesudah {last}.", "Use a date after {last}.")
