"""What people answered: evaluations, their tallies, estimates with their margins."""
