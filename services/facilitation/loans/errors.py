"""What stands in the way of a disbursement, a repayment or another notice of the lender."""

from shared.errors import Conflict, Refused


class DisbursementAboveGranted(Refused):
    """The parts together are at most what was granted."""

    code = "disbursement_above_granted"
    message = ("Pencairan melebihi sisa yang belum cair ({limit_idr} rupiah).", "The disbursement exceeds what is left to pay out ({limit_idr} rupiah).")
    action = ("Cairkan paling banyak {limit_idr} rupiah.", "Disburse at most {limit_idr} rupiah.")


class TransactionDateImpossible(Refused):
    """It happened after what it follows, and not in the future."""

    code = "transaction_date_impossible"
    message = ("Tanggal transaksi tidak mungkin.", "The date of the transaction is impossible.")
    action = ("Isi tanggal antara {earliest} dan {latest}.", "Give a date between {earliest} and {latest}.")


class LenderTransactionTaken(Conflict):
    """A lender's transaction reference names one transaction."""

    code = "lender_transaction_taken"
    message = ("Nomor transaksi penyalur ini sudah dibukukan.", "The lender's transaction reference was recorded before.")
    action = ("Periksa nomor transaksi; yang sudah dibukukan tidak perlu dikirim lagi.", "Check the reference; what is recorded need not be sent again.")


class RepaymentAboveOutstanding(Refused):
    """Nobody pays back more than is left."""

    code = "repayment_above_outstanding"
    message = ("Pembayaran melebihi sisa kewajiban ({limit_idr} rupiah).", "The repayment exceeds what is left ({limit_idr} rupiah).")
    action = ("Bukukan paling banyak {limit_idr} rupiah, dan kembalikan kelebihannya.", "Record at most {limit_idr} rupiah and return the rest.")


class PrincipalAbovePayment(Refused):
    """The principal is a part of the payment."""

    code = "principal_above_payment"
    message = ("Bagian pokok melebihi jumlah pembayaran.", "The part that is principal exceeds the payment.")
    action = ("Isi bagian pokok paling banyak sebesar pembayaran.", "State a part of the payment, or leave it out.")


class NotInArrears(Refused):
    """Only what is overdue is overdue."""

    code = "not_in_arrears"
    message = ("Tidak ada angsuran yang menunggak.", "No instalment is overdue.")
    action = ("Tunggu sampai tanggal jatuh tempo lewat.", "Wait until a due date has passed.")


class ArrearsLeft(Refused):
    """Arrears are cured when they are paid."""

    code = "arrears_left"
    message = ("Masih ada angsuran yang menunggak.", "Instalments are still overdue.")
    action = ("Bayar seluruh tunggakan terlebih dahulu.", "Pay everything overdue first.")


class OutstandingLeft(Refused):
    """A loan is settled when nothing is left."""

    code = "outstanding_left"
    message = ("Sisa pokok masih {outstanding_idr} rupiah.", "{outstanding_idr} rupiah of the principal are left.")
    action = ("Bukukan pelunasannya terlebih dahulu.", "Record its repayment first.")
