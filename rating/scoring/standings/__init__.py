"""Who stands where, how sure that is, and the scorecard that says it."""
