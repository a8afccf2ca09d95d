"""What MiniStack's services do otherwise than AWS's, one module for each kind of thing.

Like the folder above, it may use MiniStack's private names, and holds nothing else.
"""
