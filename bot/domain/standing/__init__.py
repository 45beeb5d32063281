"""Who may do what to whom, now: roles, Slack identities, suspensions, who had a hand in a case.

It answers and refuses, and changes nothing. A rule about people stands in `policy`, once.
"""
