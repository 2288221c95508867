"""The verbs offered wherever photographs are selected."""

import pytest

from archive.extensions import bulk_actions
from archive.models import Photograph
from colorizer.models import Job

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["colorize", "tag"])
def test_it_tells_how_many_and_who_not(name, photographs, curator):
    taken = photographs(3)
    Photograph.objects.filter(pk=taken[0].pk).update(
        do_not_colorize=True, do_not_tag=True
    )
    action = bulk_actions[name]
    outcome = action.run(Photograph.objects.all(), curator)
    assert outcome.done == 2
    assert [refusal.photograph for refusal in outcome.refusals] == [taken[0].pk]
    assert set(Job.objects.values_list("kind", flat=True)) == {name}
    assert curator.has_perm(action.permission)
    assert action.run(Photograph.objects.all(), curator).done == 2
    assert Job.objects.count() == 2
