"""Market linkages (kemitraan pasar): a group supplies a buyer through a channel."""
