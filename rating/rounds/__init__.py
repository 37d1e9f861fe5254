"""A round's life, its frozen roster, household codes, posters and letters."""
