"""Values and pure rules: people, cases, notices, limits, every refusal; asks the world nothing."""
