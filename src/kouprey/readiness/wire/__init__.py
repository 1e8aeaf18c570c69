"""Outside shapes of readiness: framework files, evidence statements, papers."""
