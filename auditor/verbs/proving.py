"""What an answer rests on, and whether it still is what it was: the ground of sign-offs and of `auditor verify`."""

from collections.abc import Mapping
from pathlib import Path

from auditor import __version__
from auditor.core.problems import Progress
from auditor.project.chain import canonical
from auditor.project.chain import digest_of
from auditor.project.plain import from_plain
from auditor.project.plain import to_plain
from auditor.readers.recognise import CARD
from auditor.readers.recognise import FX
from auditor.readers.recognise import LOG
from auditor.readers.rulebook import rules_digest
from auditor.readers.tables.layouts import ReadOptions
from auditor.verbs.intake import Facts
from auditor.verbs.intake import Intake
from auditor.verbs.intake import kept_facts
from auditor.verbs.ledger import Ledger
from auditor.verbs.outcome import Outcome

Manifest = Mapping[str, Mapping[str, str]]
"""What an answer rests on: by kind (`account`, `file`, `rate`, `match`, `decision` ...), a digest by name."""


class Proving(Ledger):
    """The queries that compare an answer with what it was made from; part of `Audit`."""

    def _manifest(self) -> Manifest:
        """Give what the answer rests on, for sign-offs and for the digest of the state."""
        seals = self.store.seals()
        return {
            "account": {"": seals[self._state.account]},
            "file": {f"{number} {self._report(number).file}": seals[number] for number in self._state.files},
            "rate": {str(number): canonical(dict(facts)) for number, facts in self._state.rates.items()},
            "match": {f"{file}, {line}": key for (file, line), key in self._state.matches.items()},
            "attachment": {key: canonical([seals[n] for n in some]) for key, some in self._state.attached.items()},
            "lead_note": dict(self.lead_notes),
            "decision": {key: canonical(to_plain(one)) for key, one in self.decisions.items()},
            "condition": {"|".join(key): canonical(dict(facts)) for key, facts in self._state.conditions.items()},
            "rules": {"": rules_digest()},
        }

    def _digest_of_inputs(self) -> str:
        """Give the digest of the inputs in force; decisions change nothing in the answer, rules are kept with it."""
        beside = {"decision", "lead_note", "attachment", "condition", "rules"}
        return digest_of(canonical({kind: names for kind, names in self._manifest().items() if kind not in beside}))

    @property
    def state_digest(self) -> str:
        """Give the digest of all that the audit rests on, decisions included: what a signature stands for."""
        return digest_of(canonical(self._manifest()))

    @property
    def figures_digest(self) -> str:
        """Give the digest of all that the figures come from: the inputs in force, the rules and the program."""
        return digest_of(self._digest_of_inputs(), rules_digest(), __version__)

    def kept_outcome(self) -> Outcome | None:
        """Give what came out of these very inputs when they were last computed; None: they never were."""
        return self.store.result_of(self._digest_of_inputs())

    def kept_whole(self) -> list[tuple[int, str]]:
        """Give number and name of every file in force whose content is kept, the account file apart."""
        files = [(number, self._report(number)) for number in self._state.files]
        return [(number, report.file) for number, report in files if report.kind != LOG]

    def reread(self, number: int, folder: Path, progress: Progress) -> tuple[Facts, Facts]:
        """Read a kept file once more, in a folder of the caller's, and give what was read from it then and now."""
        facts, options = kept_facts(self.store, number), self._stated(number)
        path = self._laid_out(number, folder)
        kind = self._report(number).kind
        read = Intake(self.store, self.account, (), progress).read(path, kind, options)
        decided = facts["report"].get("decisions", ())
        coded = not any(isinstance(said, str) for said in decided) and bool(decided or kind not in {CARD, FX})
        if "options" in read.facts:  # an earlier version kept none where nothing was stated
            facts["options"] = to_plain(options)
        return _alone(facts, coded=coded), _alone(read.facts, coded=coded)

    def _laid_out(self, number: int, folder: Path) -> Path:
        """Write a kept file into a folder, to be read, and give it."""
        path = folder / str(number) / Path(self._report(number).file).name  # an audit of others may name any place
        path.parent.mkdir()
        path.write_bytes(self.store.content_of(number))
        return path

    def _stated(self, number: int) -> ReadOptions:
        """Give what was stated of a file when it was read."""
        return from_plain(ReadOptions, self.store.facts_of(number).get("options", {}))


def _alone(facts: Facts, *, coded: bool) -> Facts:
    """Give what was read from a file, without the warnings: some say what it had in common with others at the time.

    Decisions go along where they are `coded`: an earlier version kept sentences, which may be worded otherwise today,
    and none of tables of rates.
    Stretches are of folders, of which none is kept whole; an earlier version knew none.
    """
    apart = {"warnings", "stretches"} if coded else {"warnings", "stretches", "decisions"}
    return {**facts, "report": {name: value for name, value in facts["report"].items() if name not in apart}}
