import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicshell import values
from epicshell.errors import Invalid
from epicshell.text import display

CENTS = st.integers(0, values.MOST_CENTS)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("0", 0),
        ("12000", 1_200_000),
        ("12000.5", 1_200_050),
        ("12000.50", 1_200_050),
        ("12 000,50", 1_200_050),
        ("12\u202f000\u00a0€", 1_200_000),
        ("12'000.50", 1_200_050),
        ("12’000", 1_200_000),
        ("12_000", 1_200_000),
        ("12,000.50", 1_200_050),
        ("12.000,50", 1_200_050),
        ("1,000,000", 100_000_000),
        ("1.000.000,5", 100_000_050),
        ("5k", 500_000),
        ("2.5k", 250_000),
        ("2,5 K", 250_000),
        ("2.5555k", 255_550),
        ("1M", 100_000_000),
        ("1.234567M", 123_456_700),
        ("€12", 1_200),
        ("12 eur", 1_200),
        ("EUR 5k", 500_000),
        ("9 999 999 999 999.99", values.MOST_CENTS),
    ],
)
def test_amounts_are_read_in_every_common_notation(text, cents):
    assert values.amount(text) == cents


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-5", "is negative"),
        ("€ -5", "is negative"),
        ("\u22125", "is negative"),
        ("1.234", "is ambiguous"),
        ("12,000", r"is ambiguous: thousands or decimals\? Write 12000 or 12.00\."),
        ("12.500k", r"is ambiguous: thousands or decimals\? Write 12500k or 12.50k\."),
        ("0,500", "has fractions of a cent"),
        ("1234.567", "has fractions of a cent"),
        ("12 000,000", "has fractions of a cent"),
        ("1.2345678901k", "has fractions of a cent"),
        ("10 000 000 000 000", "is too much"),
        ("9999999999M", "is too much"),
    ]
    + [
        (text, "is not an amount")
        for text in [
            "",
            "€",
            "nan",
            "inf",
            "1e5",
            "12 00",
            "1 000'000",
            "1,000,00",
            "1 2345",
            "5.",
            ".5",
            "٣",
            "１２",
            "12 CHF",
            "0x1F",
            "1k5",
            "5kk",
            "9" * 5000,
            "€5€",
        ]
    ],
)
def test_other_amounts_are_refused(text, why):
    with pytest.raises(Invalid, match=why):
        values.amount(text)


def test_amounts_take_the_company_currency():
    assert values.amount("CHF 12", currency="CHF") == values.amount("£12", currency="GBP") == 1_200


@given(CENTS, st.sampled_from([" ", "\u00a0", "\u202f", "'", "’", "_", "", ",", "."]), st.sampled_from(".,"))
def test_every_amount_reads_back_from_every_grouping(cents, group, point):
    if group == point:
        return
    units, rest = divmod(cents, 100)
    shown = f"{units:,}".replace(",", group) + f"{point}{rest:02}"
    assert values.amount(shown) == values.amount(f"{shown} €") == cents


@given(st.integers(0, values.MOST_CENTS // 100_000))
def test_thousands_and_millions_scale_exactly(number):
    assert values.amount(f"{number}k") == number * 100_000
    assert values.amount(f"{number // 1000}.{number % 1000:03}0M") == number * 100_000


def test_integers_have_bounds():
    assert values.integer(" 75 ", 1, 100) == 75
    assert values.integer("-3", -5, 5) == -3
    for text in ["0", "101"]:
        with pytest.raises(Invalid, match=r"is out of range\. Accepted: 1 to 100\."):
            values.integer(text, 1, 100)
    for text in ["", "x", "1.0", "1e2", "٣", "²", "1_0", "9" * 5000]:
        with pytest.raises(Invalid, match=r"is not a whole number\. Accepted: 1 to 100\."):
            values.integer(text, 1, 100)


def test_yes_and_no_have_synonyms():
    assert all(values.yes_no(text) for text in ["yes", "Y", "true", "1", "on", "oui", "VRAI"])
    assert not any(values.yes_no(text) for text in ["no", "N", "False", "0", "off", "non"])
    with pytest.raises(Invalid, match="neither yes nor no"):
        values.yes_no("maybe")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("jacky@loubouzin.grd", "jacky@loubouzin.grd"),
        (" John.Ouick@GMAIL.com ", "John.Ouick@gmail.com"),
        ("kevin@startup.example", "kevin@startup.example"),
        ("ali\u0065\u0301nor@MÜNCHEN.de", "aliénor@münchen.de"),
        ("o'neil+crm@a-b.co.uk", "o'neil+crm@a-b.co.uk"),
    ],
)
def test_addresses_are_normalised(text, address):
    assert values.email(text) == address


@pytest.mark.parametrize(
    "text", ["", "nope", "a@", "@b.fr", "a@b", "a b@c.fr", "a@b..fr", "a@b.fr, c@d.fr", "A <a@b.fr>"]
)
def test_other_addresses_are_refused(text):
    with pytest.raises(Invalid, match="is not an e-mail address"):
        values.email(text)


@pytest.mark.parametrize(
    "text",
    ["+1 234 567 8901", "01 23 45 67 89", "+33 (0)1.23.45.67.89", "06-12-34-56-78 x3", "0123456789 poste 12"],
)
def test_numbers_that_can_be_dialled_have_no_warning(text):
    assert values.phone(text) == (text, "")


def test_numbers_that_can_not_be_dialled_are_kept_with_a_warning():
    assert values.phone(" +  666 12345") == ("+ 666 12345", '"+ 666 12345" can\'t be dialled as it is.')


def test_national_numbers_belong_to_a_region():
    assert values.phone("020 7946 0018", region="GB")[1] == ""
    assert values.phone("020 7946 0018", region="FR")[1] != ""


@pytest.mark.parametrize("text", ["", "12", "()-", "call me", "01 23 45 67 89 Bob", "+33\u202e123", "٠١٢٣٤", "0" * 41])
def test_other_numbers_are_refused(text):
    with pytest.raises(Invalid):
        values.phone(text)


def test_usernames_are_lower_case():
    assert values.username(" Bill.Boquet ") == "bill.boquet"
    assert values.username("jean-luc.d2") == "jean-luc.d2"


@pytest.mark.parametrize("text", ["", "ab", "a" * 33, "1abc", "a..b", ".abc", "abc-", "a b", "a_b", "bıll", "é"])
def test_other_usernames_are_refused(text):
    with pytest.raises(Invalid, match="is not a username"):
        values.username(text)


def test_a_username_is_suggested_where_one_is_near():
    with pytest.raises(Invalid, match=r"such as alienor\.vichum\."):
        values.username("Aliénor Vichum")


@given(
    st.sampled_from([values.amount, values.yes_no, values.username, values.phone, values.email]),
    st.one_of(st.text(), st.text("0123456789.,' kM€-+()x@a"), st.from_regex(r"[\w.]+@[\w.-]+", fullmatch=True)),
)
@settings(deadline=None, max_examples=400)
def test_no_text_raises_anything_but_invalid(parse, text):
    sentence = refusal(parse, text)
    assert display(sentence) == sentence


def refusal(parse, text):
    try:
        parse(text)
    except Invalid as invalid:
        return str(invalid)
    return ""
