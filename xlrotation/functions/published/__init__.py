"""What market reports published: their figures, and their key sentences."""
