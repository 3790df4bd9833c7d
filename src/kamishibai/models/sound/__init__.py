"""Back-ends that make sound effects."""
