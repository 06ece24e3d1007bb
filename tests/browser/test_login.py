"""Coming in and going out: the first user, wrong passwords, the second factor, a demo's link, sessions."""

from __future__ import annotations

from pathlib import Path

import pyotp
from playwright.sync_api import expect

from ninefifteen.domain.instants import to_datetime
from tests.browser.conftest import Open
from tests.browser.programs import dashboard
from tests.browser.scenes import Scene, holding, scene
from tests.browser.windows import PHONE, Window
from tests.web.sites import NAMES, PASSWORD

SENTENCE = "four quiet brown horses"
REFUSED = r"status of 40[13]"


def fill(window: Window, **fields: str) -> None:
    """Type these into the fields of these labels."""
    for label, text in fields.items():
        window.field(label.replace("_", " ")).fill(text)


def first_user(window: Window, made: Scene) -> None:
    """Make the first account with the code of the terminal."""
    window.field("Set-up code").fill(str(made.served.ready["setup_code"]))
    fill(window, Name="asha", Password=SENTENCE, Password_again=SENTENCE)
    window.button("Make the first account").click()
    expect(window.page.get_by_role("heading", name="Set-up", level=1)).to_be_visible()


def second_factor(window: Window, made: Scene) -> pyotp.TOTP:
    """Set up an authenticator with the secret that the page shows."""
    window.go("settings/account")
    fill(window, Your_password=SENTENCE)
    window.button("Set it up").click()
    app = pyotp.TOTP(str(window.page.locator(".narrow-form code").first.text_content()))
    fill(window, The_code_the_app_shows_now=app.at(to_datetime(made.desk.clock())))
    window.button("Confirm").click()
    window.sees("The second factor is set up.")
    made.desk.clock.pass_by(90)  # that code is used up
    return app


def test_the_first_user_comes_with_the_code_and_later_with_password_and_second_factor(
    tmp_path: Path, window: Open
) -> None:
    with scene(tmp_path / "home", people=False) as made:
        one = window()
        one.allow(REFUSED)
        one.page.goto(made.url)
        one.sees("Welcome to ninefifteen")
        one.picture("state-first-run")
        one.field("Set-up code").fill("ABCD-EFGH")
        fill(one, Name="asha", Password=SENTENCE, Password_again="another")
        one.sees("The two are not the same.")
        fill(one, Password_again=SENTENCE)
        one.button("Make the first account").click()
        expect(one.page.get_by_role("alert")).to_contain_text("code")
        first_user(one, made)
        app = second_factor(one, made)
        one.go("today")
        one.button("asha: sessions, look, log out").click()
        one.button("Log out").click()
        one.sees("Log in to see the trading day.")
        one.picture("state-log-in")
        assert one.context.cookies() == []
        fill(one, Name="asha", Password="wrong horses altogether")
        one.button("Log in").click()
        expect(one.page.get_by_role("alert")).not_to_be_empty()
        one.picture("state-wrong-password")
        fill(one, Password=SENTENCE)
        one.button("Log in").click()
        one.field("Second factor").fill(app.at(to_datetime(made.desk.clock())))
        one.button("Log in").click()
        one.sees("No engine is running here")
        assert [cookie["httpOnly"] for cookie in one.context.cookies()] == [True]


def test_the_link_of_a_demo_logs_in_once_and_only_once(tmp_path: Path, window: Open) -> None:
    with dashboard(tmp_path / "home", "--demo") as web:
        mine, other = window(), window()
        mine.page.goto(web.enter)
        mine.sees("No engine is running here")
        assert "key=" not in mine.page.url
        other.allow(REFUSED, "favicon.ico")  # a refusal in plain words names no sign of its own
        other.page.goto(web.enter)
        assert other.context.cookies() == []
        other.page.goto(web.url)
        expect(other.button("Log in")).to_be_visible()
        mine.page.reload()
        mine.sees("No engine is running here")


def test_an_ended_session_asks_for_the_login_over_the_page_which_is_kept(
    tmp_path: Path, window: Open
) -> None:
    with scene(tmp_path / "home") as made, made.running(holding()):
        here, there = window(), window(PHONE)
        here.allow(REFUSED, "WebSocket")
        made.let_in(here)
        made.let_in(there)
        here.go("positions")
        here.page.evaluate("() => { window.kept = 'as it was' }")
        there.button("More").click()
        there.button("Log out everywhere").click()
        there.sees("Log in to see the trading day.")
        dialog = here.page.get_by_role("dialog", name="Your session has ended")
        expect(dialog).to_be_visible()
        assert here.page.locator("main").inner_text().count("MARUTI") > 0
        assert "dimmed" in str(here.page.locator(".frame").get_attribute("class"))
        here.picture("state-session-expired")
        expect(here.field("Name")).to_have_value(NAMES["operator"])
        fill(here, Password=PASSWORD)
        here.button("Log in").click()
        expect(dialog).to_have_count(0)
        expect(here.page.locator(".frame.dimmed")).to_have_count(0)
        assert here.page.evaluate("() => window.kept") == "as it was"
        assert here.page.url.endswith("#/positions")


def test_a_session_that_ended_while_nobody_looked_is_noticed_with_the_next_press(
    tmp_path: Path, window: Open
) -> None:
    with scene(tmp_path / "home") as made, made.running(holding()) as engine:
        one = window()
        one.allow(REFUSED)
        made.let_in(one)
        one.sees("stop rests at the exchange")
        made.desk.site.people.sessions.end_all(NAMES["operator"])
        one.button("Pause").click()
        expect(one.page.get_by_role("dialog", name="Your session has ended")).to_be_visible()
        assert engine.commands == []


def test_somebody_else_who_looks_on_is_named(tmp_path: Path, window: Open) -> None:
    with scene(tmp_path / "home") as made, made.running(holding()):
        mine, theirs = window(), window(PHONE)
        made.let_in(mine, "admin")
        expect(mine.page.locator(".user-button .count")).to_have_count(0)
        made.let_in(theirs, "viewer")
        expect(mine.page.locator(".user-button .count")).to_have_text("2")
        mine.button("asha: 2 sessions, look, log out").click()
        expect(mine.page.locator(".sessions li")).to_have_count(2)
        mine.sees("vera")
        mine.picture("state-two-users")
        theirs.close()
        expect(mine.page.locator(".sessions li")).to_have_count(1)
