"""The RentSafeTO example: what reads its files and takes them through the whole way."""
