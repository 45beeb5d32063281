"""From a sign-in to an enrolment: passwords, sessions, set-up codes, hand-over."""
