"""All cryptography: keys, notes, trees, sealed boxes, signed requests; nobody else imports a crypto library."""
