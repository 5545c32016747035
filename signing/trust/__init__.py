"""Trust of a validator: anchors, trust lists, and the kit that readers import."""
