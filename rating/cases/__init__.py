"""What follows a black listing: talks, commitments and re-inspections."""
