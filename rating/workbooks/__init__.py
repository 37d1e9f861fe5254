"""What a cell, a row, a sheet and a file are: reading and refusing what clerks bring, writing tables."""
