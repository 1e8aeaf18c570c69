"""All SQL of the exchange: `intake` keeps what arrives, the others read and move it."""
