"""WHAT DID IT LOOK LIKE? A metric around the moment it went wrong, as a picture for people."""
