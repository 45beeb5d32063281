"""What the console does: people, enrolment, suspensions, imports, resets of last resort.

Every act is on the operator's word, recorded with who that was, and told to the owners.
"""
