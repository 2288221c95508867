"""The address by which the supervisor knows that the web server answers."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def healthy(request: HttpRequest) -> HttpResponse:
    """Answer without touching a database."""
    return HttpResponse("ok", content_type="text/plain")
