"""Enrolments (keikutsertaan): one enterprise in one training, from the nomination to what it does with what it learned."""
