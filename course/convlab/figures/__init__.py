"""Pictures of what the layers do. The modules in here import Matplotlib; convlab itself does not."""
