"""On-site sheets: those that committees, communities and companies fill in, and files of them."""
