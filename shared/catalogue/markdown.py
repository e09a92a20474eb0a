"""The catalogue for people: one page, Indonesian first and English beside it."""

import inspect
import json
from collections.abc import Iterable
from string import Template
from typing import Any

from shared.catalogue.indonesian import SENTENCES
from shared.catalogue.samples import sample_of, subject_field
from shared.catalogue.schemas import schema_of
from shared.contracts import EVENT_TYPES, EventType
from shared.envelope import REQUIRED
from shared.eventlog import PARTITIONS

_PAGE = Template("""\
<!-- Dihasilkan dari shared/contracts; jangan disunting. / Generated from shared/contracts; do not edit. make catalogue -->

# Peristiwa / Events

$count peristiwa, $topic_count topik. Setiap layanan menerbitkan peristiwanya sendiri; layanan dan lembaga lain membacanya.
/ $count events on $topic_count topics. Each service publishes its own; other services and institutions read them.

| Topik / topic | Penerbit / publisher | Kunci / key | Partisi / partitions | Simpan / retention | Peristiwa / events |
| --- | --- | --- | --- | --- | --- |
$topics

Dokumen mesin / for machines: `GET /<layanan>/asyncapi.json` (AsyncAPI 3.0), skema JSON Schema 2020-12 dan contoh di folder ini
/ JSON Schemas and samples in this folder: `<type>.json`, `samples/<type>.json`.

## Cara membaca / How to consume

**Amplop / envelope.** CloudEvents 1.0.2, mode biner Kafka: atribut ada di header `ce_*`, isi (value) adalah JSON menurut skema.
/ CloudEvents 1.0.2 in Kafka's binary mode: attributes are `ce_*` headers, the value is JSON that fulfils the schema. Always there: $required.

**Kunci dan urutan / key and order.** Kunci rekaman adalah `ce_subject`, id agregat. Peristiwa satu subjek datang berurutan: `ce_sequence` = 1, 2, 3, …
tanpa lompatan. Antarsubjek dan antartopik tidak ada urutan.
/ The record key is `ce_subject`, the aggregate's id. Events of one subject come in order: `ce_sequence` = 1, 2, 3, … without gaps.
There is no order between subjects or topics.

**Ganda / duplicates.** Pengiriman sekurang-kurangnya sekali: peristiwa yang sama dapat datang lagi dengan `ce_id` yang sama. Abaikan
`ce_sequence` yang tidak lebih besar dari yang terakhir diterapkan untuk subjek itu, dan catat dalam transaksi yang sama dengan akibatnya.
/ Delivery is at least once: the same event may come again with the same `ce_id`. Skip a `ce_sequence` that is not greater than the last
one applied for that subject, and record it in the same transaction as the effect.

**Perubahan / evolution.** Abaikan nama dan `ce_type` yang tidak dikenal. Skema `v1` hanya dapat bertambah dengan nama opsional; perubahan lain menjadi `v2`.
Nilai `*_code` adalah teks terbuka: nilai baru dapat muncul.
/ Ignore names and types that you do not know. A `v1` schema only ever gains optional names; any other change is a `v2`.
Values of `*_code` are open text: new ones may appear.

**Nilai / values.** `*_idr` rupiah bulat; tanggal `YYYY-MM-DD` (WIB); waktu UTC; desimal berupa teks; kode wilayah Kemendagri. Tidak ada nama,
nomor dokumen, alamat, atau kontak orang: usaha dan permohonan hanya disebut dengan id acak.
/ `*_idr` whole rupiah; dates `YYYY-MM-DD` (WIB); instants in UTC; decimals as text; Kemendagri region codes. No names, document numbers,
addresses or contacts of people: enterprises and applications are random ids.

```python
$consumer```

```sh
kcat -b 127.0.0.1:9092 -t $example_topic -o beginning -e -f '%h\\n%s\\n'
```
""")

CONSUMER = """\
import asyncio, json
from aiokafka import AIOKafkaConsumer, TopicPartition


async def main(servers: str, apply, topic: str = "entaskan.mapping") -> None:
    options = {"group_id": "ext.my_institution.reader", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, bootstrap_servers=servers, **options) as consumer:
        async for record in consumer:
            event = {name: value.decode() for name, value in record.headers}
            if event["ce_type"] == "entaskan.mapping.LocationPrioritised.v1":
                await apply(event["ce_subject"], int(event["ce_sequence"]), json.loads(record.value))  # skips what it applied before
            await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1})
"""
"""Runs as it stands; the page shows it."""


def catalogue() -> str:
    """The page."""
    kinds = sorted(EVENT_TYPES.values(), key=lambda kind: (kind.topic, list(EVENT_TYPES).index(kind.wire_type)))
    topics = sorted({kind.topic for kind in kinds})
    head = _PAGE.substitute(
        count=len(kinds),
        topic_count=len(topics),
        topics="\n".join(_topic_row(topic, [kind for kind in kinds if kind.topic == topic]) for topic in topics),
        required=", ".join(f"`{name}`" for name in REQUIRED),
        consumer=CONSUMER,
        example_topic="entaskan.mapping",
    )
    return head + "".join(_section(topic, [kind for kind in kinds if kind.topic == topic]) for topic in topics)


def _topic_row(topic: str, kinds: list[EventType]) -> str:
    publishers = ", ".join(sorted({kind.publisher for kind in kinds}))
    names = ", ".join(f"[{kind.name}](#{kind.name.lower()})" for kind in kinds)
    return f"| `{topic}` | {publishers} | `ce_subject` (UUID) | {PARTITIONS} | selamanya / for ever | {names} |"


def _section(topic: str, kinds: list[EventType]) -> str:
    return f"\n## Topik / topic `{topic}`\n" + "".join(_event(kind) for kind in kinds)


def _event(kind: EventType) -> str:
    subject = subject_field(kind)
    key = f"`{subject}`" if subject else "id turunan, tidak ada di isi / a derived id that the value does not hold"
    sample = json.dumps(sample_of(kind)["value"], indent=2, ensure_ascii=False)
    english = inspect.cleandoc(kind.event_class.__doc__ or "")
    return (
        f"\n### {kind.name}\n\n{SENTENCES.get(kind.name, '')}\n\n{english}\n\n"
        f"`{kind.wire_type}` · sumber / source `{kind.source}` · kunci / key {key} · "
        f"[skema / schema]({kind.wire_type}.json) · [contoh / sample](samples/{kind.wire_type}.json)\n\n"
        "| Nama / name | Jenis / type | Wajib / required |\n| --- | --- | --- |\n"
        f"{_fields(schema_of(kind))}\n\n```json\n{sample}\n```\n"
    )


def _fields(schema: dict[str, Any]) -> str:
    required = set(schema.get("required", []))
    rows = ((name, _type(property), name in required) for name, property in schema["properties"].items())
    return "\n".join(f"| `{name}` | {type} | {'ya / yes' if needed else 'tidak / no'} |" for name, type, needed in rows)


def _type(property: dict[str, Any]) -> str:
    if "anyOf" in property:
        return " atau / or ".join(_unique(_type(each) for each in property["anyOf"]))
    if property.get("type") == "array":
        return f"{_type(property.get('items', {}))}[]"
    return str(property.get("format") or property.get("type") or property.get("$ref", "").rsplit("/", 1)[-1])


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
