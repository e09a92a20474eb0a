"""Files of figures (berkas angka indikator): checked in the background when sent, taken over by another person."""
