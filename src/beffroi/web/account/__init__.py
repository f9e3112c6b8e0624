"""Sign-in, sign-out, one's own profile, sessions and language: for everyone."""
