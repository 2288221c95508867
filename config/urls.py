"""Every address of the application."""

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import include, path

from config.health import healthy

urlpatterns = [
    path("", include("archive.urls")),
    path("", include("colorizer.urls")),
    path("healthy/", healthy, name="healthy"),
    path(
        "accounts/login/",
        accounts.LoginView.as_view(template_name="accounts/login.html"),
        name="login",
    ),
    path("accounts/logout/", accounts.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/", include("config.api_urls")),
]
