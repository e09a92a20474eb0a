"""What a participation is refused for."""

from shared.errors import Conflict, Forbidden, Refused


class AlreadyInvited(Conflict):
    """One participation for each programme, institution and role."""

    code = "already_invited"
    message = ("Lembaga ini sudah diundang untuk peran tersebut.", "This institution was already invited in that role.")
    action = ("Lihat daftar keikutsertaan program.", "See the programme's participations.")


class InvitationExpired(Refused):
    """The date by which an answer was due has passed."""

    code = "invitation_expired"
    message = ("Batas jawaban undangan ({respond_by}) sudah lewat.", "The invitation was to be answered by {respond_by}.")
    action = ("Minta undangan baru.", "Ask for a new invitation.")


class NotTheInvited(Forbidden):
    """Only the invited institution answers."""

    code = "not_the_invited_institution"
    message = ("Hanya lembaga yang diundang dapat menjawab.", "Only the invited institution may answer.")
    action = ("Gunakan token lembaga yang diundang.", "Use a token of the invited institution.")


class ScopeOrphans(Conflict):
    """A narrower scope leaves no open commitment outside."""

    code = "scope_orphans_commitments"
    message = (
        "Cakupan itu meninggalkan komitmen yang belum selesai di: {location_codes}.",
        "That scope would leave open commitments outside, in {location_codes}.",
    )
    action = ("Selesaikan atau lepaskan komitmen itu, atau perluas cakupannya.", "Settle or release them, or widen the scope.")


class CommitmentsStillOpen(Conflict):
    """Who withdraws leaves nothing open."""

    code = "participation_has_open_commitments"
    message = ("Masih ada {open_commitments} komitmen yang belum selesai.", "{open_commitments} commitments are still open.")
    action = ("Lepaskan dengan penerus lebih dahulu: POST …/commitments/{{id}}/release.", "Release them first: POST …/commitments/{{id}}/release.")


class ProgrammeNotOpen(Conflict):
    """Institutions are invited to a programme that is being written or in force."""

    code = "programme_not_open"
    message = ('Program berstatus "{state}"; undangan tidak dapat dikirim.', 'The programme is "{state}": nobody can be invited.')
    action = ("Undang pada program berstatus draft atau active.", "Invite to a programme that is a draft or active.")
