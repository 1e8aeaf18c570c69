"""The MoU as policy: terms, labels, the one decision, countersigned versions, suspension."""
