"""What falls due after a reset: reminders, and the suspension of whoever sets nothing up.

The sweep calls it. Nobody's click ends up here.
"""
