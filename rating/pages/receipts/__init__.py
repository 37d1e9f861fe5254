"""Looking up a receipt, and the receipt lists of releases."""
