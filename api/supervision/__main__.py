"""`python -m api.supervision --port 8090 --file supervision.db` serves the stand-in."""

from pathlib import Path

import click
from werkzeug.serving import make_server

from api.supervision.program import create_platform
from api.supervision.rows import Rows


@click.command()
@click.option("--port", type=int, default=0, help="0 chooses a free one.")
@click.option("--file", "path", type=click.Path(path_type=Path), required=True)
def main(port: int, path: Path) -> None:
    """Serve until stopped; the first line on the terminal is the address."""
    server = make_server("127.0.0.1", port, create_platform(Rows(path)), threaded=True)
    click.echo(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
