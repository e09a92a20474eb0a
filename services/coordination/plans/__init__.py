"""Action plans (rencana aksi): what an institution will do where, in which quarter, for how much."""
