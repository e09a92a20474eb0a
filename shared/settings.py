"""Settings from the environment (`ENTASKAN_…`; secrets also from files named by `ENTASKAN_…_FILE`), checked as a whole at start."""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, IPvAnyNetwork, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEMO = "demo-"
"""Every secret and key id made for embedded mode begins with it, and nothing that does is accepted elsewhere."""

DEMO_ISSUER = "https://demo-issuer.entaskan.invalid"


class Settings(BaseSettings):
    """What one service needs to know about its surroundings."""

    model_config = SettingsConfigDict(env_prefix="ENTASKAN_", extra="ignore", hide_input_in_errors=True)

    mode: Literal["embedded", "deployed"] = "deployed"
    database_url: str = Field(repr=False, description="postgresql+asyncpg://role:password@host/database of this service")
    event_log: str = Field(repr=False, description="kafka://host:port[,host:port] or postgresql+asyncpg://… of the embedded log")
    issuer: str = Field(description="OIDC issuer whose tokens are accepted")
    jwks: str = Field(description="URL or file of the issuer's JSON Web Key Set")
    cursor_secret: str = Field(repr=False, min_length=24, description="signs page cursors, keys fingerprints, derives the secrets of webhooks")
    nik_key: str = Field(repr=False, min_length=32, description="wraps the keys that encrypt NIKs (facilitation)")
    nik_index_key: str = Field(repr=False, min_length=32, description="keys the blind index over NIKs (facilitation); another one than nik_key")
    webhook_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        (), description="networks, parted by commas, that webhooks may call besides the public ones, there also by plain http and on any port"
    )
    public_url: str = Field("http://127.0.0.1:8000", description="where the gateway answers; other services' APIs are found under it")
    max_body_bytes: int = 262_144
    log_level: str = "INFO"

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def parted_by_commas(cls, value: object) -> object:
        """As environments write lists."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("issuer", "cursor_secret", "nik_key", "nik_index_key")
    @classmethod
    def refuse_demo_values(cls, value: str, info: ValidationInfo) -> str:
        """Outside embedded mode nothing made for the demo may be used."""
        if info.data.get("mode") != "embedded" and (value.startswith(DEMO) or value == DEMO_ISSUER):
            raise ValueError("a value made for embedded mode is refused outside it")
        return value

    @field_validator("nik_index_key")
    @classmethod
    def refuse_one_key_for_both(cls, value: str, info: ValidationInfo) -> str:
        """Whoever holds the index key must not be able to decrypt."""
        if value == info.data.get("nik_key"):
            raise ValueError("it must differ from nik_key")
        return value


class SettingsError(Exception):
    """The settings cannot be used; the text lists every mistake."""


def load_settings(**given: object) -> Settings:
    """Settings from the environment, `given` first; `SettingsError` lists all mistakes at once, never a value."""
    from_files, mistakes = {}, []
    for name, path in os.environ.items():
        if name.startswith("ENTASKAN_") and name.endswith("_FILE"):
            try:
                from_files[name.removeprefix("ENTASKAN_").removesuffix("_FILE").lower()] = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                mistakes.append(f"  {name}: the file cannot be read ({type(error).__name__})")
    try:
        settings = Settings(**(from_files | given))  # type: ignore[arg-type]
    except ValidationError as error:
        mistakes += [f"  ENTASKAN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
    if mistakes:
        raise SettingsError("settings cannot be used:\n" + "\n".join(mistakes))
    return settings
