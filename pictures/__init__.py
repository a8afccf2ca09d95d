"""The pictures of the README and the manual, drawn from output of programs and measurements."""
