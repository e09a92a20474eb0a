"""Where a model stands, and what it is refused for."""

from enum import StrEnum

from shared.errors import Conflict, Refused


class ModelStatus(StrEnum):
    """Where a model stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    CURRENT = "current"
    RETIRED = "retired"


class ModelVersionTaken(Conflict):
    """Two people wrote a version of the same model at once."""

    code = "model_version_taken"
    message = ("Versi model ini baru saja dibuat pihak lain.", "Somebody else just wrote this version of the model.")
    action = ("Ulangi permintaan.", "Repeat the request.")


class AnotherCurrent(Conflict):
    """A model has one current version at a time."""

    code = "another_version_current"
    message = ("Versi lain dari model ini baru saja diberlakukan.", "Another version of this model just became current.")
    action = ("Baca versi yang berlaku lalu ulangi.", "Read the current version and repeat.")


class DimensionMissing(Refused):
    """Places are prioritised by poverty and by local potential, never by one alone."""

    code = "dimension_missing"
    message = ("Model harus memuat kriteria kemiskinan dan kriteria potensi lokal.", "A model needs criteria of poverty and of local potential.")
    action = ("Tambahkan kriteria berdimensi poverty dan potential.", "Add criteria of the dimensions poverty and potential.")


class UnknownIndicator(Refused):
    """A criterion names an indicator without figures."""

    code = "unknown_indicator"
    message = ("Suatu kriteria memakai indikator yang tidak dikenal.", "A criterion uses an unknown indicator.")
    action = ("Gunakan salah satu: {known_indicator_codes}.", "Use one of {known_indicator_codes}.")


class WeightsMissing(Refused):
    """Weights that nobody computes have to be given."""

    code = "weights_missing"
    message = ("Kriteria ini belum diberi bobot: {criterion_codes}.", "These criteria have no weight: {criterion_codes}.")
    action = ("Isi weight, atau pilih weighting yang menghitungnya.", "Give weight, or choose a weighting that computes it.")


class WeightsTwice(Refused):
    """Weights are given or computed, not both."""

    code = "weights_twice"
    message = ("Bobot diisi padahal weighting menghitungnya: {criterion_codes}.", "Weights are given although the weighting computes them: {criterion_codes}.")
    action = ("Kosongkan weight.", "Leave weight out.")


class TreeDoesNotMatch(Refused):
    """The leaves of a criteria tree are the model's criteria."""

    code = "tree_does_not_match"
    message = (
        "Pohon kriteria tidak sama dengan kriteria: kurang {missing_codes}, tidak dikenal {unknown_codes}.",
        "The criteria tree does not match the criteria: missing {missing_codes}, unknown {unknown_codes}.",
    )
    action = ("Samakan daun pohon dengan kriteria.", "Make the leaves of the tree the criteria.")


class SharesOrJudgements(Refused):
    """A group's shares are given, or judged in pairs."""

    code = "shares_or_judgements"
    message = (
        "Kelompok {group_code} harus memuat judgements, atau share pada setiap anggotanya, tidak keduanya.",
        "Group {group_code} needs judgements, or a share for each member, not both.",
    )
    action = ("Pilih salah satu cara untuk kelompok itu.", "Choose one way for that group.")


class DateNotInFuture(Refused):
    """What is scheduled comes later; what is due is activated."""

    code = "date_not_in_future"
    message = ("Tanggal berlaku harus setelah hari ini ({today}).", "The effective date must be after today ({today}).")
    action = ("Pilih tanggal kemudian, atau panggil activate.", "Choose a later day, or call activate.")


class NotDue(Refused):
    """A scheduled model waits for its day."""

    code = "model_not_due"
    message = ("Model ini dijadwalkan berlaku {effective_from}.", "This model is scheduled for {effective_from}.")
    action = ("Tunggu tanggal itu; model diberlakukan dengan sendirinya.", "Wait for that day; it becomes current by itself.")
