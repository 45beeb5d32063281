"""What falls due after a reset: reminders, and the suspension of who sets nothing up."""
