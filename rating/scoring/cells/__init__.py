"""What may leave the house: small estates folded into groups, counts rounded or left out."""
