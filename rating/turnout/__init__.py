"""How many have answered, and how many answers are still needed."""
