"""Pictures of what the layers do. Matplotlib is imported when one is drawn, and not before."""
