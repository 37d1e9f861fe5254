"""What tests stand on: the clock, real databases, the client and parsed pages."""
