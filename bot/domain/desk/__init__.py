"""What administrators see, and what they do about cases by hand; the outbox reads messages here."""
