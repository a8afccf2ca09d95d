"""A conversation with what is deployed: `verify` judges what is heard, `parity --live` compares it.

The platform declares it once, exchange by exchange; nothing here knows what is talked about.
"""
