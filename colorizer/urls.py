"""Addresses of machine vision's pages: noun, identity, verb."""

from django.urls import path

from colorizer import (
    alike_views,
    region_views,
    steering_views,
    tagger_views,
    tile_views,
    views,
)

app_name = "colorizer"

urlpatterns = [
    path("jobs/", views.job_list, name="jobs"),
    path("jobs/desk/", views.desk_panel, name="desk_panel"),
    path("jobs/queued/cancel/", views.jobs_cancel_queued, name="jobs_cancel_queued"),
    path("jobs/failed/retry/", views.jobs_retry_failed, name="jobs_retry_failed"),
    path("jobs/<uuid:pk>/", views.job, name="job"),
    path("jobs/<uuid:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<uuid:pk>/retry/", views.job_retry, name="job_retry"),
    path("jobs/taggers/", tagger_views.taggers, name="taggers"),
    path("jobs/taggers/trial/", tagger_views.tagger_trial, name="tagger_trial"),
    path(
        "photographs/<int:pk>/vision/",
        views.photograph_jobs,
        name="photograph_jobs",
    ),
    path(
        "photographs/<int:pk>/vision/request/",
        views.photograph_request,
        name="photograph_request",
    ),
    path("photographs/<int:pk>/alike/", alike_views.alike, name="alike"),
    path(
        "photographs/<int:pk>/alike/panel/",
        alike_views.alike_panel,
        name="alike_panel",
    ),
    path("photographs/<int:pk>/steer/", steering_views.steer, name="steer"),
    *[
        path(
            f"photographs/<int:pk>/steer/{verb.__name__}/",
            verb,
            name=f"steer_{verb.__name__}",
        )
        for verb in (
            steering_views.picture,
            steering_views.ready,
            steering_views.look,
            steering_views.place,
            steering_views.remove,
            steering_views.clear,
            steering_views.undo,
            steering_views.restore,
            steering_views.strength,
            steering_views.propose,
        )
    ],
    path(
        "suggestions/<int:pk>/region/",
        region_views.suggestion_region,
        name="suggestion_region",
    ),
    path("colorizations/<int:pk>/full/", views.colour_download, name="colour_download"),
    path(
        "colorizations/<int:pk>/iiif/info.json",
        tile_views.information,
        name="colour_iiif",
    ),
    path(
        "colorizations/<int:pk>/iiif/<str:region>/<str:size>/0/default.jpg",
        tile_views.tile,
        name="colour_tile",
    ),
]
