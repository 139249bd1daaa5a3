"""WHAT WAS SAID? The prompts and turns of one thread, as the model saw them."""
