"""Studies: questions asked of a scenario by running it, once or many times."""
