"""Every address of the programming interface."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from archive.api.routes import ROUTES as CATALOGUE
from archive.api.tokens import TokenView
from archive.api.views import NothingHere
from colorizer.api.routes import ROUTES as MACHINE_VISION

app_name = "api"

router = DefaultRouter()
router.include_format_suffixes = False
for prefix, view_set, name in CATALOGUE + MACHINE_VISION:
    router.register(prefix, view_set, name)

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api:schema", template_name="api/docs.html"
        ),
        name="docs",
    ),
    path("token/", TokenView.as_view(), name="token"),
    path("", include(router.urls)),
    re_path(r"^.+$", NothingHere.as_view()),
]
