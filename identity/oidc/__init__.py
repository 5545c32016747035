"""Client of OpenID Connect providers: sign-in, tokens, sign-out."""
