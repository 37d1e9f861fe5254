"""What readers ask next: why, what if, how many more, beside whom, and did the talk help."""
