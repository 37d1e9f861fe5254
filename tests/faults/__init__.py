"""What must hold when many come at once, when processes are killed and when answers get lost; see tests/proofs too."""
