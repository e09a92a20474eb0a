"""What an order refuses."""

from shared.errors import Conflict, Refused


class LinkageNotOpen(Conflict):
    """Orders are placed under a contract."""

    code = "linkage_not_open"
    message = ('Kemitraan berstatus "{state}"; pesanan memerlukan kontrak yang berjalan.', 'The linkage is "{state}"; orders need a contract in force.')
    action = ("Catat kontraknya, atau lanjutkan kemitraan.", "Record the contract, or resume the linkage.")


class CategoryOutsideLinkage(Refused):
    """The linkage names its categories."""

    code = "category_outside_linkage"
    message = ("Kategori {category_code} tidak termasuk kemitraan ini.", "{category_code} is no category of this linkage.")
    action = ("Pesan kategori yang tercantum.", "Order categories that it names.")


class DemandMismatch(Refused):
    """An order for a demand is of the same buyer and category, and in time."""

    code = "order_does_not_fit_demand"
    message = ("Pesanan tidak sesuai dengan kebutuhan: {what}.", "The order does not fit the demand: {what}.")
    action = ("Periksa pembeli, kategori, harga dan tanggalnya.", "Check buyer, category, price and day.")


class ProductTwice(Refused):
    """A product is one line."""

    code = "product_twice"
    message = ("Satu produk muncul lebih dari sekali.", "A product occurs more than once.")
    action = ("Gabungkan barisnya.", "Join the lines.")


class BelowMinimumLot(Refused):
    """Groups state the smallest order worth making."""

    code = "below_minimum_lot"
    message = ("Lot minimum produk ini {minimum_lot}.", "The minimum lot of this product is {minimum_lot}.")
    action = ("Pesan sekurang-kurangnya sebanyak itu.", "Order at least as much.")


class OrderTooLarge(Refused):
    """The value is more than can be written exactly."""

    code = "order_too_large"
    message = ("Nilai pesanan melebihi {maximum_idr} rupiah.", "The order is worth more than {maximum_idr} rupiah.")
    action = ("Pecah menjadi beberapa pesanan.", "Split it into several orders.")


class DayImpossible(Refused):
    """The day cannot be."""

    code = "day_impossible"
    message = ("Tanggal harus antara {first} dan {last}.", "The day must lie between {first} and {last}.")
    action = ("Perbaiki tanggalnya.", "Correct the day.")


class SharesDoNotMatch(Refused):
    """The group divides all of the order, no more and no less."""

    code = "shares_do_not_match_total"
    message = ("Bagian berjumlah {shared}, pesanan {ordered}.", "The shares sum to {shared}, the order is {ordered}.")
    action = ("Bagi tepat seluruh pesanan untuk setiap produk.", "Divide exactly all of the order, for each product.")


class ShareOfStranger(Refused):
    """Members of the group that makes the product supply it."""

    code = "share_of_stranger"
    message = ("Usaha bukan anggota aktif kelompok pembuat produk.", "The enterprise is no active member of the group that makes the product.")
    action = ("Lihat anggota kelompok itu.", "See the members of that group.")


class NotInOrder(Refused):
    """Only what was ordered is delivered."""

    code = "product_not_in_order"
    message = ("Produk tidak ada dalam pesanan ini.", "The product is not part of this order.")
    action = ("Lihat baris pesanan.", "See the lines of the order.")


class MoreThanOrdered(Refused):
    """A delivery never exceeds what is left."""

    code = "more_than_ordered"
    message = ("Sisa yang dapat diantarkan hanya {left}.", "Only {left} are left to be delivered.")
    action = ("Kurangi jumlahnya, atau buat pesanan baru.", "Lower the quantity, or place a new order.")


class NothingDelivered(Conflict):
    """An order closed short delivered something."""

    code = "nothing_delivered"
    message = ("Belum ada yang diantarkan.", "Nothing was delivered yet.")
    action = ("Batalkan pesanan.", "Cancel the order.")


class InvoiceNumberTaken(Conflict):
    """A group numbers its invoices."""

    code = "invoice_number_taken"
    message = ("Nomor faktur itu sudah dipakai kelompok ini.", "The group used that invoice number before.")
    action = ("Gunakan nomor lain.", "Use another number.")


class AmountAboveDelivered(Refused):
    """A decision may lower what is to be paid, not raise it."""

    code = "amount_above_delivered"
    message = ("Nilai yang diantarkan hanya {delivered_idr} rupiah.", "What was delivered is worth {delivered_idr} rupiah.")
    action = ("Putuskan nilai yang tidak lebih besar.", "Decide on an amount that is not larger.")


class AmountNotMatched(Refused):
    """An invoice is paid to the rupiah."""

    code = "amount_not_matched"
    message = ("Faktur berjumlah {amount_idr} rupiah.", "The invoice is {amount_idr} rupiah.")
    action = ("Catat pembayaran sebesar faktur.", "Record a payment of that amount.")
