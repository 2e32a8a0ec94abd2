"""Formula texts: their marks, their trees, the references and calls in them."""
