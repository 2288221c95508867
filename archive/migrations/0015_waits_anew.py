"""Makes the triggers of `archive.waiting` anew, which then look at one photograph alone.

They are made after any migration; this one changes nothing else.
"""

from django.db import migrations


class Migration(migrations.Migration):
    """Nothing but a reason to make them."""

    dependencies = [("archive", "0014_newest_publications")]

    operations = []
