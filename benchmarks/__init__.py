"""How fast the residents' form is, beside others; `make bench` runs it and writes docs/performance.md."""
