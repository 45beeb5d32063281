"""What the console does: people, enrolment, suspensions, resets of last resort, imports."""
