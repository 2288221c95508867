"""Put what waits already into the order of the review queue, and list its words."""

from django.db import migrations
from django.db.models import Case, F, Min, OuterRef, Subquery, When
from django.db.models.functions import Abs, Coalesce


def settle(apps, schema_editor):
    """Take 0.5 for every threshold: what a model's was is not in the catalogue."""
    suggestion = apps.get_model("archive", "Suggestion")
    photograph = apps.get_model("archive", "Photograph")
    word = apps.get_model("archive", "MachineWord")
    least = (
        suggestion.objects.filter(photograph=OuterRef("pk"))
        .exclude(state="superseded")
        .order_by()
        .values("photograph")
        .annotate(least=Min(Abs(F("score") - F("threshold"))))
        .values("least")
    )
    suggested = suggestion.objects.order_by().values("photograph")
    photograph.objects.filter(pk__in=suggested).update(
        tags_doubt=Coalesce(Subquery(least), 1.0)
    )
    photograph.objects.filter(tags_doubt__lt=1).update(
        doubt=Case(
            When(tags_doubt__lt=F("colour_doubt"), then=F("tags_doubt")),
            default=F("colour_doubt"),
        )
    )
    terms = suggestion.objects.order_by().values_list("term_id", flat=True).distinct()
    word.objects.bulk_create(word(term_id=term) for term in terms)


class Migration(migrations.Migration):
    dependencies = [("archive", "0009_review_order")]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop)]
