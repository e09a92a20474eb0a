"""A page as a program reads it: well nested, and what it says."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags with their attributes, well nested, and the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == [], f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.text).split())

    def accessible(self) -> None:
        """One heading of the page, captions, scopes, unique ids, labels that exist; no script, no inline style, no handler."""
        assert len(self.all("h1")) == 1
        assert len(self.all("caption")) == len(self.all("table"))
        assert all(th.get("scope") in ("col", "row") for th in self.all("th"))
        ids = [attributes["id"] for _, attributes in self.tags if attributes.get("id")]
        assert len(ids) == len(set(ids))
        for _, attributes in self.tags:
            assert (attributes.get("aria-labelledby") or ids[0]) in ids
            assert "style" not in attributes
            assert not any(name.startswith("on") for name in attributes)
        assert not self.all("script")
