"""Back-ends that look at pictures: how well they fit words, and each other."""
