"""What is made from the schema: the new config.yaml, the JSON schema and the manual page."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import yaml

from ninefifteen.config.dotenv import ENV_NAMES
from ninefifteen.config.template import default_config, default_env, json_schema, manual_page
from ninefifteen.domain.settings_check import keys, sections


def test_the_manual_page_says_what_the_schema_says(repository: Path):
    page = (repository / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == manual_page(), "run: ninefifteen config schema --markdown > docs/configuration.md"


def test_every_setting_stands_in_the_new_file_with_its_description():
    text = default_config()
    written = yaml.safe_load(text)
    assert list(written) == list(sections())
    assert written["broker_endpoint"] is None
    flat = " ".join(text.replace("#", " ").split())
    for path, key in keys().items():
        section, _, leaf = path.partition(".")
        assert written[section] is None or leaf in written[section]
        assert key.required or " ".join(key.description.split()) in flat


def test_no_line_of_the_new_file_is_too_long_to_read():
    assert max(map(len, default_config().splitlines())) <= 110


def test_the_new_env_file_names_every_secret_and_gives_none():
    lines = default_env().splitlines()
    assert all(line.startswith("#") for line in lines)
    assert all(f"# {name}=" in default_env() for name in ENV_NAMES if name != "TELEGRAM_TOKEN")


def test_the_json_schema_knows_types_bounds_choices_and_both_spellings():
    schema = json_schema()["properties"]
    strategy = schema["strategy"]["properties"]
    assert strategy["pcr_min"]["type"] == "number"
    assert (strategy["pcr_min"]["minimum"], strategy["pcr_min"]["default"]) == (0, float(Decimal("0.7")))
    assert strategy["lots"]["type"] == "integer"
    assert strategy["exit_at"]["anyOf"][1] == {"type": "null"}
    assert strategy["scan_time"]["default"] == "09:14:00"
    assert schema["trading"]["properties"]["mode"]["enum"] == ["paper", "live"]
    assert schema["telegram"]["properties"]["operators"]["items"] == {"type": "integer"}
    assert schema["opening_range"]["properties"]["enabled"]["type"] == "boolean"
    assert schema["broker_endpoint"]["required"] == ["rest", "ws"]
    assert schema["risk_limits"]["properties"] == schema["risk"]["properties"]
    assert schema["EMERGENCY_STOP_NUMBERS"]["items"] == {"type": "string"}
