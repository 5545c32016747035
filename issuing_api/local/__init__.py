"""Pages of local accounts and of the emergency credential: plain HTML, a script for passkeys."""
