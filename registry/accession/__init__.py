"""Packages for an electronic archive, and licences taken over from such packages or from paper."""
