"""What every page says, as (Indonesian, English)."""

COMMON: dict[str, tuple[str, str]] = {
    "skip": ("Langsung ke isi", "Skip to the content"),
    "portal": ("Beranda", "Home"),
    "dashboard": ("Dasbor", "Dashboard"),
    "ranking": ("Peringkat", "Ranking"),
    "docs": ("Dokumentasi API", "API documentation"),
    "other_language": ("English", "Bahasa Indonesia"),
    "navigation": ("Halaman lain", "Other pages"),
    "demo": (
        "Data peragaan. Semua lembaga, usaha, kelompok dan rupiah di halaman ini sintetis, bukan catatan siapa pun.",
        "Demonstration data. All institutions, enterprises, groups and rupiah on this page are synthetic and nobody's records.",
    ),
    "licence": ("Perangkat lunak sumber terbuka, Apache-2.0.", "Open source, Apache-2.0."),
    "map_source": ("Garis pantai: Natural Earth (domain publik), bukan batas hukum.", "Coastline: Natural Earth (public domain), not a legal boundary."),
    "location": ("Kabupaten/kota", "Regency/city"),
    "province": ("Provinsi", "Province"),
    "rank": ("Peringkat", "Rank"),
    "score": ("Skor", "Score"),
    "total": ("Jumlah", "Total"),
    "sort_by": ("urutkan menurut", "sort by"),
    "scroll": ("Geser ke samping untuk melihat semua kolom.", "Scroll sideways for all columns."),
}
