"""Pictures of strangers, decoded in confined processes."""
