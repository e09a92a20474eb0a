"""The rule that a priority location stands for."""

from shared.errors import Refused


class NotPrioritisedLocation(Refused):
    """Facilitation is for a programme's prioritised regencies and cities."""

    code = "not_prioritised_location"
    message = ("Wilayah ini bukan lokasi prioritas program.", "This region is not a priority location of the programme.")
    action = ("Lihat GET /facilitation/v1/priority-locations.", "See GET /facilitation/v1/priority-locations.")
