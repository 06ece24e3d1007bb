"""Configuration: `config.yaml`, `.env`, the environment and `--set`, checked against one schema."""

from ninefifteen.config.dotenv import Secrets
from ninefifteen.config.loading import LoadedConfig, load_config, settings_hash

__all__ = ["LoadedConfig", "Secrets", "load_config", "settings_hash"]
