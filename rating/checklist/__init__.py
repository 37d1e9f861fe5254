"""What would make a round unfair, looked at before it opens."""
