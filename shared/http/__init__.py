"""How every service speaks HTTP: the app factory, problem documents, commands with their guarantees, pages, health."""
