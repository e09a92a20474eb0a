"""Coordination (koordinasi): who takes part, who pledged what where, and is it done."""
