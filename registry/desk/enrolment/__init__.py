"""Enrolment of officers' keys and requests for seals, as the desk keeps them."""
