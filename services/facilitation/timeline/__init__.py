"""Timeline (riwayat): what happened to an enterprise or a group, in one list, across all services of facilitation."""
