"""Certificate profiles: the limits of each kind, and its checks."""
