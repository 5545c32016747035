"""Rendering of licences as PDF pages: fonts, layout, security background, photo and QR."""
