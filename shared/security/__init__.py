"""Who calls, what they may do, and how personal data is kept."""
