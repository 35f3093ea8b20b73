"""The kill harness: real worker processes die at random moments, and the sandbox's ledger is the judge.

`python -m tests.kill --kills 200 --seed 1 --database sqlite`
"""
