"""Settings from the environment (`ENTASKAN_…`; secrets also from files named by `ENTASKAN_…_FILE`), checked as a whole at start."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO = "demo-"
"""Every secret and key id made for embedded mode begins with it, and nothing that does is accepted elsewhere."""

DEMO_ISSUER = "https://demo-issuer.entaskan.invalid"


class Settings(BaseSettings):
    """What one service needs to know about its surroundings."""

    model_config = SettingsConfigDict(env_prefix="ENTASKAN_", extra="ignore", hide_input_in_errors=True)

    mode: Literal["embedded", "deployed"] = "deployed"
    database_url: str = Field(description="postgresql+asyncpg://role:password@host/database of this service")
    event_log: str = Field(description="kafka://host:port[,host:port] or postgresql+asyncpg://… of the embedded log")
    issuer: str = Field(description="OIDC issuer whose tokens are accepted")
    jwks: str = Field(description="URL or file of the issuer's JSON Web Key Set")
    cursor_secret: str = Field(min_length=24, description="signs page cursors")
    nik_key: str = Field(min_length=32, description="wraps the keys that encrypt NIKs (facilitation)")
    nik_index_key: str = Field(min_length=32, description="keys the blind index over NIKs (facilitation); another one than nik_key")
    public_url: str = Field("http://127.0.0.1:8000", description="where the gateway answers; other services' APIs are found under it")
    max_body_bytes: int = 262_144
    log_level: str = "INFO"

    @model_validator(mode="after")
    def refuse_demo_secrets(self) -> "Settings":
        """Outside embedded mode nothing made for the demo may be used, and the two NIK keys must differ."""
        demo = [name for name in ("cursor_secret", "nik_key", "nik_index_key") if getattr(self, name).startswith(DEMO)]
        if self.issuer == DEMO_ISSUER:
            demo.append("issuer")
        if demo and self.mode != "embedded":
            raise ValueError(f"demo values are refused outside embedded mode: {', '.join(demo)}")
        if self.nik_key == self.nik_index_key:
            raise ValueError("nik_key and nik_index_key must differ")
        return self


class SettingsError(Exception):
    """The settings cannot be used; the text lists every mistake."""


def load_settings(**given: object) -> Settings:
    """Settings from the environment, `given` first; `SettingsError` lists all mistakes at once, never a value."""
    from_files = {
        name.removeprefix("ENTASKAN_").removesuffix("_FILE").lower(): Path(path).read_text().strip()
        for name, path in os.environ.items()
        if name.startswith("ENTASKAN_") and name.endswith("_FILE")
    }
    try:
        return Settings(**(from_files | given))  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"  ENTASKAN_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" if e["loc"] else f"  {e['msg']}" for e in error.errors()]
        raise SettingsError("settings cannot be used:\n" + "\n".join(lines)) from None
