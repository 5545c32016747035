"""Commands against a server: sign-in, and the desk over HTTP."""
