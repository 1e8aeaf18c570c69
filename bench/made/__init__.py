"""What benchmarks make themselves, so that they measure the same on every machine."""
