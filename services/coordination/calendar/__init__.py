"""Working days (hari kerja): weekends, national holidays (hari libur nasional) and joint leave (cuti bersama)."""
