"""Why a score is what it is, and what another rulebook would have made of it."""
