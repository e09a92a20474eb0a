"""Who organises a training: the programme's owner, the local governments of its region, and the provider of the course."""

from services.facilitation.courses.domain import NotTheProvider
from services.facilitation.trainings.domain import Training
from shared.errors import NotFound
from shared.security.identity import Caller, Role

ORGANISERS = (Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.PROVINCE, Role.REGENCY)


def organised_by(caller: Caller, training: Training) -> None:
    """`NotFound` outside the caller's regions; a ministry organises the trainings of its own courses."""
    if not caller.covers(training.region_code):
        raise NotFound
    if caller.role is Role.PARTNER_MINISTRY and not caller.acts_for(training.provider_institution_id):
        raise NotTheProvider(allowed_roles=[])
