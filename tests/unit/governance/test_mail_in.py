"""Messages of strangers, read as values: tags, letters, parts, and what is hostile in them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.mail_in import MOST_PARTS, MOST_TEXT, number_in, read_mail, tag_of
from beffroi.governance.files import mail_reader
from beffroi.kernel.errors import Invalid

KEY = bytes(range(32))
NUMBERS = st.builds("{:04d}-{:04d}".format, st.integers(2000, 2999), st.integers(1, 99_999))
MIXED = b"""From: =?utf-8?q?BTA_Saint-Aubin?= <bta@gendarmerie.example>\r
To: centre+x@saint-aubin.example, "Autre" <autre@x.example>\r
Subject: =?iso-8859-1?q?R=E9ponse?= [2026-0007]\r
In-Reply-To: <01a2@saint-aubin.example>\r
References: <00@y.example> <01a2@saint-aubin.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: multipart/alternative; boundary=c\r
\r
--c\r
Content-Type: text/html; charset=utf-8\r
\r
<script>alert(1)</script><p>En marqu\xc3\xa9</p>\r
--c\r
Content-Type: text/plain; charset=utf-8\r
\r
En clair, \xc3\xa9t\xc3\xa9.\r
--c--\r
--b\r
Content-Type: text/html; name="../../page.html"\r
Content-Disposition: attachment; filename="../../page.html"\r
\r
<p>x</p>\r
--b--\r
"""


@given(NUMBERS, st.text(max_size=40), st.text(max_size=40))
def test_a_tag_is_found_wherever_it_stands_and_in_whatever_letters(number, before, after):
    tag = tag_of(number, KEY)
    assert number_in([before, f"Re: [{tag.lower()}] {after}"], KEY) == number
    assert number_in([f"centre+{tag}@saint-aubin.example"], KEY) == number


@given(NUMBERS, st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=16, max_size=16))
def test_a_guessed_tag_leads_nowhere(number, guess):
    found = number_in([f"[{number}-{guess}]"], KEY)
    assert found == (number if tag_of(number, KEY) == f"{number}-{guess}" else "")
    assert number_in([f"[{tag_of(number, KEY)}]"], bytes(32)) == ""


def test_the_tag_of_one_requisition_is_not_anothers():
    letters = tag_of("2026-0007", KEY).removeprefix("2026-0007-")
    assert number_in([f"2026-0008-{letters}"], KEY) == ""


def test_plain_words_come_before_marked_ones_and_letters_are_read():
    mail = read_mail(MIXED)
    assert mail.sender == "bta@gendarmerie.example"
    assert mail.sender_name == "BTA Saint-Aubin"
    assert mail.subject == "Réponse [2026-0007]"
    assert mail.text == "En clair, été."
    assert mail.answers == ("01a2@saint-aubin.example", "00@y.example", "01a2@saint-aubin.example")
    assert mail.recipients == ("centre+x@saint-aubin.example", "autre@x.example")
    assert [one.data for one in mail.attachments] == [b"<p>x</p>"]


def test_marked_text_is_shown_without_its_marks_and_without_what_runs():
    raw = b"Content-Type: text/html\r\n\r\n<style>p{}</style><p>Bonjour<br>vous <img src=http://x/y></p><script>go()</script>"
    assert read_mail(raw).text == "Bonjour\nvous"


def test_what_would_read_otherwise_than_it_is_written_is_taken_out():
    raw = 'Subject: a\u202egpj.exe\r\nFrom: "x\u0000y" <a@b.example>\r\n\r\nun\u202edeux\u0007'.encode()
    mail = read_mail(raw)
    assert mail.subject == "agpj.exe"
    assert mail.text == "undeux"
    assert set(mail.sender_name) <= set(string.printable)


def test_no_more_parts_and_no_more_text_than_the_bounds():
    parts = b"".join(b"--b\r\nContent-Type: application/pdf\r\n\r\n%PDF-\r\n" for _ in range(MOST_PARTS + 5))
    text = b"--b\r\nContent-Type: text/plain\r\n\r\n" + b"x" * (MOST_TEXT * 9) + b"\r\n"
    mail = read_mail(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + text + parts + b"--b--\r\n")
    assert (len(mail.attachments), mail.left_out, len(mail.text)) == (MOST_PARTS, 5, MOST_TEXT)


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused_and_never_kept_unprintable(raw):
    try:
        mail = read_mail(b"Subject: " + raw)
    except Exception:  # the reader's process ends here, and the message is kept as unreadable
        return
    assert all(letter.isprintable() or letter in " \n\t" for letter in mail.text + mail.subject + mail.sender_name)


def test_the_readers_process_gives_the_same_as_the_reader():
    assert mail_reader.read(MIXED) == read_mail(MIXED)


@pytest.mark.parametrize(
    "bomb",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3_000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 100_000,
    ],
    ids=["boundaries", "messages"],
)
def test_a_message_nested_without_end_ends_its_reader_and_nothing_else(bomb):
    with pytest.raises(Invalid) as refused:
        mail_reader.read(bomb)
    assert refused.value.code == "mail_unreadable"
