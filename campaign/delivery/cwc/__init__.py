"""Congress's own intake (CWC): the House's and the Senate's gateways for approved operators.

Every rule here is from the project's notes on the channels to Congress, section 1: third parties' accounts of what
both chambers give out after approval. Only this package imports lxml, and only when something is made or checked.
"""
