"""What is refused of a file as a whole; rows have their own codes in `values`."""

from shared.errors import Conflict, Refused


class FigureColumnsMissing(Refused):
    """The first row does not name the columns."""

    code = "columns_missing"
    message = ("Baris pertama harus memuat kolom: {missing_columns}.", "The first row must name the columns {missing_columns}.")
    action = (
        "Gunakan templat: GET /v1/figure-imports/template; atau sebutkan indicator dan period pada permintaan.",
        "Use the template: GET /v1/figure-imports/template; or name indicator and period in the request.",
    )


class TemplateOutdated(Refused):
    """The template is of an earlier version."""

    code = "template_outdated"
    message = ("Templat versi {template_version} sudah diganti versi {current_version}.", "Template {template_version} was replaced by {current_version}.")
    action = (
        "Unduh templat baru dan salin angkanya: GET /v1/figure-imports/template.",
        "Download the new one and copy the figures: see GET /v1/figure-imports/template.",
    )


class SourceUndescribed(Refused):
    """Figures without a source are not taken."""

    code = "source_undescribed"
    message = ("Sumber {source_code} belum dikenal.", "The source {source_code} is not known yet.")
    action = (
        "Sebutkan publisher, title dan source_year, atau pakai sumber dari GET /v1/sources.",
        "Give publisher, title and source_year, or use a source of GET /v1/sources.",
    )


class FiguresKnown(Conflict):
    """The same file was taken over before."""

    code = "figures_known"
    message = ("Berkas yang sama sudah disahkan; tidak ada yang berubah.", "The same file was taken over before; nothing changes.")
    action = ("Tidak perlu mengirim ulang.", "There is no need to send it again.")


class FiguresRefused(Conflict):
    """With atomic=all a file is taken over whole, or not at all."""

    code = "figures_have_refused_rows"
    message = (
        "{refused_row_count} dari {row_count} baris ditolak; berkas ini hanya dapat disahkan utuh.",
        "{refused_row_count} of {row_count} rows were refused; this file is taken over whole.",
    )
    action = (
        "Unduh baris yang ditolak, perbaiki, lalu kirim ulang; atau kirim dengan atomic=row.",
        "Download the refused rows, mend them and send them again; or send the file with atomic=row.",
    )


class NothingToCommit(Conflict):
    """Every row was refused."""

    code = "nothing_to_commit"
    message = ("Tidak ada baris yang dapat disahkan.", "There is no row to take over.")
    action = ("Unduh baris yang ditolak, perbaiki, lalu kirim ulang.", "Download the refused rows, mend them and send them again.")


class FiguresSuspicious(Conflict):
    """The file as a whole is doubtful; somebody has to answer for it."""

    code = "figures_suspicious"
    message = ("Berkas ini mencurigakan: {rules}.", "This file is suspicious: {rules}.")
    action = (
        "Periksa suspicions pada berkas ini; bila angkanya benar, sahkan dengan accepted_reason.",
        "Look at its suspicions; where the figures are right, take it over with an accepted_reason.",
    )


class SeriesBroken(Conflict):
    """Figures by different methods are no series."""

    code = "series_broken"
    message = (
        "Metode berubah pada {break_periods}; angka sebelum dan sesudahnya tidak dapat dibandingkan.",
        "The method changes at {break_periods}; figures before and after it cannot be compared.",
    )
    action = ("Baca tiap bagian tersendiri, atau minta across_breaks=true.", "Read each part by itself, or ask for across_breaks=true.")
