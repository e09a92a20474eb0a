"""Action items (tindak lanjut): what an institution has to do by a day, because a meeting, a gap or an evaluation asked for it."""
