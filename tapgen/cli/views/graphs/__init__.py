"""The layer graph as text, Mermaid, Graphviz and SVG."""
