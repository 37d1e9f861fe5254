"""Records of companies with their evidence: additions, deductions, vetoes, overdue commitments."""
