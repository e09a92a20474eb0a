"""KBLI 2020 (Klasifikasi Baku Lapangan Usaha Indonesia, Peraturan BPS 2/2020): which divisions make which section.

Sections and divisions are those of ISIC Rev. 4; the five digits of a KBLI code begin with the division.
"""

SECTIONS = {
    "A": (1, 3), "B": (5, 9), "C": (10, 33), "D": (35, 35), "E": (36, 39), "F": (41, 43), "G": (45, 47), "H": (49, 53), "I": (55, 56),
    "J": (58, 63), "K": (64, 66), "L": (68, 68), "M": (69, 75), "N": (77, 82), "O": (84, 84), "P": (85, 85), "Q": (86, 88), "R": (90, 93),
    "S": (94, 96), "T": (97, 98), "U": (99, 99),
}  # fmt: skip


def section_of(kbli_code: str) -> str | None:
    """The section of a five-digit code; None when there is no such division."""
    division = int(kbli_code[:2])
    return next((section for section, (first, last) in SECTIONS.items() if first <= division <= last), None)
