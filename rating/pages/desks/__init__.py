"""Where people who have signed in begin: what is waiting for them, and what they may do."""
