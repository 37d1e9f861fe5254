"""The event log: who did what, when and why."""
