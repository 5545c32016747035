"""A mutation run over the modules that decide what is trusted (`make mutate`)."""
