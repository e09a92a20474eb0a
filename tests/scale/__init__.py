"""The story of facilitation at scale, on the real system: PostgreSQL, Kafka and four service processes."""
