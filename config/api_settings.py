"""Settings of the programming interface: Django REST framework and its schema."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "60/min",
        "user": "1200/min",
        "uploads": "120/min",
        "sign_in": "10/min",
    },
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["archive.api.parsers.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "archive.api.paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "archive.api.problems.answer",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Autochrome",
    "DESCRIPTION": (
        "An archive manager for historical photographs. Whatever a machine made says "
        "so, with the model that made it and what a person decided about it."
    ),
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "archive.api.schema.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        name: f"{module}.vocabularies.{name}"
        for module, names in {
            "archive": (
                *("AccessionState", "EventOutcome", "EventType", "ItemOutcome"),
                *("BatchAction", "BatchKind", "BatchOutcome", "BatchState"),
                *("Grade", "Level", "Purpose", "ReviewState", "Rights", "Side"),
            ),
            "colorizer": ("JobState", "Kind"),
        }.items()
        for name in names
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "list",
        "filter": True,
    },
}
