"""The four stages of the process, each a service with its own database; none imports another."""
