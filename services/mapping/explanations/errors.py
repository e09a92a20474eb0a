"""What an explanation refuses."""

from shared.errors import Conflict


class NoListInForce(Conflict):
    """A programme without a published list has nothing to explain."""

    code = "no_list_in_force"
    message = ("Program ini belum mempunyai daftar yang berlaku.", "This programme has no list in force.")
    action = ("Lihat GET /mapping/v1/prioritisation-runs.", "See GET /mapping/v1/prioritisation-runs.")
