"""Taking over existing resources: those that a stack left behind and, with consent, any others.

`left_behind` and `existing` find them, `adoption` creates templates of imports, `takeover` combines
both for a plan. Nothing is executed here, and no other stack is changed.
"""
