"""The page that people decide on, served to this machine alone unless a password is given."""
