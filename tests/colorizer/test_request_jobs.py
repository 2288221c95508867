"""The command that asks for colours or tags of many photographs."""

import pytest
from django.core.management import CommandError, call_command

from colorizer.models import Job
from tests import catalogue

pytestmark = pytest.mark.django_db


def test_it_asks_for_both_of_everything(photographs, curator, capsys):
    photographs(2)
    call_command("request_jobs", "--all", "--by", curator.username)
    assert Job.objects.filter(requested_by=curator).count() == 4
    assert "Colorize: 2 new in the queue" in capsys.readouterr().out


def test_it_asks_for_one_kind_of_one_collection(photographs, capsys):
    photographs(2)
    elsewhere = catalogue.collection("GB2")
    catalogue.master(catalogue.photograph("GB2/1", elsewhere))
    call_command("request_jobs", "--kind", "tag", "--collection", "GB1")
    assert set(Job.objects.values_list("kind", "photograph__reference_code")) == {
        ("tag", "GB1/0001"),
        ("tag", "GB1/0002"),
    }


def test_it_tells_who_was_refused(photograph, capsys):
    type(photograph.collection).objects.update(do_not_tag=True)
    call_command("request_jobs", "--kind", "tag", "--all")
    assert "GB1/0001 must not be tagged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--collection", "GB9"], "No collection has the reference code 'GB9'"),
        (["--all", "--by", "nobody"], "Nobody here is called 'nobody'"),
        (["--all", "--kind", "tag", "--checkpoint", "x"], "no checkpoint called"),
    ],
)
def test_it_says_what_it_cannot_find(words, sentence, db):
    with pytest.raises(CommandError, match=sentence):
        call_command("request_jobs", *words)
