"""Nominations (usulan peserta): the list in which a group names participants, and the answer to each row of it."""
