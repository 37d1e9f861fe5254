"""The forms in every direction, participation, receipts and turnout."""
