"""Lists of a training (daftar hadir, daftar nilai): attendance by session and test scores, as a list or as a CSV file, and the end of a training."""
