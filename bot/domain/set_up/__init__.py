"""From a sign-in to an enrolment: passwords, sessions, set-up codes, handing one over.

A secret or a code is shown once, to one person, and stored hashed or encrypted.
"""
