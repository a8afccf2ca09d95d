"""What MiniStack's services let pass and AWS refuses, one module for each kind.

Like the folder above, it may use MiniStack's private names, and holds nothing else.
"""
