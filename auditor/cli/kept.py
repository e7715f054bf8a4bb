"""What is done with an audit that is kept in a file: verified, asked, claimed, reviewed (formats.md §8)."""

import argparse
from decimal import Decimal
from pathlib import Path

from auditor.cli.console import Progress
from auditor.cli.console import real
from auditor.cli.targets import check_target
from auditor.core.problems import AuditorError
from auditor.core.problems import Place
from auditor.core.problems import Problem
from auditor.language import Language
from auditor.language import system_language
from auditor.verbs import Audit
from auditor.verbs.line_words import line_words
from auditor.verbs.line_words import names_of
from auditor.verbs.proof import verify as perform_again
from auditor.verbs.review_words import shown

DONE, DIFFERENT = 0, 1


def verify(parsed: argparse.Namespace) -> int:
    """Perform an audit again from its inputs; 1 if anything differs from what the file says of itself."""
    language = Language(system_language())
    with Progress(language.code) as progress:
        shown = perform_again(parsed.file, progress)
    for problem in shown.problems:
        print(language.problem(problem))
    for name, figure in shown.figures.items():
        print(f"{language.text(f'cli.figure.{name}')}: {language.money(Decimal(figure), shown.currency)}")
    counts = language.text("cli.verify.counts", entries=shown.entries, files=shown.files, digest=shown.digest)
    print(counts)
    print(language.text("cli.verify.differs" if shown.problems else "cli.verify.holds", count=len(shown.problems)))
    return DIFFERENT if shown.problems else DONE


def claim(parsed: argparse.Namespace) -> int:
    """Write the claim pack of an audit: letter, line list and masked evidence of what is disputed."""
    audit = Audit.open(parsed.file)
    language = Language(audit.account.language)
    try:
        with Progress(language.code) as progress:
            pack = audit.export_claim_pack(parsed.out, progress)
    finally:
        audit.close()
    print(language.text("cli.claim", lines=len(pack.keys), amount=language.money(pack.amount, pack.currency)))
    for file in pack.files:
        print("  " + language.text("cli.written", path=str(file.absolute())))
    return DONE


def why(parsed: argparse.Namespace) -> int:
    """Say the causes of an audit's difference in both languages, and write the messages behind them."""
    if parsed.out:
        check_target(parsed.out, {real(parsed.file): "target_is_source"}, folder=False)
        if parsed.out.suffix.lower() != ".csv":
            raise AuditorError("reasons_kind_unknown", Place(str(parsed.out)))
    audit = _asked(parsed.file)
    language = Language(audit.account.language)
    try:
        with Progress(language.code) as progress:
            reasons = audit.reasons(parsed.cause, parsed.line, progress, possible=parsed.possible)
            if parsed.line and audit.result and all(one.key != parsed.line for one in audit.result.differences):
                raise AuditorError("line_unknown", value=parsed.line)
            if parsed.out:
                audit.export_reasons(reasons, parsed.out, progress)
    finally:
        audit.close()
    for reason in reasons:
        print(reason.cause)
        for code, sentence in reason.sentences.items():
            print(f"  {code}: {sentence}")
    if not reasons:
        print(language.text("cli.no_reason"))
    if parsed.out:
        print("  " + language.text("cli.written", path=str(parsed.out.absolute())))
    return DONE


def review(parsed: argparse.Namespace) -> int:
    """Show what a reviewer typed into a workbook of the audit, and take it over if told to."""
    audit = Audit.open(parsed.file) if parsed.accept else _asked(parsed.file)
    language = Language(audit.account.language)
    try:
        with Progress(language.code) as progress:
            audit.recompute(progress)
            reviewed = audit.read_reviewed(parsed.workbook, progress)
        for problem in reviewed.problems:
            print(language.problem(Problem(problem.code, problem.place, problem.values)))
        names = names_of(audit.account)
        for one in reviewed.proposals:
            said = shown(one, language, audit.account, lambda key: line_words(key, language, names))
            now, proposed = (
                "; ".join(filter(None, side)) or "–" for side in ((said.now, said.note_now), (said.proposed, said.note))
            )
            place = f"{one.place.sheet}, {one.place.row}"
            told = language.text("cli.review.line", place=place, name=said.about, now=now, proposed=proposed)
            print(told + (f" ({language.text('cli.review.moved')})" if one.moved else ""))
        if parsed.accept:
            audit.take_review(reviewed, reviewed.proposals, parsed.who)
    finally:
        audit.close()
    key = "taken" if parsed.accept else "proposed"
    print(language.text(f"cli.review.{key}", count=len(reviewed.proposals)))
    return DONE


def _asked(file: Path) -> Audit:
    """Open an audit that is only asked: it may lie where nothing can be written, but for one of an earlier version."""
    try:
        return Audit.open(file, read_only=True)
    except AuditorError as error:
        if error.code != "audit_is_older":
            raise
    return Audit.open(file)
