"""Back-ends that listen."""
