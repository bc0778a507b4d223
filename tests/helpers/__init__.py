"""What several test files build: inputs of single units, liquors, weights done by hand."""
