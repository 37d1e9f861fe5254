"""What reads across rooms: the public site and each role's first screen."""
