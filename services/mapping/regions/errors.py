"""What is wrong with a region code, each with its own code, so that an import can say it row by row."""

from shared.errors import Refused


class CodeRefused(Refused):
    """The code names no region of today. Subclasses say why."""


class SchemeMissing(CodeRefused):
    """A code means nothing without its scheme."""

    code = "scheme_missing"
    message = ("Kode wilayah tidak bermakna tanpa skemanya.", "A region code means nothing without its scheme.")
    action = ("Sebutkan scheme: kemendagri, bps-2021 atau bps-2024.", "Say the scheme: kemendagri, bps-2021 or bps-2024.")


class UnknownCode(CodeRefused):
    """No region has it in the scheme named, nor in another."""

    code = "unknown_code"
    message = ("Kode ini tidak ada pada skema {scheme}.", "This code does not exist in the scheme {scheme}.")
    action = ("Periksa kode pada daftar wilayah resmi.", "Check the code in the official list of regions.")


class CodeOfAnotherTime(UnknownCode):
    """The code exists, at another time than the one asked about."""

    message = (
        "Kode ini tidak berlaku pada tanggal tersebut; berlaku {valid_from} s.d. {valid_to}.",
        "This code was not valid on that day; it is valid from {valid_from} to {valid_to}.",
    )
    action = (
        "Sebutkan tanggal data (on) di dalam masa berlaku kode, atau gunakan kode yang berlaku pada tanggal itu.",
        "Give the date of the figure (on) within the code's validity, or use the code that was valid on that day.",
    )


class CodeOfAnotherScheme(CodeRefused):
    """The code does not exist in the scheme declared, but does in another."""

    code = "code_of_another_scheme"
    message = ("Kode ini bukan kode {scheme}, melainkan kode {found_in_schemes}.", "This is no code of {scheme} but one of {found_in_schemes}.")
    action = (
        "Nyatakan skema yang benar; angka yang sama berarti wilayah lain pada skema lain.",
        "Declare the right scheme; the same digits mean another region in another scheme.",
    )


class CodeReadAsNumber(CodeRefused):
    """A spreadsheet took the code for a number and dropped or moved digits."""

    code = "code_read_as_number"
    message = ("Kode ini telah terbaca sebagai angka; mungkin {candidates}.", "This code was read as a number; it may have been {candidates}.")
    action = (
        "Atur kolom kode sebagai teks sebelum menyimpan berkas, lalu kirim ulang.",
        "Make the column of codes text before saving the file, then send it again.",
    )


class AmbiguousCode(CodeRefused):
    """What the code named then is more than one region today."""

    code = "ambiguous_code"
    message = (
        "Wilayah ini telah dimekarkan; kini terdiri atas {candidates}.",
        "This region was divided since; today it is {candidates}.",
    )
    action = (
        "Kirim angka menurut wilayah yang sekarang; sistem tidak menebak pembagiannya.",
        "Send figures for the regions of today; nothing is guessed about how to divide them.",
    )
