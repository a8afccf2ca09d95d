"""A conversation with the deployed system: `verify` judges answers, `parity --live` compares them.

The platform declares it once, exchange by exchange; nothing here knows its subject.
"""
