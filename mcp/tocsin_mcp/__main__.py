"""`python -m tocsin_mcp`: serve all servers in one process with prefixed tool names, or one alone without.

One process, because each costs a second of CPU and eighty megabytes before its first answer.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import socket
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tocsin_mcp.kit.environment import Environment

if TYPE_CHECKING:
    from fastmcp import FastMCP

SERVERS = ("cloudwatch", "github", "kubernetes", "prometheus", "runbooks", "slack")

_OPTIONAL = {
    "cloudwatch": ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"),
    "prometheus": ("PROMETHEUS_URL",),
    "runbooks": ("TOCSIN_RUNBOOKS", "TOCSIN_RUNBOOKS_REPOSITORY"),
}
"""Served unnamed only when one of these settings is there."""
_SETTINGS = """\
settings (environment variables):
  kubernetes  KUBECONFIG (or in-cluster), TOCSIN_KUBE_CONTEXT, TOCSIN_NAMESPACE,
              TOCSIN_KUBE_CONTEXTS (further contexts, comma separated, that a client's _meta may choose)
  github      TOCSIN_GITHUB_REPOSITORY (owner/name, comma separated), GITHUB_API_URL, and GITHUB_TOKEN or an App:
              GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY_FILE or GITHUB_APP_PRIVATE_KEY, GITHUB_APP_INSTALLATION_ID;
              TOCSIN_GIT_CHECKOUT (owner/name=/folder, comma separated)
  slack       SLACK_BOT_TOKEN, SLACK_API_URL
  prometheus  PROMETHEUS_URL, PROMETHEUS_TOKEN or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, PROMETHEUS_ORG_ID
  cloudwatch  AWS_REGION, and credentials the usual way: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,
              AWS_PROFILE, or a role; AWS_ENDPOINT_URL
  runbooks    TOCSIN_RUNBOOKS (a folder of Markdown files), TOCSIN_RUNBOOKS_REPOSITORY (owner/name[/folder][@branch], read
              with the settings of github)
  all         TOCSIN_NOW (RFC 3339): the present of a recorded incident

A named server whose settings are missing still starts; its tools answer with the name of the missing setting. With
no name, prometheus, cloudwatch and runbooks are served only when one of their own settings is there.
CloudWatch needs the extra `tocsin[aws]`, plots of Prometheus need `tocsin[plots]`.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the client closes the pipe (stdio) or the process gets SIGTERM or SIGINT (HTTP)."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    server = assemble(options.servers)
    try:
        if options.transport == "stdio":
            server.run("stdio", show_banner=False, log_level="WARNING")
        else:
            _serve_http(server, options.host, options.port)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        sys.stderr.write(f"tocsin_mcp: cannot serve on {options.host}:{options.port}: {error}\n")
        return 1
    return 0


def _serve_http(server: FastMCP[Any], host: str, port: int) -> None:
    """Raises OSError when the address cannot be bound."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        port = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        sys.stderr.write(f"tocsin_mcp: serving http://{shown}:{port}/mcp\n")
        server.run(
            "http",
            show_banner=False,
            log_level="WARNING",
            host=host,
            port=port,
            sockets=[listening],
            # Any replica may answer, and a restart between two calls goes unnoticed.
            stateless_http=True,
            json_response=True,
        )


def assemble(names: Sequence[str]) -> FastMCP[Any]:
    """The named servers as one: a single one as it is, several (or none named: the usual ones) with prefixed names."""
    chosen = sorted(set(names)) or usual(Environment.of_process())
    built = {name: _build(name) for name in chosen}
    if len(built) == 1:
        return built[chosen[0]]
    compose = importlib.import_module("tocsin_mcp.kit.server")
    together: FastMCP[Any] = compose.new_server(
        "tocsin", "Read-only tools to find out why something broke."
    )
    for name, server in built.items():
        together.mount(server, namespace=name)
    return together


def usual(environment: Environment) -> list[str]:
    """The servers to serve when none is named: definitions cost the prompt, so the optional ones need a setting."""
    return [
        name
        for name in SERVERS
        if name not in _OPTIONAL or any(environment.get(setting) for setting in _OPTIONAL[name])
    ]


def _build(name: str) -> FastMCP[Any]:
    # By name, so that one server alone does not pay for the imports of the others.
    server: FastMCP[Any] = importlib.import_module(f"tocsin_mcp.{name}.server").build()
    return server


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tocsin_mcp",
        description="Serve Tocsin's read-only MCP servers.",
        epilog=_SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "servers",
        nargs="*",
        type=_server,
        metavar="server",
        help=f"one of {', '.join(SERVERS)}; all that are configured (tool names prefixed) when none is given",
    )
    parser.add_argument("--transport", choices=("stdio", "http"), default="stdio")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="for http (default: %(default)s); there is no authentication, so let no stranger reach it",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=8765,
        help="for http, 0 takes a free one (default: %(default)s)",
    )
    return parser


def _server(text: str) -> str:
    if text not in SERVERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(SERVERS)}")
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
