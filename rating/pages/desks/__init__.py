"""Where people who have signed in begin: what waits for them, and what they may do."""
