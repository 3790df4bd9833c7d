"""models pull, convert, ls, rm and verify: weights of generative models, fetched once and kept in a shared cache."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kamishibai.cli import options
from kamishibai.cli.options import flag, option

if TYPE_CHECKING:
    from kamishibai.weights.offers import Offer
    from kamishibai.weights.soundness import Finding

__all__ = ["convert", "ls", "pull", "rm", "verify"]

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A preset, a repo of the hub as OWNER/NAME, one file of it as OWNER/NAME:FILE, or a model's id.",
        show_default=False,
    ),
]
MaybeName = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME",
        help="A preset, a repo or an id as for pull; all that is here when it is left out.",
        show_default=False,
    ),
]
Yes = Annotated[bool, flag("--yes", "-y", help="Do not ask.")]


def pull(
    name: Name,
    revision: Annotated[
        str | None,
        option(
            "--revision", metavar="R", help="A branch, a tag or a commit. Default: the preset's, else main."
        ),
    ] = None,
    with_identity: Annotated[
        bool, flag("--with-identity", help="Fetch the IP-Adapter too, which holds faces from scene to scene.")
    ] = False,
    convert: Annotated[
        bool,
        flag(
            "--convert",
            help="Where a repo holds pickles alone, fetch them and convert them to safetensors once, in a process that "
            "runs none of their code.",
        ),
    ] = False,
    keep_pickle: Annotated[
        bool, flag("--keep-pickle", help="Leave a converted pickle in the hub's cache, for other programs.")
    ] = False,
    commercial_safe: Annotated[
        bool | None, flag("--commercial-safe", help="Refuse weights whose licence forbids commercial use.")
    ] = None,
    offline: Annotated[bool | None, flag("--offline", help="Refuse to touch the network.")] = None,
    yes: Yes = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Fetch weights: shows size, licence and memory first, goes on where it was cut, checks every file.

    [dim]Examples:[/]  kamishibai models pull sdxl      kamishibai models pull motion:svd --yes
          kamishibai models pull bark --convert
    """
    from kamishibai.catalogue import allowed_instead, pull_name
    from kamishibai.cli.bringing import Bringing
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.weights_shown import id_of, offer_facts, show_offer, show_pulled
    from kamishibai.settings import read_settings
    from kamishibai.steps.terms import Bound, refuse_bound, what_binds
    from kamishibai.weights.offers import offer

    settings = read_settings(Path.cwd(), {"offline": offline, "commercial_safe": commercial_safe})
    wanted, kind = pull_name(name)
    view = view_for(json=json, quiet=quiet)
    offered = run(
        lambda listen, stop: offer(
            wanted, kind, revision=revision, with_identity=with_identity, offline=settings.offline
        ),
        view_for(json=False, quiet=True),
    )
    bound = what_binds([part.licence for part in offered.parts])
    if settings.commercial_safe and bound is not None:
        instead = allowed_instead(offered.kind) if offered.kind else ()
        refuse_bound([Bound(id=id_of(offered), licence=bound, instead=instead)])
    if offered.missing or offered.to_convert:
        if not (json or quiet):
            show_offer(offered, screen())
        command = f"kamishibai models pull {name}" + (f" --revision {revision}" if revision else "")
        _agree(offered, command, yes=yes, convert=convert)
    bring = Bringing(offered, convert=bool(offered.to_convert), keep_pickle=keep_pickle)
    path = run(lambda listen, stop: bring.now(listen, stop), view)
    if isinstance(view, JsonLines):
        view.result({**offer_facts(offered), "path": str(path)})
    elif quiet:
        screen().print(str(path), soft_wrap=True)
    else:
        show_pulled(offered, path, screen())


def convert(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="A model of transformers with pytorch_model.bin.", show_default=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The new folder; it must not be there yet.", show_default=False),
    ],
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Convert a folder's pickled weights to safetensors, in a process that runs none of their code.

    [dim]Example:[/]  kamishibai models convert ~/models/my-bark ~/models/my-bark-safe
    """
    from kamishibai.cli.bringing import reporter
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.pretrained.converting import convert as to_safetensors

    view = view_for(json=json, quiet=quiet)
    path = run(lambda listen, stop: to_safetensors(folder, out, reporter("convert", listen, stop)), view)
    if isinstance(view, JsonLines):
        view.result({"path": str(path)})
    else:
        screen().print(str(path), soft_wrap=True)


def ls(json: options.OneJson = False, debug: options.Debug = False) -> None:
    """List the weights on this machine: size, licence, when they were last used and which presets they serve.

    [dim]Example:[/]  kamishibai models ls
    """
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.cli.weights_shown import show_shelf
    from kamishibai.weights.shelf import shelf

    found = shelf()
    if json:
        write_line(found.model_dump(mode="json"))
    else:
        show_shelf(found, screen())


def rm(
    name: Name,
    yes: Yes = False,
    json: options.OneJson = False,
    debug: options.Debug = False,
) -> None:
    """Remove weights from this machine, for every program that shares the cache. Asks first.

    [dim]Example:[/]  kamishibai models rm sdxl
    """
    from kamishibai.catalogue import pull_name
    from kamishibai.cli.console import clean, screen
    from kamishibai.cli.json_lines import write_line
    from kamishibai.cli.weights_shown import megabytes
    from kamishibai.errors import UsageError
    from kamishibai.weights.lock import folders_that_pin
    from kamishibai.weights.shelf import removal, remove

    planned = removal(pull_name(name)[0])
    commits = sorted({*planned.commits, *planned.converted})
    pinned = folders_that_pin(planned.repo, commits, Path.cwd())
    if pinned and not yes:
        raise UsageError(
            f"{planned.repo} is what a film here was made with",
            where=", ".join(str(folder) for folder in pinned),
            kept="the weights and the film",
            hint=f"`kamishibai models rm {name} --yes` removes it all the same; the film itself stays",
        )
    many = f" ({len(commits)} revisions)" if len(commits) > 1 else ""
    everybody = " for every program on this machine" if planned.commits or not planned.converted else ""
    _ask(
        f"Remove {planned.repo}{many}{everybody} and free {megabytes(planned.bytes)}?",
        yes,
        f"kamishibai models rm {name}",
    )
    remove(planned)
    if json:
        write_line({"removed": planned.model_dump(mode="json")})
    else:
        screen().print(clean(f"Removed {planned.repo}: {megabytes(planned.bytes)} are free again."))


def verify(
    name: MaybeName = None,
    repair: Annotated[bool, flag("--repair", help="Fetch what is damaged again.")] = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Read all weights and compare them with the hashes they had on the hub. Ends with 74 when some are damaged.

    [dim]Example:[/]  kamishibai models verify sdxl --repair
    """
    from kamishibai.catalogue import pull_name
    from kamishibai.cli.bringing import reporter
    from kamishibai.cli.console import screen
    from kamishibai.cli.json_lines import JsonLines
    from kamishibai.cli.run import run, view_for
    from kamishibai.cli.weights_shown import show_findings
    from kamishibai.errors import DamagedError
    from kamishibai.settings import read_settings
    from kamishibai.weights import soundness

    settings = read_settings(Path.cwd())
    wanted = None if name is None else pull_name(name)[0]
    view = view_for(json=json, quiet=quiet)
    found = run(lambda listen, stop: soundness.verify(wanted, reporter("verify", listen, stop)), view)
    broken = [one for one in found if one.state in ("damaged", "gone")]
    mended: list[Finding] = []
    if broken and repair:
        mended = run(
            lambda listen, stop: soundness.repair(
                broken, reporter("pull", listen, stop), offline=settings.offline
            ),
            view_for(json=json, quiet=quiet),
        )
    if not isinstance(view, JsonLines):
        show_findings(found, mended, screen(), quiet)
    if broken and not mended:
        raise DamagedError(
            f"{len(broken)} of {len(found)} files are damaged: "
            + ", ".join(f"{one.repo} {one.file}" for one in broken),
            where=str(broken[0].path),
            kept="the others",
            hint=f"kamishibai models verify{f' {name}' if name else ''} --repair",
        )
    if isinstance(view, JsonLines):
        view.result(
            {
                "files": len(found),
                "bytes": sum(one.size for one in found),
                "findings": [one.model_dump(mode="json") for one in found if one.state != "sound"],
                "mended": [one.file for one in mended],
            }
        )


# ------------------------------------------------------------------------------------------ asking
def _agree(offered: Offer, command: str, *, yes: bool, convert: bool) -> None:
    """Go on when the user agrees to the download, and to reading a pickle by that name. Raises as `_ask`."""
    from kamishibai.cli.weights_shown import megabytes
    from kamishibai.errors import UsageError

    question = f"Download {megabytes(offered.missing)}"
    if not offered.to_convert:
        _ask(f"{question}?", yes, command)
        return
    if yes and not convert:
        raise UsageError(
            "its weights are a pickle, and --yes agrees to a download alone",
            where=offered.to_convert[0].repo,
            kept="everything, as it is",
            hint=f"{command} --convert --yes",
        )
    _ask(f"{question} and convert the pickle?", yes, f"{command} --convert")


def _ask(question: str, yes: bool, command: str) -> None:
    """Go on when the user agrees. Raises Cancelled when not, UsageError when there is nobody to ask."""
    from kamishibai.errors import Cancelled, UsageError

    if yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            f"{question} There is nobody here to ask.",
            kept="everything, as it is",
            hint=f"{command} --yes",
        )
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Cancelled("nothing was done", kept="everything, as it is")
