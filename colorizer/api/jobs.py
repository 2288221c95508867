"""Jobs: asking models for colours and tags, and following what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from archive.api.fields import LARGEST_KEY, Document, KeyField, person
from archive.api.filtering import Filter, Ordering
from archive.api.paging import LARGEST_BATCH
from archive.api.problems import TooLarge
from archive.api.views import CatalogueViewSet
from archive.errors import NotInThisState
from archive.models import Collection, Photograph
from archive.querysets import PhotographQuerySet
from colorizer import jobs, progress
from colorizer.models import Job
from colorizer.vocabularies import JobState, Kind

MOST_PHOTOGRAPHS = 10_000
REQUEST = "archive.request_machine_vision"


class JobSerializer(serializers.ModelSerializer[Any]):
    """One request to one model for one photograph, and how it went."""

    requested_by = person("requested_by")
    model = serializers.CharField(source="checkpoint")
    model_sha256 = serializers.CharField(source="checkpoint_sha256")
    seconds = serializers.FloatField(allow_null=True)
    result = serializers.SerializerMethodField()

    class Meta:
        """All but the traceback."""

        model = Job
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "photograph",
            "master",
            "model",
            "model_sha256",
            "forced",
            "state",
            "progress",
            "attempts",
            "max_attempts",
            "cancel_requested",
            "reason_code",
            "reason",
            "requested_by",
            "requested_at",
            "started_at",
            "finished_at",
            "seconds",
            "derivative",
            "result",
        )
        read_only_fields: tuple[str, ...] = fields

    @extend_schema_field({"type": "string", "format": "uuid", "nullable": True})
    def get_result(self, job: Job) -> str | None:
        """Return the key of the machine draft, once there is one."""
        return str(job.result_id) if job.state == JobState.SUCCEEDED else None


class JobDetailSerializer(JobSerializer):
    """A job with its parameters and, for administrators, the traceback of a fault."""

    parameters = Document()
    traceback = serializers.SerializerMethodField()

    class Meta(JobSerializer.Meta):
        """All of it."""

        fields: tuple[str, ...] = (
            *JobSerializer.Meta.fields,
            "parameters",
            "traceback",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_traceback(self, job: Job) -> str:
        """Return the traceback to those who look after the program."""
        request = self.context["request"]
        return job.traceback if request.user.has_perm("colorizer.change_job") else ""


class JobRequestSerializer(serializers.Serializer[Any]):
    """What to ask a model for: of named photographs, or of a whole collection."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    photographs = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY),
        required=False,
        min_length=1,
        max_length=MOST_PHOTOGRAPHS,
    )
    collection = KeyField(
        queryset=Collection.objects.all(),
        required=False,
        help_text="All photographs in it and below it.",
    )
    model = serializers.CharField(
        required=False, max_length=100, help_text="The usual ones by default."
    )
    force = serializers.BooleanField(
        default=False, help_text="Do it again where it was done before."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for photographs or a collection, not both.

        Raises:
            ValidationError: it is not said which photographs.
        """
        if ("photographs" in attrs) == ("collection" in attrs):
            raise serializers.ValidationError(
                {"photographs": "Name either photographs or a collection."}
            )
        return attrs

    def chosen(self) -> PhotographQuerySet:
        """Return the photographs that were named.

        Raises:
            TooLarge: there are more of them than one request may be for.
        """
        values = self.validated_data
        chosen: PhotographQuerySet = Photograph.objects.all()
        if "photographs" in values:
            return chosen.filter(pk__in=values["photographs"])
        within = chosen.within(values["collection"])
        if within.count() > MOST_PHOTOGRAPHS:
            raise TooLarge
        return within


class RefusedSerializer(serializers.Serializer[Any]):
    """A photograph that was left out, and why."""

    photograph = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence")


class RequestedSerializer(serializers.Serializer[Any]):
    """What became of a request, photograph by photograph."""

    requested = serializers.IntegerField(help_text="How many are new in the queue.")
    already = serializers.IntegerField(help_text="How many were in the queue.")
    answered = serializers.IntegerField(help_text="How many were done before.")
    refused = serializers.IntegerField(help_text="How many were left out.")
    not_found = serializers.ListField(child=serializers.IntegerField())
    jobs = serializers.ListField(
        child=serializers.UUIDField(), help_text="New, then waiting, then done before."
    )
    refusals = RefusedSerializer(many=True)


class JobChoiceSerializer(serializers.Serializer[Any]):
    """Which jobs."""

    jobs = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=LARGEST_BATCH
    )


class ChangedSerializer(serializers.Serializer[Any]):
    """What a verb for many jobs did."""

    done = serializers.ListField(child=serializers.UUIDField())
    refusals = serializers.ListField(child=serializers.CharField())


class ProgressSerializer(serializers.Serializer[Any]):
    """How machine vision gets on; no rate is said before enough was measured."""

    counts = serializers.DictField(child=serializers.IntegerField())
    live = serializers.IntegerField()
    jobs_per_minute = serializers.FloatField(source="rate", allow_null=True)
    seconds_left = serializers.SerializerMethodField()
    look_again_in_seconds = serializers.IntegerField(source="pace")

    def get_seconds_left(self, now: progress.Progress) -> float | None:
        """Return the estimate for what waits and runs."""
        return now.left.total_seconds() if now.left else None


class JobFilter(Filter):
    """Jobs by state, kind and photograph."""

    state = django_filters.ChoiceFilter(choices=JobState.choices)
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    model = django_filters.CharFilter(field_name="checkpoint", max_length=100)
    ordering = Ordering(fields=["requested_at"])

    class Meta:
        """Exact matches."""

        model = Job
        fields = ("photograph", "reason_code")


class JobViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, CatalogueViewSet):
    """Work that models were asked to do."""

    queryset = Job.objects.select_related("requested_by").order_by(
        "-requested_at", "-id"
    )
    serializer_class = JobDetailSerializer
    filterset_class = JobFilter
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    reading = "colorizer.view_job"
    needs: ClassVar = dict.fromkeys(
        ("create", "cancel", "retry", "cancel_many", "retry_many"), REQUEST
    )

    def get_serializer_class(self) -> type[JobSerializer]:
        """Return the short representation for lists."""
        return JobSerializer if self.action == "list" else JobDetailSerializer

    def get_queryset(self) -> Any:
        """Leave what is long out of lists."""
        listed = super().get_queryset()
        if self.action == "list":
            return listed.defer("traceback", "parameters")
        return listed.select_related("photograph")

    @extend_schema(request=JobRequestSerializer, responses={202: RequestedSerializer})
    def create(self, request: Request) -> Response:
        """Ask a model for the colours or the tags of one photograph, or of thousands.

        For each photograph and model there is one new job, or the live one that does
        the same, or the finished one that did (unless forced); or the photograph is
        refused. Tags are asked of every usual tagger where no model is named.
        """
        wanted = JobRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        chosen = wanted.chosen()
        named = wanted.validated_data.get("photographs", [])
        found = set(chosen.values_list("pk", flat=True)) if named else set()
        made = jobs.request(
            chosen,
            wanted.validated_data["kind"],
            by=self.person,
            checkpoint=wanted.validated_data.get("model"),
            force=wanted.validated_data["force"],
        )
        answer = RequestedSerializer(
            {
                "requested": len(made.jobs),
                "already": len(made.already),
                "answered": len(made.answered),
                "refused": len(made.refusals),
                "not_found": [key for key in dict.fromkeys(named) if key not in found],
                "jobs": [job.pk for job in (*made.jobs, *made.already, *made.answered)],
                "refusals": made.refusals,
            }
        )
        return Response(answer.data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=ProgressSerializer, filters=False)
    @action(detail=False, pagination_class=None)
    def progress(self, request: Request) -> Response:
        """Tell how many jobs there are in each state, how fast and how long."""
        return Response(ProgressSerializer(progress.now()).data)

    @extend_schema(request=None, responses=JobDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **_kwargs: Any) -> Response:
        """Cancel a job: one that waits at once, one that runs at its next step."""
        return self._one(jobs.cancel)

    @extend_schema(request=None, responses=JobDetailSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, **_kwargs: Any) -> Response:
        """Put a job that failed, errored or was cancelled in the queue again."""
        return self._one(jobs.retry)

    @extend_schema(
        operation_id="jobs_cancel_many",
        request=JobChoiceSerializer,
        responses=ChangedSerializer,
    )
    @action(detail=False, methods=["post"], url_path="cancel")
    def cancel_many(self, request: Request) -> Response:
        """Cancel many jobs; those that have ended are refused, each with a sentence."""
        return self._many(jobs.cancel)

    @extend_schema(
        operation_id="jobs_retry_many",
        request=JobChoiceSerializer,
        responses=ChangedSerializer,
    )
    @action(detail=False, methods=["post"], url_path="retry")
    def retry_many(self, request: Request) -> Response:
        """Put many jobs in the queue again."""
        return self._many(jobs.retry)

    def _one(self, verb: Callable[..., jobs.Changed]) -> Response:
        job = self.get_object()
        changed = verb([job], by=self.person)
        if changed.refusals:
            raise NotInThisState(changed.refusals[0])
        fresh = self.get_queryset().get(pk=job.pk)
        return Response(self.get_serializer(fresh).data)

    def _many(self, verb: Callable[..., jobs.Changed]) -> Response:
        wanted = JobChoiceSerializer(data=self.request.data)
        wanted.is_valid(raise_exception=True)
        chosen = self.get_queryset().filter(pk__in=wanted.validated_data["jobs"])
        changed = verb(chosen, by=self.person)
        answer = ChangedSerializer(
            {"done": [job.pk for job in changed.done], "refusals": changed.refusals}
        )
        return Response(answer.data)
