"""Pages of local accounts and of the emergency credential: plain HTML, scripts only for passkeys."""
