"""How fast the asks go out, beside a naive sender: `make bench`. What was measured is in docs/benchmarks.md."""
