"""Set everything up, then run the program or test it, on a machine that has only Python 3.11 or newer.

`python3 packaging/dev.py run`         do the main job on the sample audit and say where the workbook and charts are
`python3 packaging/dev.py run window`  open the window on the sample audit
`python3 packaging/dev.py run ARGS`    the same as `auditor ARGS`
`python3 packaging/dev.py test`        every check that CI makes
`python3 packaging/dev.py test ARGS`   pytest alone, with these arguments
`python3 packaging/dev.py bundle`      a frozen folder in dist/ that needs no Python; on Debian also a .deb

Exit status 3: the machine lacks something that could not be put there; the line to run is on stderr.
"""

# An older Python must get as far as the sentence in main(): nothing newer than its grammar may stand in this file.
import sys


def main() -> int:
    """Refuse an old Python with a sentence, else obey the command line."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who have less than we ask
        found = ".".join(str(part) for part in sys.version_info[:3])
        print("The auditor needs Python 3.11 or newer; this is Python " + found + ".", file=sys.stderr)
        return 3
    import dev_commands  # noqa: PLC0415 - its grammar is for Python 3.11

    return dev_commands.obey(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
