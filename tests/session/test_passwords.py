"""New passwords: 15 to 128 characters, not common, not built from one's own data, the same on every keyboard."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from support.people import Script

from epicshell.errors import Invalid, NotUnderstood
from epicshell.session.keys import code_hash, is_code, new_code
from epicshell.session.passwords import check, normal
from epicshell.session.terminal import PasswordFile, Terminal, new_password
from epicshell.telemetry import Secret

PERSONAL = ("bill.boquet", "Bill Boquet", "bill@epic.example")


@pytest.mark.parametrize(
    "password",
    [
        "nine purple boats whisper",
        "nine purple bo!",  # 15
        "mot de passe très secret où çà",
        "пароль для проверки связи",
        "🦆🐙 ducks and octopuses 🦆🐙",
        "bill likes nine purple boats",
        "q8Fz" * 4 + "!kP3x9Wd",
        "nine purple boats whisper " * 4 + "and they sail on, sails",  # 127
        "x9$Kq!mZ2#vR7&pL" * 8,  # 128
    ],
)
def test_long_and_odd_is_good(password: str) -> None:
    check(normal(password), *PERSONAL)


@pytest.mark.parametrize(
    "password", ["", "short", "fourteen chars", "ünïcödé 14 chr", "x" * 129, "nine purple boats " * 8]
)
def test_length_is_15_to_128(password: str) -> None:
    with pytest.raises(Invalid, match=rf"has {len(password)} characters; 15 to 128 are accepted"):
        check(normal(password), *PERSONAL)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword", "123456789012345678", "qwertyuiopasdfgh", "aaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabc",
        "billboquetbillboquet", "bill@epic.example!", "BillBoquet2024Bill", "epiceventsepicevents",
        "EpicShell EpicShell", "$3cret B1ll B0quet",
        "b1llb0quet b1llb0quet", "boquet.bill.boquet", "iloveyouiloveyou", "letmeinletmein123", "Bill & Epic & Boquet!",
    ],
)  # fmt: skip
def test_common_words_and_ones_own_data_are_not(password: str) -> None:
    with pytest.raises(Invalid, match="too easy to guess") as caught:
        check(normal(password), *PERSONAL)
    assert password not in str(caught.value)


def test_password_is_derived_from_one_form_of_its_characters() -> None:
    composed, apart = "château à côté", unicodedata.normalize("NFD", "château à côté")
    assert composed != apart
    assert normal(composed).reveal() == normal(apart).reveal() == composed


def test_spaces_and_case_of_a_password_count() -> None:
    assert normal(" Nine  Purple ").reveal() == " Nine  Purple "


def test_code_is_150_bits_that_are_easy_to_read_out() -> None:
    codes = {new_code().reveal() for _ in range(100)}
    assert len(codes) == 100
    for code in codes:
        assert is_code(Secret(code))
        assert not set(code) & set("ILOU")
        assert len(code.replace("-", "")) == 30


@pytest.mark.parametrize(
    "text", ["", "nine purple boats whisper", "AAAAA-AAAAA", "IIIII-" * 5 + "IIIII", "AAAAA-" * 6 + "AAAAA"]
)
def test_what_is_no_code(text: str) -> None:
    assert not is_code(Secret(text))


def test_code_may_be_typed_carelessly() -> None:
    code = new_code().reveal()
    assert is_code(Secret(f"  {code.lower()}\n"))
    assert code_hash(Secret(f" {code.lower()} ")) == code_hash(Secret(code))


def only(*accepted: str) -> Callable[[Secret], None]:
    def judge(secret: Secret) -> None:
        if secret.reveal() not in accepted:
            raise Invalid("Not that one.")

    return judge


def test_new_password_is_asked_for_until_it_is_good_and_typed_twice_the_same() -> None:
    terminal = Script("bad", "good", "god", "good", "good")
    assert new_password(terminal, only("good")).reveal() == "good"
    assert terminal.told == ["Not that one.", "The two were not the same."]
    assert terminal.asked == ["New password"] * 2 + ["The same again"] + ["New password", "The same again"]


def test_without_a_terminal_nobody_is_asked() -> None:
    nobody = Terminal()
    for ask in (nobody.secret, nobody.new_secret):
        with pytest.raises(NotUnderstood, match="can't be asked for without a terminal"):
            ask("Password")
    with pytest.raises(NotUnderstood, match="Repeat the command with --yes"):
        nobody.confirm("Delete it?")


@pytest.mark.parametrize(("content", "password"), [
    ("secret words\n", "secret words"),
    ("secret words\r\n", "secret words"),
    (" secret words ", " secret words "),
    ("château\n", "château"),
    ("", ""),
])  # fmt: skip
def test_password_file_holds_the_password_and_perhaps_a_line_end(tmp_path: Path, content: str, password: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(content.encode())
    file.chmod(0o400)
    assert PasswordFile(str(file)).secret("Password").reveal() == password


@pytest.mark.parametrize("problem", ["missing", "folder", "open", "not text"])
def test_password_file_that_is_not_used(tmp_path: Path, problem: str) -> None:
    file = tmp_path / "password"
    if problem == "folder":
        file.mkdir(mode=0o700)
    elif problem != "missing":
        file.write_bytes(b"\xff\xfe" if problem == "not text" else b"secret words")
        file.chmod(0o644 if problem == "open" else 0o600)
    with pytest.raises(NotUnderstood, match=r"The password file .* can") as caught:
        PasswordFile(str(file)).secret("Password")
    assert "secret words" not in str(caught.value)


def test_password_file_answers_nothing_else(tmp_path: Path) -> None:
    terminal = PasswordFile(str(tmp_path / "password"))
    with pytest.raises(NotUnderstood, match="chosen on a terminal"):
        terminal.new_secret("New password")
    with pytest.raises(NotUnderstood, match="--yes"):
        terminal.confirm("Delete it?")
