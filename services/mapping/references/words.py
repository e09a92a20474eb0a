"""What the page of the backtest says, as (Indonesian, English)."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Uji balik: 35 kabupaten tahun 2021", "Backtest: the 35 regencies of 2021"),
    "lead": (
        "Berapa dari 35 kabupaten prioritas tahun 2021 yang juga akan dipilih oleh satu kriteria saja, dan oleh keduanya.",
        "How many of the 35 priority regencies of 2021 a single criterion would have chosen too, and both together.",
    ),
    "footer": (
        "Angka: BPS dan Kemendagri sebagaimana dicantumkan di bawah.",
        "Figures: BPS and Kemendagri, as named below.",
    ),
    "results": ("Hasil", "Results"),
    "rule": ("Aturan", "Rule"),
    "free": ("Bebas memilih tujuh provinsi", "Free to choose any seven provinces"),
    "confined": ("Di tujuh provinsi daftar resmi", "Within the seven provinces of the official list"),
    "agree": ("sama", "in common"),
    "of": ("dari", "of"),
    "inclusion_error": ("terpilih tetapi tidak di daftar", "chosen but not listed"),
    "exclusion_error": ("di daftar tetapi tidak terpilih", "listed but not chosen"),
    "one_error": (
        "Setiap aturan memilih sebanyak daftar resmi, maka kedua kesalahan sama besar.",
        "Each rule chooses as many as are listed, so both errors are equal.",
    ),
    "error": ("Kesalahan", "Error"),
    "reading": ("Cara membaca", "How to read this"),
    "reading_text": (
        "Bila bebas memilih provinsi, tingkat kemiskinan saja condong ke timur dan jumlah penduduk miskin saja condong ke Jawa; masing-masing "
        "melewatkan separuh gambarannya. Karena itu keduanya dipakai bersama.",
        "Free to choose provinces, the poverty rate alone leans to the east and the number of poor alone to Java; each misses half of the picture. "
        "That is why both are used together.",
    ),
    "regencies": ("Kabupaten", "Regencies"),
    "regencies_note": (
        "Kolom aturan: pilihan di dalam tujuh provinsi daftar resmi.",
        "Columns of the rules: their choice within the seven provinces of the official list.",
    ),
    "regency": ("Kabupaten", "Regency"),
    "official": ("Daftar resmi 2021", "Official list of 2021"),
    "yes": ("ya", "yes"),
    "no": ("–", "–"),
    "method": ("Metode dan sumber", "Method and sources"),
    "official_source": ("Daftar resmi", "Official list"),
    "figures": ("Angka", "Figures"),
    "population": ("penduduk", "population"),
    "left_out": ("kabupaten/kota tanpa angka lengkap tidak ikut dihitung", "regencies and cities without all figures are left out"),
    "as_data": ("Sebagai data (JSON)", "As data (JSON)"),
}
