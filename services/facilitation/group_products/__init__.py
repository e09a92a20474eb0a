"""Group products (produk kelompok): what groups offer, with capacity, certificates, and readiness for marketplaces."""
