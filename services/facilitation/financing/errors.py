"""What stands in the way of an application for financing."""

from shared.errors import Conflict, Refused


class NoActiveMembership(Refused):
    """The ministry serves enterprises through groups, never alone."""

    code = "no_active_membership"
    message = ("Usaha ini bukan anggota aktif kelompok mana pun.", "The enterprise is not an active member of any group.")
    action = ("Daftarkan usaha ke sebuah kelompok terlebih dahulu.", "Have the enterprise join a group first.")


class GroupNotActive(Refused):
    """The group is not open to facilitation."""

    code = "group_not_active"
    message = ("Kelompok usaha ini belum aktif.", "The enterprise's group is not active.")
    action = ("Aktifkan kelompoknya terlebih dahulu.", "Activate the group first.")


class ProductNotOpen(Refused):
    """No version of the product takes applications today."""

    code = "product_not_open"
    message = ("Produk pembiayaan ini tidak dibuka saat ini.", "This product is not open for applications now.")
    action = ("Lihat GET /facilitation/v1/financing-products.", "See GET /facilitation/v1/financing-products.")


class AmountOutsideProduct(Refused):
    """The amount is not one that the product is for."""

    code = "amount_outside_product"
    message = ("Jumlah di luar batas produk.", "The amount lies outside the product's limits.")
    action = (
        "Ajukan di atas {above_idr} sampai dengan {ceiling_idr} rupiah, atau pilih produk lain.",
        "Ask for more than {above_idr}, up to {ceiling_idr} rupiah, or choose another product.",
    )


class AmountAboveRequested(Refused):
    """A lender grants at most what was asked for, and at most the product's ceiling."""

    code = "amount_above_requested"
    message = ("Jumlah yang disetujui melebihi {limit_idr} rupiah.", "More than {limit_idr} rupiah cannot be granted.")
    action = ("Setujui paling banyak jumlah yang diajukan dan pagu produk.", "Grant at most what was requested and the product's ceiling.")


class TenorTooLong(Refused):
    """The product has a longest tenor."""

    code = "tenor_too_long"
    message = ("Jangka waktu melebihi {max_tenor_months} bulan.", "The tenor exceeds {max_tenor_months} months.")
    action = ("Kurangi jangka waktu.", "Shorten the tenor.")


class GrantDateImpossible(Refused):
    """A contract is signed after the application reached the lender, and not in the future."""

    code = "grant_date_impossible"
    message = ("Tanggal akad tidak mungkin.", "The date of the contract is impossible.")
    action = ("Isi tanggal antara {earliest} dan {latest}.", "Give a date between {earliest} and {latest}.")


class OpenApplicationExists(Conflict):
    """One open application for each enterprise and product."""

    code = "open_application_exists"
    message = ("Usaha ini masih memiliki pengajuan terbuka untuk produk tersebut.", "The enterprise has an open application for this product.")
    action = ("Lanjutkan atau tarik pengajuan itu.", "Go on with that application, or withdraw it.")


class LenderReferenceTaken(Conflict):
    """A lender's reference names one contract."""

    code = "lender_reference_taken"
    message = ("Nomor referensi penyalur ini sudah dipakai.", "The lender's reference was used for another grant.")
    action = ("Periksa nomor akad.", "Check the number of the contract.")
