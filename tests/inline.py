"""Light work done at once, where the application would put it in a queue."""

from django.utils.module_loading import import_string


def run(dotted_function: str, *args: str | int) -> None:
    """Call the function that the dotted path names."""
    import_string(dotted_function)(*args)
