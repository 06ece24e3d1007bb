"""Sessions end, guessers are slowed, codes count once, and the file is the owner's only."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from ninefifteen.domain.instants import SECOND
from ninefifteen.errors import BadInput
from ninefifteen.web.accounts.limits import LONGEST_WAIT_S, Limits
from ninefifteen.web.accounts.once import OnceKey, new_link_key, new_setup_code, plain_code
from ninefifteen.web.accounts.passwords import Passwords
from ninefifteen.web.accounts.people import People
from ninefifteen.web.accounts.second_factor import address_of, new_secret, qr_path, step_of
from ninefifteen.web.accounts.sessions import csrf_of, digest_of
from ninefifteen.web.accounts.store import Store
from ninefifteen.web.errors import Refused
from tests.web.sites import PASSWORD, QUICK, Clock

HOUR = 3600.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(tmp_path: Path, clock: Clock) -> Iterator[People]:
    store = Store(tmp_path / "dashboard.db")
    made = People(store, clock)
    made.add("asha", "admin", QUICK)
    yield made
    store.close()


# ---- the file


def test_the_file_is_its_owners_only(tmp_path: Path):
    file = tmp_path / "dashboard.db"
    file.touch(0o644)
    Store(file).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path):
    file = tmp_path / "dashboard.db"
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises(BadInput, match="move it away"):
        Store(file)


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path):
    file = tmp_path / "dashboard.db"
    with sqlite3.connect(file) as line:
        line.execute("PRAGMA user_version = 9")
    line.close()
    with pytest.raises(BadInput, match="newer program"):
        Store(file)


def test_a_folder_in_its_place_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="cannot be used"):
        Store(tmp_path)


# ---- sessions


def test_only_the_hash_of_a_token_is_kept(people: People, tmp_path: Path):
    token = people.sessions.begin("asha", "a test")
    content = (tmp_path / "dashboard.db").read_bytes()
    assert digest_of(token).encode() in content
    assert token.encode() not in content


def test_a_session_nobody_uses_ends_after_twelve_hours(people: People, clock: Clock):
    token = people.sessions.begin("asha", "a test")
    clock.pass_by(11.9 * HOUR)
    assert people.who(token) is not None
    clock.pass_by(11.9 * HOUR)
    assert people.who(token) is not None
    clock.pass_by(12 * HOUR)
    assert people.who(token) is None


def test_a_session_ends_after_a_week_however_much_it_is_used(people: People, clock: Clock):
    token = people.sessions.begin("asha", "a test")
    for _ in range(16):
        clock.pass_by(10 * HOUR)
        assert people.who(token) is not None
    clock.pass_by(9 * HOUR)
    assert people.who(token) is None


def test_looking_without_touching_keeps_no_session_alive(people: People, clock: Clock):
    digest = digest_of(people.sessions.begin("asha", "a test"))
    clock.pass_by(7 * HOUR)
    assert people.who_by(digest, touch=False) is not None
    clock.pass_by(6 * HOUR)
    assert people.who_by(digest, touch=False) is None


def test_sessions_outlive_a_restart_and_those_of_a_demo_do_not(tmp_path: Path, clock: Clock):
    first = Store(tmp_path / "dashboard.db")
    before = People(first, clock)
    before.add("asha", "admin", QUICK)
    kept, passing = before.sessions.begin("asha", "x"), before.sessions.begin("demo", "x", kept=False)
    assert before.who(passing) is not None
    first.close()
    second = Store(tmp_path / "dashboard.db")
    after = People(second, clock)
    assert after.who(kept) is not None
    assert after.who(passing) is None
    second.close()


def test_whoever_comes_sweeps_away_what_has_ended(people: People, clock: Clock):
    people.sessions.begin("asha", "a test")
    clock.pass_by(13 * HOUR)
    people.sessions.begin("asha", "a test")
    assert len(people._store.rows("SELECT 1 FROM sessions")) == 1


def test_a_disk_that_is_full_ends_no_session(people: People, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    token = people.sessions.begin("asha", "a test")
    clock.pass_by(HOUR)

    def full(*_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(people._store, "change", full)
    assert people.who(token) is not None


def test_the_word_against_forged_posts_belongs_to_one_session():
    assert csrf_of("one") != csrf_of("two")
    assert csrf_of("one") == csrf_of("one")


# ---- users


def test_the_last_admin_cannot_be_removed(people: People):
    assert not people.remove("asha")
    people.add("ravi", "admin", QUICK)
    assert people.remove("asha")
    assert not people.remove("ravi")


def test_a_user_who_goes_takes_the_sessions_along(people: People):
    people.add("ravi", "viewer", QUICK)
    token = people.sessions.begin("ravi", "a test")
    people.came_from("ravi", "10.0.0.1")
    assert people.remove("ravi")
    assert people.who(token) is None
    assert not people.knows("ravi", "10.0.0.1")
    assert not people.remove("ravi")


def test_a_name_is_one_persons_and_demo_nobodys(people: People):
    assert not people.add("asha", "viewer", QUICK)
    assert not people.add("demo", "admin", QUICK)
    assert not people.add_first("first", QUICK)
    assert [one.name for one in people.everybody()] == ["asha"]


# ---- the second factor


def begun(people: People, clock: Clock) -> pyotp.TOTP:
    app = pyotp.TOTP(people.begin_totp("asha"))
    assert people.confirm_totp("asha", app.at(clock() // SECOND))
    return app


def test_each_code_counts_once_also_within_its_leeway(people: People, clock: Clock):
    app = begun(people, clock)
    used = app.at(clock() // SECOND)
    assert not people.proves("asha", used)
    clock.pass_by(60)
    newer = app.at(clock() // SECOND)
    assert people.proves("asha", f"{newer[:3]} {newer[3:]}")
    assert not people.proves("asha", newer)
    assert not people.proves("asha", app.at(clock() // SECOND - 30))


def test_a_code_of_a_clock_one_step_off_counts_and_two_steps_do_not(clock: Clock):
    secret = new_secret()
    app, now = pyotp.TOTP(secret), clock()
    for steps, counts in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        found = step_of(secret, app.at(now // SECOND + 30 * steps), now)
        assert (found is not None) == counts


@pytest.mark.parametrize("wrong", ["", "000000", "12345", "abcdef", "१२३४५६", "9" * 5000])
def test_a_wrong_code_proves_nothing(people: People, clock: Clock, wrong: str):
    begun(people, clock)
    clock.pass_by(60)
    assert not people.proves("asha", wrong)
    assert not people.proves("nobody", wrong)


def test_a_set_up_that_is_not_confirmed_in_ten_minutes_counts_nothing(people: People, clock: Clock):
    app = pyotp.TOTP(people.begin_totp("asha"))
    clock.pass_by(601)
    assert not people.confirm_totp("asha", app.at(clock() // SECOND))
    assert not people.confirm_totp("nobody", "123456")
    person = people.person("asha")
    assert person is not None
    assert person.totp is None


def test_an_app_gets_a_code_to_read_that_names_the_home():
    secret = new_secret()
    address = address_of(secret, "asha", "desk one")
    assert address.startswith(f"otpauth://totp/ninefifteen%20desk%20one:asha?secret={secret}")
    path, size = qr_path(address)
    assert path.startswith("M4 4h1v1h-1z")
    assert (size - 8 - 17) % 4 == 0


# ---- keys that work once


def test_a_key_dies_by_being_used():
    key = OnceKey("right")
    assert key.fits("right")
    key.use_up()
    assert not key.fits("right")


def test_no_number_of_wrong_tries_takes_a_key_from_its_owner():
    key = OnceKey("right")
    assert not any(key.fits("wrong") for _ in range(100))
    assert key.fits("right")


def test_a_setup_code_is_known_however_it_is_typed():
    code = new_setup_code()
    assert plain_code(f" {code.lower().replace('-', ' ')} ") == code
    assert len(code) == 9
    assert new_setup_code() != code
    assert len(new_link_key()) == 43


# ---- guessers


def test_tries_are_free_at_first_and_then_wait_ever_longer():
    clock = Clock()
    limits, keys = Limits(clock), [(("both", "asha"), 3)]
    waits = []
    for _ in range(12):
        waits.append(limits.wait_s(keys))
        limits.failed(key for key, _ in keys)
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]
    clock.pass_by(LONGEST_WAIT_S)
    assert limits.wait_s(keys) == 0


def test_failures_are_forgotten_by_success_and_with_time():
    clock = Clock()
    limits, keys = Limits(clock), [(("both", "asha"), 1)]
    for _ in range(5):
        limits.failed([("both", "asha")])
    limits.forget([("both", "asha")])
    assert limits.wait_s(keys) == 0
    for _ in range(500):
        limits.failed([("both", "asha")])
    assert limits.wait_s(keys) == LONGEST_WAIT_S
    clock.pass_by(901)
    limits.failed([("both", "asha")])
    assert limits.wait_s(keys) == 1


def test_a_flood_of_names_takes_no_room_without_end():
    limits = Limits(Clock())
    for number in range(6000):
        limits.failed([("name", str(number)), ("address", "10.0.0.1")])
    assert len(limits._failures) <= 4096
    assert limits.wait_s([(("address", "10.0.0.1"), 20)]) > 0


# ---- passwords


def test_a_password_is_kept_as_argon2id_and_nobody_has_one(real_passwords: None):
    async def story() -> None:
        passwords = Passwords()
        kept = await passwords.hashed(PASSWORD)
        assert kept.startswith("$argon2id$v=19$m=19456,t=3,p=1$")
        assert await passwords.fits(PASSWORD, kept)
        assert not await passwords.fits(PASSWORD + "x", kept)
        assert not await passwords.fits(PASSWORD, None)
        assert not await passwords.fits(PASSWORD, "damaged")
        with pytest.raises(Refused, match="at least 10"):
            await passwords.hashed("short")
        passwords.close()

    asyncio.run(story())


def test_a_flood_of_passwords_is_turned_away_instead_of_queued():
    async def story() -> list[object]:
        passwords = Passwords()
        tries = [passwords.fits(PASSWORD, QUICK) for _ in range(20)]
        found = await asyncio.gather(*tries, return_exceptions=True)
        passwords.close()
        return list(found)

    found = asyncio.run(story())
    assert found.count(True) == 6
    assert sum(isinstance(one, Refused) and one.status == 429 for one in found) == 14
