"""All cryptography: keys, signed notes, Merkle trees, sealed boxes, signed requests. Nobody else imports a crypto library."""
