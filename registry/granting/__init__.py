"""From a request to a registered document."""
