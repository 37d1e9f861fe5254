"""The demonstration city: an invented town at true size, and what its people think."""
