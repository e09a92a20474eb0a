"""What is made of a run's result for people and maps: ranking, files, the annex to the decree (lampiran keputusan), pages."""
