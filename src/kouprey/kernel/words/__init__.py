"""The glossary in code: pure values without input or output."""
