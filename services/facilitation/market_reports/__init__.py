"""Market reports (laporan pasar): what groups supplied, themselves or through a hub."""
