"""What the calendar does to demands: those nobody closed are closed after their day."""

from services.facilitation.market_demands.handlers import close_passed as pass_day

__all__ = ["pass_day"]
