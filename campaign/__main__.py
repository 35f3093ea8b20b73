"""`python -m campaign` is `campaign`."""

from campaign.cli.app import main

main()
