"""What `xinyin doctor` looks at, one check a function, and gauges."""
