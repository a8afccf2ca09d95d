"""Taking over what is there: what a stack left behind, and with consent what nobody's stack has.

`left_behind` and `existing` find it, `adoption` makes templates of imports, `takeover` puts both
together for a plan. Nothing here is executed, and no other stack is touched.
"""
