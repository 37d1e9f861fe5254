"""Long work: asked for in a request, done by `rating work` in a process with limits, its result to download."""
