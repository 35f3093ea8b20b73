"""The topics under which Congress's own intake files letters: 32 of the Library of Congress, for both chambers."""

_TOPICS = """
Agriculture and Food; Animals; Armed Forces and National Security; Arts, Culture, Religion;
Civil Rights and Liberties, Minority Issues; Commerce; Congress; Crime and Law Enforcement;
Economics and Public Finance; Education; Emergency Management; Energy; Environmental Protection; Families;
Finance and Financial Sector; Foreign Trade and International Finance; Government Operations and Politics; Health;
Housing and Community Development; Immigration; International Affairs; Labor and Employment; Law; Native Americans;
Public Lands and Natural Resources; Science, Technology, Communications; Social Sciences and History; Social Welfare;
Sports and Recreation; Taxation; Transportation and Public Works; Water Resources Development
"""
TOPICS = tuple(topic.strip() for topic in _TOPICS.split(";"))
