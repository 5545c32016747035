"""Checks of `xinyin doctor`, one a function, and gauges."""
