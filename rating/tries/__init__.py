"""Failed tries of codes, receipts and passwords: who may try how often, and where it is counted."""
