"""Named problems, each with a stable code and sentences in Indonesian and in English.

A subclass is the problem: `class AmountOutsideCeiling(Refused)`. Its sentences are templates over the facts given at raise
time; facts are codes, amounts and limits, never text that a caller sent. HTTP renders them (RFC 9457); nothing else knows how.
"""

from typing import ClassVar


class Problem(Exception):
    """What stands in the way of a request. `message` says what is wrong, `action` what to do, each as (Indonesian, English)."""

    status: ClassVar[int]
    code: ClassVar[str]
    message: ClassVar[tuple[str, str]]
    action: ClassVar[tuple[str, str]]

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence(english=True))

    def sentence(self, *, english: bool) -> str:
        """What is wrong."""
        return self.message[english].format(**self._readable())

    def advice(self, *, english: bool) -> str:
        """What to do about it."""
        return self.action[english].format(**self._readable())

    def _readable(self) -> dict[str, object]:
        return {name: (", ".join(map(str, fact)) or "-") if isinstance(fact, list) else fact for name, fact in self.facts.items()}


class NotFound(Problem):
    """Nothing by that id is visible to the caller: absent and out of scope look the same."""

    status = 404
    code = "not_found"
    message = ("Data tidak ditemukan atau di luar wilayah kewenangan Anda.", "Nothing by that id exists within your scope.")
    action = ("Periksa id dan kewenangan token Anda.", "Check the id and the scope of your token.")


class Conflict(Problem):
    """The state of things does not allow it now."""

    status = 409


class Refused(Problem):
    """A rule does not allow it."""

    status = 422


class Forbidden(Problem):
    """The caller's role does not allow it."""

    status = 403
    code = "forbidden"
    message = ("Peran Anda tidak berwenang untuk tindakan ini.", "Your role does not allow this action.")
    action = ("Gunakan token dengan peran: {allowed_roles}.", "Use a token with one of the roles: {allowed_roles}.")


class IllegalTransition(Conflict):
    """The aggregate is in a state from which this transition does not start."""

    code = "illegal_transition"
    message = ('Status saat ini "{state}"; tindakan ini tidak diperbolehkan.', 'The current state is "{state}"; this transition is not allowed.')
    action = ("Tindakan yang diperbolehkan: {allowed_transitions}.", "Allowed transitions: {allowed_transitions}.")


class StaleVersion(Conflict):
    """Somebody else changed the aggregate between our read and our write."""

    code = "concurrent_change"
    message = ("Data diubah pihak lain pada saat yang sama.", "Somebody else changed this at the same moment.")
    action = ("Baca ulang data lalu ulangi.", "Read it again and repeat.")


class SamePerson(Conflict):
    """Four eyes: whoever wrote it does not approve it."""

    code = "four_eyes"
    message = ("Penyusun tidak boleh menyetujui berkasnya sendiri.", "The author may not approve their own work.")
    action = ("Minta orang lain menyetujui.", "Ask another person to approve.")
