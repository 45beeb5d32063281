"""What every act leaves behind: audit records, notices, alerts, and who hears of them.

It decides nothing about anybody.
"""
