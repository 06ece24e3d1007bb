"""The configuration of a home: sources in order, both spellings, and one line for each mistake."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from ninefifteen.config import LoadedConfig, load_config, settings_hash
from ninefifteen.config.template import default_config
from ninefifteen.domain.secret import SecretText
from ninefifteen.domain.settings import BrokerEndpoint, NineFifteen, OpeningRange, Settings
from ninefifteen.errors import BadInput
from ninefifteen.home import Home

Load = Callable[..., LoadedConfig]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a home whose config.yaml and .env have the given text."""

    def _load(
        config: str = "",
        *overrides: str,
        env: str = "",
        around: Mapping[str, str] | None = None,
        rehearsal: bool = False,
    ) -> LoadedConfig:
        home = Home(tmp_path, rehearsal)
        home.config_file.write_text(config, encoding="utf-8")
        home.env_file.write_text(env, encoding="utf-8")
        home.env_file.chmod(0o600)
        return load_config(home, overrides, around or {})

    return _load


def problem(load: Load, config: str = "", *overrides: str, **more: object) -> str:
    """The text of the one problem."""
    with pytest.raises(BadInput) as caught:
        load(config, *overrides, **more)
    text = str(caught.value)
    assert "\n" not in text, text
    return text


def test_an_empty_file_means_every_default(load: Load):
    loaded = load("")
    assert loaded.settings == Settings()
    assert set(loaded.sources.values()) == {"default"}


def test_a_home_without_files_means_every_default(tmp_path: Path):
    assert load_config(Home(tmp_path), (), {}).settings == Settings()


def test_the_file_written_for_a_new_home_gives_exactly_the_defaults_with_every_setting_active(load: Load):
    loaded = load(default_config())
    assert loaded.settings == Settings()
    unwritten = [path for path, source in loaded.sources.items() if source == "default"]
    assert unwritten == ["broker_endpoint.rest", "broker_endpoint.ws"]


def test_the_example_of_the_interface_page_is_accepted(load: Load):
    loaded = load(
        "trading:\n  mode: paper            # paper | live\n  paper_capital: 100000\n  broker: zerodha\n"
        'strategy: {name: nine_fifteen, scan_time: "09:14:00", target_pct: 8, lots: 1}\n'
        "risk: {max_daily_loss: 2000, max_trades: 2, when_stop_exceeds_limit: tighten}\n"
        "gates: {min_trades: 50, full_trades: 100, min_win_rate: 0.60, max_drawdown: 0.10, min_sharpe: 1.5}\n"
        'emergency: {sms_numbers: ["+91XXXXXXXXXX"]}\ntelegram: {operators: [], viewers: []}\n'
        "dashboard:\n  host: 127.0.0.1\n  port: 8080\n"
    )
    assert loaded.settings.emergency.sms_numbers == ("+91XXXXXXXXXX",)


def test_a_later_source_wins_and_is_named(load: Load):
    loaded = load("strategy:\n  lots: 2\n  stop_pct: 20\n", "strategy.lots=3")
    assert (loaded.settings.strategy.lots, str(loaded.settings.strategy.stop_pct)) == (3, "20")
    assert loaded.sources["strategy.lots"] == "--set"
    assert loaded.sources["strategy.stop_pct"] == "config.yaml:3"
    assert loaded.sources["strategy.target_pct"] == "default"


def test_the_last_of_two_overrides_counts(load: Load):
    assert load("", "strategy.lots=2", "strategy.lots=3").settings.strategy.lots == 3


def test_fractions_are_exact_and_times_need_no_quotes(load: Load):
    loaded = load("strategy: {pcr_min: 0.1, exit_at: 15:05, scan_time: 9:14:30}")
    assert loaded.settings.strategy.pcr_min == Decimal("0.1")
    assert loaded.settings.strategy.exit_at == time(15, 5)
    assert loaded.settings.strategy.scan_time == time(9, 14, 30)


def test_every_filter_can_be_switched_off(load: Load):
    filters = [name for name in NineFifteen.__struct_fields__ if name.startswith(("min_", "max_"))]
    names = [*filters, "pcr_min", "pcr_max", "roll_days", "trail_pct", "breakeven_pct"]
    off = [f"strategy.{name}=0" for name in names if name != "max_candidates"]
    strategy = load("", *off).settings.strategy
    assert all(getattr(strategy, name) == 0 for name in names if name != "max_candidates")


@pytest.mark.parametrize(
    ("text", "overrides"),
    [
        ("risk_limits:\n  max_daily_loss: 3000\n", []),
        ("risk_limits: {max_daily_loss: 3000}\nrisk: {max_daily_loss: 3000}\n", []),
        ("", ["risk_limits.max_daily_loss=3000"]),
    ],
)
def test_risk_limits_is_another_spelling_of_risk(load: Load, text: str, overrides: list[str]):
    assert load(text, *overrides).settings.risk.max_daily_loss == 3000


NUMBER = "+919812345678"


@pytest.mark.parametrize(
    ("text", "env"),
    [
        (f"EMERGENCY_STOP_NUMBERS: ['{NUMBER}']", ""),
        (f"emergency: {{sms_numbers: [{NUMBER}]}}", ""),
        ("", f"EMERGENCY_STOP_NUMBERS={NUMBER}"),
        ("", f"EMERGENCY_STOP_NUMBERS = ['{NUMBER}']"),
        ("emergency: {sms_numbers: []}", f"EMERGENCY_STOP_NUMBERS={NUMBER}"),
        (f"emergency: {{sms_numbers: ['{NUMBER}']}}", f"EMERGENCY_STOP_NUMBERS={NUMBER}"),
    ],
)
def test_the_emergency_numbers_may_stand_in_either_place(load: Load, text: str, env: str):
    assert load(text, env=env).settings.emergency.sms_numbers == (NUMBER,)


def test_emergency_numbers_of_the_environment_are_listed_with_commas(load: Load):
    loaded = load("", around={"EMERGENCY_STOP_NUMBERS": "+919812345678, +919812345679"})
    assert loaded.settings.emergency.sms_numbers == ("+919812345678", "+919812345679")
    assert loaded.sources["emergency.sms_numbers"] == "environment EMERGENCY_STOP_NUMBERS"


def test_a_rehearsal_home_takes_a_simulated_broker_on_this_machine(load: Load):
    text = "broker_endpoint: {rest: 'http://127.0.0.1:9000', ws: 'ws://localhost:9001'}"
    loaded = load(text, rehearsal=True)
    assert loaded.settings.broker_endpoint == BrokerEndpoint("http://127.0.0.1:9000", "ws://localhost:9001")


MISTAKES = tomllib.loads(Path(__file__).with_name("config_mistakes.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("mistake", MISTAKES["mistake"], ids=lambda mistake: mistake["line"])
def test_a_mistake_in_the_file_is_one_line_with_its_place(
    load: Load, tmp_path: Path, mistake: dict[str, str]
):
    assert problem(load, mistake["config"]) == mistake["line"].replace("HOME", str(tmp_path))


def test_text_that_no_editor_writes_is_one_line_too(load: Load):
    assert ".yaml: not readable as YAML: unacceptable character #x0007" in problem(load, "a: \x07\n")
    assert problem(load, "[" * 3000).endswith(".yaml: not readable as YAML: nested too deeply")


OVERRIDE_PROBLEMS = [
    ("strategy.lots", "--set strategy.lots: write it as KEY=VALUE, e.g. --set strategy.lots=1"),
    ("strategy.lot=1", "--set strategy.lot=1: strategy.lot is not a setting: did you mean strategy.lots?"),
    ("lots=1", "--set lots=1: lots is not a setting: did you mean strategy.lots?"),
    ("risk=1", "--set risk=1: risk is a section: name one of its settings, e.g. risk.max_daily_loss"),
    ("strategy.lots=many", "--set strategy.lots=many: strategy.lots needs a whole number, found 'many'"),
    ("strategy.lots=", "--set strategy.lots=: strategy.lots has no value: it needs a whole number"),
    ("strategy.lots=[1", "--set strategy.lots=[1: strategy.lots cannot be read from '[1'"),
    ("strategy.lots=0", "--set strategy.lots=0: strategy.lots is 0: it must be at least 1"),
]


@pytest.mark.parametrize(("override", "line"), OVERRIDE_PROBLEMS)
def test_a_mistake_in_an_override_is_one_line(load: Load, override: str, line: str):
    assert problem(load, "", override) == line


def test_every_problem_is_reported_below_a_short_first_line(load: Load):
    with pytest.raises(BadInput) as caught:
        load(
            "strategy:\n  lots: x\n  stop_pct: 150\nrisks:\n  a: 1\n", "strategy.nam=x", env="BROKER_KEY=1\n"
        )
    first, *rest = str(caught.value).splitlines()
    assert first == "5 problems in the configuration:"
    places = ["config.yaml:2", "config.yaml:4", ".env:1", "--set", "config.yaml:3"]
    assert [place in line for line, place in zip(rest, places, strict=True)] == [True] * 5


def test_emergency_numbers_that_differ_in_two_places_are_refused(load: Load, tmp_path: Path):
    text = problem(
        load, f"emergency: {{sms_numbers: ['{NUMBER}']}}", env="EMERGENCY_STOP_NUMBERS=+919800000000"
    )
    assert text == (
        f'{tmp_path}/.env:1: EMERGENCY_STOP_NUMBERS is ["+919800000000"], but emergency.sms_numbers in'
        f' {tmp_path}/config.yaml:1 is ["+919812345678"]: they are the same setting, keep one'
    )


def test_emergency_numbers_that_are_no_list_are_refused(load: Load, tmp_path: Path):
    for value in ("[+91", "[[1]]"):
        text = problem(load, env=f"EMERGENCY_STOP_NUMBERS={value}")
        assert text == f'{tmp_path}/.env:1: EMERGENCY_STOP_NUMBERS needs a list, e.g. ["+919812345678"]'


@pytest.mark.parametrize(
    "address", ["http://example.com:80", "http://10.0.0.1:80", "ftp://127.0.0.1", "nonsense", "http://[::1"]
)
def test_a_rehearsal_home_refuses_a_broker_elsewhere(load: Load, address: str):
    text = f"broker_endpoint: {{rest: '{address}', ws: 'ws://[::1]:1'}}"
    assert "a rehearsal home needs an address of this machine" in problem(load, text, rehearsal=True)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("//127.0.0.1:99999", "its port needs to be a number from 1 to 65535"),
        ("//127.0.0.1:0", "its port needs to be a number from 1 to 65535"),
        ("//127.0.0.1:nine", "its port needs to be a number from 1 to 65535"),
        ("//127.0.0.1", "the port is missing"),
        ("//localhost:", "the port is missing"),
        ("//[::1]/path", "the port is missing"),
    ],
)
def test_a_broker_on_this_machine_needs_a_port_that_there_is(load: Load, address: str, fault: str):
    """At the first request it would be too late: a day is under way then."""
    rest = problem(load, f"broker_endpoint: {{rest: 'http:{address}', ws: 'ws://[::1]:1'}}", rehearsal=True)
    assert f"config.yaml:1: broker_endpoint.rest is 'http:{address}': {fault}" in rest
    assert rest.endswith(", e.g. http://127.0.0.1:9000")
    ws = problem(load, f"broker_endpoint: {{rest: 'http://[::1]:1', ws: 'ws:{address}'}}", rehearsal=True)
    assert f"config.yaml:1: broker_endpoint.ws is 'ws:{address}': {fault}" in ws


def test_files_that_cannot_be_read_are_named(tmp_path: Path):
    home = Home(tmp_path)
    home.config_file.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadInput, match=r"config\.yaml: is not UTF-8 text"):
        load_config(home, (), {})
    home.config_file.unlink()
    home.config_file.mkdir()
    with pytest.raises(BadInput, match=r"config\.yaml: cannot be read: Is a directory"):
        load_config(home, (), {})


def test_a_byte_order_mark_of_windows_editors_does_no_harm(load: Load):
    assert load("\ufeffstrategy: {lots: 2}").settings.strategy.lots == 2


def test_secrets_come_from_the_env_file_and_appear_in_no_output(load: Load):
    loaded = load("", env="BROKER_API_KEY=k-123\nTELEGRAM_TOKEN='1:a b'\n")
    assert loaded.secrets.broker_api_key == SecretText("k-123")
    assert loaded.secrets.telegram_bot_token == SecretText("1:a b")
    assert loaded.secrets.broker_password is None
    assert "k-123" not in repr(loaded)


def test_the_hash_names_the_values_and_not_how_they_were_written(load: Load):
    plain = settings_hash(Settings())
    assert load("strategy: {target_pct: 8.00, lots: 1}\nrisk: {max_daily_loss: 2_000}").settings_hash == plain
    assert load("strategy: {target_pct: 8.01}").settings_hash != plain
    assert len(plain) == 64
    assert settings_hash(Settings(opening_range=OpeningRange(enabled=True))) != plain
