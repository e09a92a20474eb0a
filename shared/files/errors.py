"""What is refused of a file as a whole."""

from shared.errors import Problem, Refused


class FileTooLarge(Problem):
    """The file is larger than this service reads."""

    status = 413
    code = "file_too_large"
    message = ("Berkas lebih dari {limit_bytes} byte.", "The file is larger than {limit_bytes} bytes.")
    action = ("Bagi berkas, misalnya per provinsi.", "Divide it, for example by province.")


class FileMediaType(Problem):
    """The file is of another kind."""

    status = 415
    code = "file_media_type"
    message = ("Jenis berkas ini tidak dibaca.", "This kind of file is not read.")
    action = (
        "Kirim CSV (Content-Type: text/csv), XLSX (application/vnd.openxmlformats-officedocument.spreadsheetml.sheet), atau Parquet "
        "(application/vnd.apache.parquet) bila terpasang.",
        "Send CSV (Content-Type: text/csv), XLSX (application/vnd.openxmlformats-officedocument.spreadsheetml.sheet), or Parquet "
        "(application/vnd.apache.parquet) where it is installed.",
    )


class FileUnreadable(Refused):
    """The file is not what it says it is."""

    code = "file_unreadable"
    message = ("Berkas tidak dapat dibaca pada baris {row_number}.", "The file cannot be read at row {row_number}.")
    action = ("Simpan ulang sebagai CSV UTF-8 atau XLSX, lalu kirim lagi.", "Save it again as CSV UTF-8 or XLSX and send it again.")


class WorkbookTooLarge(Refused):
    """What a small file unpacks to is beyond all bounds (zip bomb), or there are more cells than are read."""

    code = "workbook_too_large"
    message = ("Isi buku kerja melebihi batas yang dibaca.", "What the workbook unpacks to is more than is read.")
    action = ("Kirim satu lembar saja, atau sebagai CSV.", "Send one sheet alone, or as CSV.")
