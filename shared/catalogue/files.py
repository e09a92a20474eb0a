"""The files of the catalogue: what they should hold, and whether the contracts may follow what was published before."""

import json
from pathlib import Path
from typing import Any

from shared.catalogue.compatibility import incompatibilities
from shared.catalogue.markdown import catalogue
from shared.catalogue.samples import all_samples
from shared.catalogue.schemas import all_schemas

FOLDER = Path(__file__).parent.parent.parent / "docs" / "events"
FORMER = "samples/former"


def generated() -> dict[str, str]:
    """The text of every file, by its path below the folder."""
    return {
        "README.md": catalogue(),
        **{f"{wire_type}.json": _json(schema) for wire_type, schema in all_schemas().items()},
        **{f"samples/{wire_type}.json": _json(sample) for wire_type, sample in all_samples().items()},
    }


def differences(folder: Path = FOLDER) -> list[str]:
    """The files that do not hold what is generated."""
    return [name for name, text in generated().items() if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text]


def refusals(folder: Path = FOLDER) -> list[str]:
    """Why the contracts may not follow the published schemas in `folder`; empty when they may."""
    current = all_schemas()
    found = []
    for path in sorted(folder.glob("*.json")):
        wire_type = path.stem
        if wire_type not in current:
            found.append(f"{wire_type}: taken away, though events of this type are kept for ever")
        else:
            found += [f"{wire_type}: {reason}" for reason in incompatibilities(json.loads(path.read_text(encoding="utf-8")), current[wire_type])]
    return found


def write(folder: Path = FOLDER) -> list[str]:
    """Write what differs and say what that was. A sample whose names changed is kept among the former ones."""
    changed = differences(folder)
    new = generated()
    for name in changed:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("samples/") and path.exists():
            _keep_if_other_names(path, new[name], folder)
        path.write_text(new[name], encoding="utf-8")
    return changed


def committed_samples(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Every sample, the former ones too, by path."""
    return {str(path.relative_to(folder)): json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "samples").rglob("*.json"))}


def _keep_if_other_names(path: Path, new: str, folder: Path) -> None:
    old = path.read_text(encoding="utf-8")
    if json.loads(old)["value"].keys() != json.loads(new)["value"].keys():
        kept = folder / FORMER / path.stem
        kept.mkdir(parents=True, exist_ok=True)
        (kept / f"{len(list(kept.iterdir())) + 1}.json").write_text(old, encoding="utf-8")


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
