"""Who may do what to whom, now: roles, identity, suspensions, who had a hand; changes nothing."""
